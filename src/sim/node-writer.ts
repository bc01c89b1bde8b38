/** The writes of one simulated node: one under way at a time, on a disk that is slow, full, fails, or loses its power. */

import { applyPatienceMs, type TakenWrite } from "../replica/pending-write.ts";
import type { WriteFate } from "./node-disk.ts";
import type { SimulatedNode } from "./node.ts";

/** What is wrong with a disk: its next writes end in an error. `skip`: so many go well before. */
export type DiskTrouble = { readonly kind: "fsync-error"; skip: number; readonly fate: WriteFate } | { readonly kind: "full" };

export class NodeWriter {
  readonly #node: SimulatedNode;
  #taken: TakenWrite | null = null;
  #sinceMs = 0;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  /** A node whose disk hangs stays silent: heartbeats must depend on the disk's progress. */
  get isStalled(): boolean {
    const { clock, world } = this.#node;
    return this.#taken !== null && clock.localMs() - this.#sinceMs > world.diskStallMs;
  }

  /** Starts a write if there is something to write and the disk is free; else, or when that takes long, applies what is committed. */
  pump(): void {
    this.#start();
    const isBusy = this.#taken !== null && this.#node.clock.localMs() - this.#sinceMs < applyPatienceMs;
    if (!isBusy) this.#node.applyCommitted();
  }

  #start(): void {
    const node = this.#node;
    const { replica, world } = node;
    if (this.#taken !== null || replica === null) return;
    const due = replica.takeWrite(node.clock.localMs());
    if (due === undefined) return;
    node.flush();
    const taken = world.planted?.write?.(due) ?? due;
    this.#taken = taken;
    this.#sinceMs = node.clock.localMs();
    const { minWriteMs, maxWriteMs, stallChance, stallMs } = world.disk;
    const stall = node.chance.happens(stallChance) ? node.chance.between(0, stallMs) : 0;
    node.later(node.chance.between(minWriteMs, maxWriteMs) + stall, () => this.#end(taken));
    node.onWrite?.();
  }

  #end(taken: TakenWrite): void {
    const node = this.#node;
    const fate = this.#failure();
    if (fate === null) {
      return node.disk.commit(taken.write, () => node.enter(() => this.#written(taken)));
    }
    node.world.stats.diskErrors += 1;
    node.disk.fail(taken.write, fate);
    if (node.world.planted?.ignoresDiskErrors) return this.#written(taken);
    this.#taken = null;
    node.failed();
  }

  /** What became of the write that ends in an error now; null when it ends well. */
  #failure(): WriteFate | null {
    const { trouble } = this.#node;
    if (trouble === null) return null;
    if (trouble.kind === "full") return "lost";
    trouble.skip -= 1;
    if (trouble.skip >= 0) return null;
    this.#node.trouble = null;
    return trouble.fate;
  }

  #written(taken: TakenWrite): void {
    const node = this.#node;
    this.#taken = null;
    node.at("written");
    if (taken.sequence !== null) node.take({ kind: "persisted", sequence: taken.sequence });
    if (taken.rowsIndex !== null) node.take({ kind: "rows-durable", index: taken.rowsIndex });
    this.pump();
  }

  /** The process is gone. Of the write under way all, nothing or a part is on disk. */
  crash(fate: WriteFate): void {
    const taken = this.#taken;
    this.#taken = null;
    this.#node.disk.crash(taken?.write ?? null, fate);
  }
}
