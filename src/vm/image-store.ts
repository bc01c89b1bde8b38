/**
 * The content of images on this node. A file is named by its SHA-256, written under another name, and given its own
 * only when all of it has come, its hash is right and it is on disk: what has the name is whole.
 *
 *     blobs/SHA256          whole files (0600)
 *     partial/SHA256        what has come so far of others; goes on where it broke off
 */

import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

import { UserError } from "../errors.ts";
import type { ImageBlob } from "../machine/image-record.ts";

/** Bytes of one piece, on disk and on the wire: what a transfer holds in memory at most, times few. */
export const pieceBytes = 256 * 1024;
/** A disk that images fill to the last byte has no room left for the log. */
const sparedBytes = 64 * 1024 * 1024;

/** What was found of a file: whole, not there, or with other content than its name says. */
export type BlobState = "whole" | "absent" | "damaged";

export class ImageStore {
  readonly #directory: string;
  /** The last work on each file: two writers of one never meet. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where the file is, if it is there. */
  pathOf(sha256: string): string {
    return join(this.#directory, "blobs", named(sha256));
  }

  /** Reads all of it. */
  async look({ sha256, bytes }: ImageBlob, signal?: AbortSignal): Promise<BlobState> {
    const size = await sizeOf(this.pathOf(sha256));
    if (size === null) return "absent";
    return size === bytes && (await hashOf(this.pathOf(sha256), signal)) === sha256 ? "whole" : "damaged";
  }

  /** Whether there is a file of that name and size: content is looked at when it comes and when it is used. */
  async has({ sha256, bytes }: ImageBlob): Promise<boolean> {
    return (await sizeOf(this.pathOf(sha256))) === bytes;
  }

  /** How many of its bytes are here: all of them once it is whole. */
  async received(blob: ImageBlob): Promise<number> {
    if (await this.has(blob)) return blob.bytes;
    return Math.min((await sizeOf(this.#partial(blob.sha256))) ?? 0, blob.bytes);
  }

  /**
   * Takes a piece that begins at byte `offset`; the last one makes the file whole. Returns how many bytes are here: a piece
   * that does not follow them is not taken. Throws `IMAGE_DAMAGED` when the content is not what its name says: then nothing
   * of it is kept.
   */
  append(blob: ImageBlob, offset: number, data: Uint8Array): Promise<number> {
    return this.#inTurn(blob.sha256, async () => {
      if (await this.has(blob)) return blob.bytes;
      const here = await this.received(blob);
      if (offset !== here || data.length === 0) return here;
      if (here + data.length > blob.bytes) throw new UserError("INVALID_ARGUMENT", `sha256:${blob.sha256}: the piece is longer than the rest of the file`);
      if (here === 0) await this.#makeRoom(blob.bytes);
      await this.#write(blob.sha256, here, [data]);
      return here + data.length === blob.bytes ? this.#complete(blob) : here + data.length;
    });
  }

  /**
   * Takes what is missing from somebody who has it; `from` gives the bytes from an offset on. `force`: anew, although a
   * file of that name is here. `onBytes` is told how many are here now.
   */
  fetch(blob: ImageBlob, from: (offset: number) => AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void, force = false): Promise<void> {
    return this.#inTurn(blob.sha256, async () => {
      if (!force && (await this.has(blob))) return;
      let here = Math.min((await sizeOf(this.#partial(blob.sha256))) ?? 0, blob.bytes);
      await this.#makeRoom(blob.bytes - here);
      onBytes(here);
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of from(here)) {
          if (here + piece.length > blob.bytes) throw damaged(blob.sha256, "more came than it has");
          yield piece;
          onBytes((here += piece.length));
        }
      };
      if (here < blob.bytes) await this.#write(blob.sha256, here, counted());
      if (here < blob.bytes) throw new UserError("UNREACHABLE", `sha256:${blob.sha256} broke off after ${here} of ${blob.bytes} bytes`);
      await this.#complete(blob);
    });
  }

  /** The bytes of a whole file from `offset` on, a piece at a time. Throws `NOT_FOUND` when it is not here. */
  async *read(sha256: string, offset: number): AsyncGenerator<Buffer> {
    const file = await open(this.pathOf(sha256), "r").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new UserError("NOT_FOUND", `this node does not hold sha256:${sha256}`) : error;
    });
    try {
      yield* piecesOf(file, offset);
    } finally {
      await file.close();
    }
  }

  /** Deletes the file, whole or partial. Absent is fine. */
  remove(sha256: string): Promise<void> {
    return this.#inTurn(sha256, async () => {
      await rm(this.pathOf(sha256), { force: true });
      await rm(this.#partial(sha256), { force: true });
    });
  }

  /** Every file, whole or partial, with the time of its last change in milliseconds since the epoch. */
  async list(): Promise<readonly { readonly sha256: string; readonly changedMs: number }[]> {
    const found = new Map<string, number>();
    for (const folder of ["blobs", "partial"]) {
      const names = await readdir(join(this.#directory, folder)).catch(() => []);
      for (const name of names) {
        const changedMs = await stat(join(this.#directory, folder, name)).then((it) => it.mtimeMs, () => null);
        if (changedMs !== null && isSha256(name)) found.set(name, Math.max(changedMs, found.get(name) ?? 0));
      }
    }
    return [...found].map(([sha256, changedMs]) => ({ sha256, changedMs }));
  }

  #partial(sha256: string): string {
    return join(this.#directory, "partial", named(sha256));
  }

  async #makeRoom(bytes: number): Promise<void> {
    await mkdir(join(this.#directory, "blobs"), { recursive: true, mode: 0o700 });
    await mkdir(join(this.#directory, "partial"), { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(this.#directory);
    if (bavail * bsize - sparedBytes >= bytes) return;
    throw new UserError("DISK_FULL", `${bytes} bytes of an image do not fit on the disk of ${this.#directory}`, { next: "Remove images that nobody uses, or make room." });
  }

  /** What came is kept when more does not come; a full disk keeps nothing. */
  async #write(sha256: string, offset: number, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const path = this.#partial(sha256);
    const file = await open(path, offset === 0 ? "w" : "r+", 0o600);
    let position = offset;
    try {
      for await (const piece of pieces) {
        await writeAll(file, piece, position);
        position += piece.length;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      await rm(path, { force: true });
      throw new UserError("DISK_FULL", `the disk of ${this.#directory} is full`, { next: "Remove images that nobody uses, or make room." });
    } finally {
      await file.close();
    }
  }

  /** Checked as it lies on disk, synced, renamed, and the name synced. */
  async #complete({ sha256, bytes }: ImageBlob): Promise<number> {
    const path = this.#partial(sha256);
    const found = await hashOf(path);
    if (found !== sha256) {
      await rm(path, { force: true });
      throw damaged(sha256, `its content is sha256:${found}`);
    }
    await synced(path);
    await rename(path, this.pathOf(sha256));
    await synced(join(this.#directory, "blobs"));
    return bytes;
  }

  async #inTurn<T>(sha256: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(sha256) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(sha256, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(sha256) === turn) this.#turns.delete(sha256);
    }
  }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    for await (const piece of piecesOf(file, 0)) {
      signal?.throwIfAborted();
      hash.update(piece);
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/**
 * Copies a raw disk, checking it against its hash on the way. What is zero stays a hole. Written beside and renamed: `to`
 * is not there or whole.
 */
export async function copyDisk(from: string, to: string, sha256: string): Promise<void> {
  const draft = `${to}.new`;
  const hash = createHash("sha256");
  const [source, target] = [await open(from, "r"), await open(draft, "w", 0o600)];
  try {
    let position = 0;
    for await (const piece of piecesOf(source, 0)) {
      hash.update(piece);
      if (!piece.equals(zeros.subarray(0, piece.length))) await writeAll(target, piece, position);
      position += piece.length;
    }
    await target.truncate(position);
  } finally {
    await source.close();
    await target.close();
  }
  const found = hash.digest("hex");
  if (found === sha256) return rename(draft, to);
  await rm(draft, { force: true });
  throw damaged(sha256, `its content is sha256:${found}`);
}

const zeros = Buffer.alloc(pieceBytes);

async function* piecesOf(file: FileHandle, offset: number): AsyncGenerator<Buffer> {
  for (let position = offset; ; ) {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const { bytesRead } = await file.read(piece, 0, pieceBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

/** One write may take less than it is given. */
async function writeAll(file: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await file.write(piece, done, piece.length - done, position + done)).bytesWritten;
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then((it) => it.size, () => null);
}

function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** It becomes a part of a path. */
function named(sha256: string): string {
  if (isSha256(sha256)) return sha256;
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(sha256.slice(0, 80))} is no SHA-256`);
}

export function damaged(sha256: string, how: string): UserError {
  return new UserError("IMAGE_DAMAGED", `sha256:${sha256} is damaged: ${how}`, { next: "Import the image again." });
}
