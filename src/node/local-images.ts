/**
 * Images on this node: what its VMs boot is here and whole before they boot. What is missing, or was damaged, comes from
 * a node that holds it; what the catalogue names no more goes.
 */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import { builtInImage, imageParts, type ImageBlob, type ImageRecord } from "../machine/image-record.ts";
import { getImage, listImages } from "../machine/query.ts";
import type { NodeId, VmSpec } from "../machine/records.ts";
import type { MachineState } from "../machine/state.ts";
import type { GuestImage } from "../vm/guest-image.ts";
import type { BlobState, ImageStore } from "../vm/image-store.ts";
import { dial } from "./concrete.ts";
import type { Log } from "./log.ts";
import type { Requests } from "./requests.ts";
import { withPatience } from "./patience.ts";

export interface LocalImageOptions {
  readonly self: NodeId;
  readonly store: ImageStore;
  readonly machine: () => MachineState;
  readonly requests: Requests;
  readonly addressOf: (node: NodeId) => string | null;
  readonly log: Log;
}

/** How far the content of an image is here. */
export interface ImageProgress {
  /** `kernel`, `initrd`, `disk`. */
  readonly part: string;
  /** Where it comes from. */
  readonly from: NodeId;
  readonly bytes: number;
  readonly total: number;
}

interface Ensuring {
  readonly signal: AbortSignal;
  /** Read the disk too; otherwise it is read when it is copied for a VM. */
  readonly thorough: boolean;
  readonly onProgress: (progress: ImageProgress) => void;
}

const reportMs = 10_000;
const dialMs = 5_000;
/** A node that sends nothing for so long is given up, and another is asked. */
const silenceMs = 15_000;
/** What was touched a moment ago may be named by the catalogue soon. */
const graceMs = 3_600_000;
const tidyEveryMs = 2_000;

export class LocalImages {
  readonly #options: LocalImageOptions;
  readonly #client = randomUUID();
  #sequence = 0;
  /** Digests of what the catalogue named at the last look, with their files. */
  #named = new Map<string, readonly string[]>();
  readonly #touched = new Map<string, number>();
  #sweptMs = -Infinity;
  #tidying = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LocalImageOptions) {
    this.#options = options;
  }

  get store(): ImageStore {
    return this.#options.store;
  }

  /** Goes on until `stop`; nothing is deleted before this node has all that was committed when it came up. */
  start(): void {
    const { log } = this.#options;
    this.#timer = setInterval(() => {
      if (this.#tidying) return;
      this.#tidying = true;
      this.#tidy()
        .catch((error: unknown) => log.warn("images could not be tidied", { error: String(error) }))
        .finally(() => (this.#tidying = false));
    }, tidyEveryMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Somebody is about to import it: it is kept although the catalogue does not name it yet. */
  touch(sha256: string): void {
    this.#touched.set(sha256, performance.now());
  }

  /** What a VM was made from, if that is in the catalogue; null for what the driver knows by itself. */
  recordOf(spec: VmSpec): ImageRecord | null {
    if (spec.driver !== "qemu" || spec.image === builtInImage) return null;
    const image = getImage(this.#options.machine(), spec.image);
    if (image !== undefined && image.digest === (spec.imageDigest ?? image.digest)) return image;
    const digest = spec.imageDigest === undefined ? "" : ` (sha256:${spec.imageDigest})`;
    const message = `VM ${spec.name}: its image ${spec.image}${digest} was removed from the catalogue`;
    throw new UserError("NOT_FOUND", message, { node: this.#options.self, next: "Import it again under the same name." });
  }

  /** The files that a VM boots from, for its driver; null: the driver knows. */
  guestImage(spec: VmSpec): GuestImage | null {
    const image = this.recordOf(spec);
    if (image === null) return null;
    const { kernel, initrd, disk, cmdline, memoryMib = 1, ready } = image.manifest;
    return {
      kernel: this.store.pathOf(kernel.sha256),
      initrd: this.store.pathOf(initrd.sha256),
      leastMemoryMib: memoryMib,
      ...(disk === undefined ? {} : { disk: { path: this.store.pathOf(disk.sha256), sha256: disk.sha256 } }),
      ...(cmdline === undefined ? {} : { words: cmdline.split(" ") }),
      ...(ready === undefined ? {} : { ready }),
    };
  }

  /** Resolves when all of the image is here and whole. Throws `UserError` that says which part is not, and why. */
  async ensure(image: ImageRecord, ensuring: Ensuring): Promise<void> {
    try {
      for (const part of imageParts) {
        const blob = image.manifest[part];
        if (blob !== undefined) await this.#ensurePart(image, part, blob, ensuring);
      }
    } catch (error) {
      if (!ensuring.signal.aborted) await this.#tell(image, false);
      throw error;
    }
    await this.#tell(image, true);
  }

  async #ensurePart(image: ImageRecord, part: string, blob: ImageBlob, ensuring: Ensuring): Promise<void> {
    const { self, log } = this.#options;
    const isRead = part !== "disk" || ensuring.thorough;
    const state: BlobState = isRead ? await this.store.look(blob, ensuring.signal) : (await this.store.has(blob)) ? "whole" : "absent";
    if (state === "whole") return;
    if (state === "damaged") log.error("a file of an image is damaged", { image: image.name, part, sha256: blob.sha256 });
    const failures: string[] = [];
    for (const node of image.holders.filter((holder) => holder !== self)) {
      try {
        const told = (bytes: number): void => ensuring.onProgress({ part, from: node, bytes, total: blob.bytes });
        await this.store.fetch(blob, (offset) => this.#ask(node, blob, offset, ensuring.signal), told, state === "damaged");
        return log.info("a file of an image came", { image: image.name, part, sha256: blob.sha256, from: node, bytes: blob.bytes });
      } catch (error) {
        if (!(error instanceof UserError) || error.code === "DISK_FULL" || ensuring.signal.aborted) throw error;
        failures.push(`${node}: ${error.message}`);
      }
    }
    const others = failures.length === 0 ? "no other node holds it" : failures.join("; ");
    const message = `the ${part} of the image ${image.name} (sha256:${blob.sha256}) is ${state} on this node, and ${others}`;
    throw new UserError(state === "damaged" ? "IMAGE_DAMAGED" : "NOT_FOUND", message, { node: self, next: `Import ${image.name} again, or bring a node back that holds it: \`blixard image inspect ${image.name}\`.` });
  }

  async *#ask(node: NodeId, { sha256 }: ImageBlob, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const address = this.#options.addressOf(node);
    if (address === null) throw new UserError("UNREACHABLE", "it is no member any more");
    const connection = dial(address, dialMs);
    try {
      for await (const { data } of withPatience(connection.image.fetch({ sha256, offset }), silenceMs, signal)) yield data;
    } finally {
      connection.close();
    }
  }

  /** The catalogue shall know whether this node holds the image. That it cannot be told now is no failure of anybody. */
  async #tell({ name, digest }: ImageRecord, held: boolean): Promise<void> {
    const { self, machine, requests, log } = this.#options;
    const now = getImage(machine(), name);
    if (now?.digest !== digest || now.holders.includes(self) === held) return;
    const command: Command = { kind: "image-hold", name, digest, node: self, held };
    const sequence = ++this.#sequence;
    await requests.submit({ client: this.#client, sequence, acknowledged: sequence, command }, reportMs).catch((error: unknown) => {
      log.warn("the catalogue of images could not be told what this node holds", { image: name, error: String(error) });
    });
  }

  /** Deletes the files of images that were removed at once, what nobody ever named after an hour. */
  async #tidy(): Promise<void> {
    const named = this.#filesByDigest();
    const removed = [...this.#named].filter(([digest]) => !named.has(digest)).flatMap(([, files]) => files);
    this.#named = named;
    const nowMs = performance.now();
    for (const [sha256, touchedMs] of this.#touched) if (nowMs - touchedMs > graceMs) this.#touched.delete(sha256);
    for (const sha256 of removed) await this.#removeUnnamed(sha256);
    if (nowMs - this.#sweptMs > graceMs) await this.#sweep(nowMs);
  }

  /** Rows that are behind may not name yet what is here: only who has all that was committed may judge. */
  async #sweep(nowMs: number): Promise<void> {
    const files = await this.store.list();
    const isCurrent = files.length === 0 || (await this.#options.requests.linearize(reportMs).then(() => true, () => false));
    if (!isCurrent) return;
    this.#sweptMs = nowMs;
    for (const { sha256, changedMs } of files) if (Date.now() - changedMs > graceMs) await this.#removeUnnamed(sha256);
  }

  #filesByDigest(): Map<string, readonly string[]> {
    const images = listImages(this.#options.machine());
    return new Map(images.map(({ digest, manifest }) => [digest, imageParts.flatMap((part) => manifest[part]?.sha256 ?? [])]));
  }

  async #removeUnnamed(sha256: string): Promise<void> {
    const isNamed = [...this.#filesByDigest().values()].some((files) => files.includes(sha256));
    if (isNamed || this.#touched.has(sha256)) return;
    await this.store.remove(sha256);
    this.#options.log.info("a file that no image names was deleted", { sha256 });
  }
}
