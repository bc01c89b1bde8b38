/** `image import`: files go to the daemon piece by piece, each under its hash; then the catalogue names them. */

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../errors.ts";
import type { ImageBlob, ImageManifest } from "../machine/image-record.ts";
import type { ImageResponse } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { Progress, shareDone } from "./progress.ts";
import { formatBytes } from "./size.ts";

export interface ImportWish {
  readonly name: string;
  /** Kernel, initrd and, if there is one, disk. */
  readonly files: readonly string[];
  readonly cmdline?: string | undefined;
  readonly memoryMib?: number | undefined;
  readonly ready?: string | undefined;
}

const imageParts = ["kernel", "initrd", "disk"] as const;
const pieceBytes = 1024 * 1024;

/** Sends what is not there yet. What broke off goes on where it was; what is there already is not sent. */
export async function importImage(daemon: DaemonSession, wish: ImportWish, progress = new Progress()): Promise<ImageResponse> {
  const { name, files, cmdline, memoryMib, ready } = wish;
  const blobs: Partial<Record<(typeof imageParts)[number], ImageBlob>> = {};
  for (const [at, path] of files.entries()) {
    const part = imageParts[at];
    if (part === undefined) throw new UserError("INVALID_ARGUMENT", `${path} is one file too many`, { next: "Give a kernel, an initrd and, if there is one, a disk." });
    blobs[part] = await send(daemon, part, path, progress);
  }
  progress.end();
  const manifest = { ...(blobs as Pick<ImageManifest, "kernel" | "initrd" | "disk">), cmdline, memoryMib, ready };
  return daemon.write((asked, request, options) => asked.image.add({ request, name, manifest: JSON.stringify(manifest) }, options));
}

async function send(daemon: DaemonSession, part: string, path: string, progress: Progress): Promise<ImageBlob> {
  const file = await open(path, "r");
  try {
    const { size: bytes } = await file.stat();
    if (bytes === 0) throw new UserError("INVALID_ARGUMENT", `${path} is empty`);
    const sha256 = await hash(file, bytes, (done) => progress.show(`hashing ${part} ${path}`, shareDone(done, bytes)));
    const upload = (offset: number, data: Uint8Array): Promise<number> =>
      daemon.piece(async (asked, options) => (await asked.image.upload({ sha256, bytes, offset, data }, options)).received);
    let received = await upload(0, new Uint8Array());
    while (received < bytes) {
      progress.show(`sending ${part} ${path}`, shareDone(received, bytes));
      received = await upload(received, await piece(file, received));
    }
    progress.done(`sending ${part} ${path}`, `all of ${formatBytes(bytes)} is there`);
    return { sha256, bytes };
  } finally {
    await file.close();
  }
}

async function hash(file: FileHandle, bytes: number, onBytes: (done: number) => void): Promise<string> {
  const digest = createHash("sha256");
  for (let done = 0; done < bytes; ) {
    const data = await piece(file, done);
    if (data.length === 0) throw new UserError("CONFLICT", "the file became shorter while it was read");
    digest.update(data);
    onBytes((done += data.length));
  }
  return digest.digest("hex");
}

async function piece(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, position);
  return buffer.subarray(0, bytesRead);
}
