/** A disk in memory: transactions are applied as a whole, a flipped bit is found by its checksum, as in the real storage. */

import { present } from "../assert.ts";
import type { GroupWrite, Row } from "../storage/storage.ts";
import { Disk } from "./disk.ts";
import type { FoundOnDisk, NodeDisk, SnapshotOnDisk, WriteFate } from "./node-disk.ts";
import type { PlantedBug } from "./planted-bug.ts";

export class MemoryDisk implements NodeDisk {
  #disk = new Disk();
  readonly #planted: PlantedBug | null;
  /** What a checksum would tell. */
  #damage: string | null = null;
  /** A planted bug: transactions that were acknowledged and are not on the platter. */
  #unsynced: GroupWrite[] = [];

  constructor(planted: PlantedBug | null) {
    this.#planted = planted;
  }

  get writes(): number {
    return this.#disk.writes + this.#unsynced.length;
  }

  load(then: (found: FoundOnDisk) => void): void {
    if (this.#damage !== null && this.#planted?.trustsDamage !== true) return then({ kind: "damaged", what: this.#damage });
    then({ kind: "found", stored: this.#disk.load() });
  }

  commit(write: GroupWrite, then: () => void): void {
    if (this.#planted?.unsyncedWrites === undefined) this.#commit(write);
    else {
      this.#unsynced.push(write);
      while (this.#unsynced.length > this.#planted.unsyncedWrites) this.#commit(present(this.#unsynced.shift(), "the oldest write"));
    }
    then();
  }

  /** Writes behind one that was lost do not fit; the chain of checksums tells it at the next start. */
  #commit(write: GroupWrite): void {
    if (this.#damage !== null) return;
    this.#disk.commit(write);
  }

  crash(write: GroupWrite | null, fate: WriteFate): void {
    this.#loseUnsynced(fate);
    if (write !== null) this.#endWrite(write, fate);
    this.#disk.forgetStaged();
  }

  #loseUnsynced(fate: WriteFate): void {
    const kept = fate === "kept" ? this.#unsynced.length : fate === "torn" ? Math.floor(this.#unsynced.length / 2) : 0;
    for (const write of this.#unsynced.slice(0, kept)) this.#commit(write);
    this.#unsynced = [];
  }

  /** All or nothing, unless a planted bug makes several transactions of one write. */
  #endWrite(write: GroupWrite, fate: WriteFate): void {
    if (fate === "kept") this.#commit(write);
    else if (fate === "torn") for (const part of this.#planted?.transactions?.(write).slice(0, 1) ?? []) this.#commit(part);
  }

  fail(write: GroupWrite, fate: WriteFate): void {
    this.#endWrite(write, fate);
    if (this.#planted?.ignoresDiskErrors !== true || fate === "kept") return;
    if ((write.entries?.length ?? 0) > 0 || write.replace === true) this.#damage = "an entry of the log does not follow the one before it";
  }

  readSnapshot(then: (snapshot: SnapshotOnDisk | undefined) => void): void {
    for (const write of this.#unsynced.splice(0)) this.#commit(write);
    const damaged = this.#damage !== null && this.#planted?.trustsDamage !== true;
    then(damaged ? undefined : this.#disk.snapshot());
  }

  stage(token: string, rows: readonly Row[], then: () => void): void {
    this.#disk.stage(token, rows);
    then();
  }

  flipBit(lot: number): void {
    this.#damage = this.#disk.flipBit(lot) ?? this.#damage;
  }

  wipe(): void {
    this.#disk = new Disk();
    this.#damage = null;
  }
}
