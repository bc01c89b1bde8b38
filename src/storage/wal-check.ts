/**
 * SQLite reads its write-ahead log up to the first frame whose checksum does not hold, and drops the rest in silence: right
 * after a power cut, for the last transaction was torn; wrong after bit rot, for it drops commits that were acknowledged.
 * The two differ: a transaction is written only after the one before it is on disk, so behind a torn transaction there is
 * never a frame of a further one. (File format: https://sqlite.org/walformat.html)
 */

import { open, stat } from "node:fs/promises";

const headerBytes = 32;
const frameHeaderBytes = 24;

/** Adds big or little endian words to the running checksum of the log. */
function checksum(bytes: Buffer, littleEndian: boolean, from: readonly [number, number]): [number, number] {
  let [s0, s1] = from;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + view.getUint32(at, littleEndian) + s1) | 0;
    s1 = (s1 + view.getUint32(at + 4, littleEndian) + s0) | 0;
  }
  return [s0 >>> 0, s1 >>> 0];
}

const holds = (sums: readonly [number, number], bytes: Buffer, at: number): boolean =>
  sums[0] === bytes.readUInt32BE(at) && sums[1] === bytes.readUInt32BE(at + 4);

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Says how the write-ahead log of `database` is damaged, or undefined. To be asked before SQLite opens the database. */
export async function findWalDamage(database: string): Promise<string | undefined> {
  const size = await sizeOf(`${database}-wal`);
  if (size <= headerBytes) return undefined;
  if ((await sizeOf(database)) === 0) return "the database is empty though its write-ahead log is not";
  const file = await open(`${database}-wal`, "r");
  try {
    return await inspect(size, async (at, length) => {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      return bytes.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

type ReadAt = (at: number, length: number) => Promise<Buffer>;

async function inspect(size: number, read: ReadAt): Promise<string | undefined> {
  const header = await read(0, headerBytes);
  if (header.every((byte) => byte === 0)) return undefined;
  const littleEndian = header.readUInt32BE(0) === 0x377f0682;
  const pageSize = header.readUInt32BE(8);
  let sums = checksum(header.subarray(0, 24), littleEndian, [0, 0]);
  if (!holds(sums, header, 24)) return "the head of the write-ahead log";
  const frameBytes = frameHeaderBytes + pageSize;
  const frames = Math.floor((size - headerBytes) / frameBytes);
  const perRead = Math.max(1, Math.floor((1024 * 1024) / frameBytes));
  let broken: number | undefined;
  let committedAfter = false;
  for (let first = 0; first < frames; first += perRead) {
    const block = await read(headerBytes + first * frameBytes, Math.min(perRead, frames - first) * frameBytes);
    for (let at = 0; at + frameBytes <= block.length; at += frameBytes) {
      const frame = block.subarray(at, at + frameBytes);
      const ofThisLog = frame.subarray(8, 16).equals(header.subarray(16, 24));
      if (broken === undefined) {
        sums = checksum(frame.subarray(0, 8), littleEndian, sums);
        sums = checksum(frame.subarray(frameHeaderBytes), littleEndian, sums);
        if (ofThisLog && holds(sums, frame, 16)) continue;
        broken = first + at / frameBytes;
      }
      if (committedAfter && ofThisLog) return `frame ${broken} of the write-ahead log, before transactions that are on disk`;
      committedAfter ||= ofThisLog && frame.readUInt32BE(4) !== 0;
    }
  }
  return undefined;
}
