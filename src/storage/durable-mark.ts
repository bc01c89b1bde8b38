/**
 * The number of the last transaction that was acknowledged, in a small file beside the database.
 *
 * SQLite drops a last transaction whose checksum does not hold, for it was torn by a power cut. Bit rot looks the same there, and
 * takes a vote or an entry along that was acknowledged. The mark tells them apart: it is written when the fsync of the
 * transaction has returned, so a database that does not reach its mark is damaged. It costs no fsync, for a mark that is
 * lost says too little and never too much: after a power cut it may be as old as the kernel holds back writes, which
 * leaves the last transaction as it is without it, until the node has started again. A kill loses the last milliseconds of it.
 *
 * Two slots in turn, each in a sector of its own with a checksum: a torn or damaged one leaves the other.
 */

import { writeSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { recordChecksum } from "./checksum.ts";
import { syncDirectory, touchPrivate } from "./directory.ts";

/** How long an acknowledged transaction may be the last one without a mark. */
const soonMs = 5;
const slotBytes = 4096;
const slots = 2;
const fieldBytes = 16;

/** Sequence as a decimal of 16 digits, then its checksum as eight. */
function slotOf(sequence: number): Buffer {
  const number = String(sequence).padStart(fieldBytes, "0");
  return Buffer.from(`${number} ${recordChecksum("mark", number).toString(16).padStart(8, "0")}\n`, "latin1");
}

function sequenceIn(slot: Buffer): number | undefined {
  const text = slot.toString("latin1", 0, fieldBytes);
  const sequence = /^\d+$/.test(text) ? Number(text) : undefined;
  return sequence !== undefined && slotOf(sequence).equals(slot.subarray(0, slotOf(sequence).length)) ? sequence : undefined;
}

export class DurableMark {
  private readonly file: FileHandle;
  private readonly directory: string;
  private written = 0;
  private wanted = 0;
  private slot = 0;
  private timer: NodeJS.Timeout | undefined;

  private constructor(file: FileHandle, directory: string) {
    this.file = file;
    this.directory = directory;
  }

  static async open(directory: string): Promise<DurableMark> {
    const path = join(directory, "mark");
    await touchPrivate(directory, path);
    return new DurableMark(await open(path, "r+"), directory);
  }

  /** The highest sequence that a slot tells; undefined when none does. */
  async read(): Promise<number | undefined> {
    const bytes = Buffer.alloc(slots * slotBytes);
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, 0);
    let highest: number | undefined;
    for (let at = 0; at < bytesRead; at += slotBytes) {
      const sequence = sequenceIn(bytes.subarray(at, at + slotBytes));
      if (sequence !== undefined) highest = Math.max(highest ?? 0, sequence);
    }
    return highest;
  }

  /** Makes the file anew and durable, in its full length, so that later marks need no space. */
  async begin(sequence: number): Promise<void> {
    const bytes = Buffer.alloc(slots * slotBytes);
    for (let at = 0; at < slots; at += 1) slotOf(sequence).copy(bytes, at * slotBytes);
    await this.file.write(bytes, 0, bytes.length, 0);
    await this.file.datasync();
    await syncDirectory(this.directory);
    this.written = sequence;
    this.wanted = sequence;
  }

  /**
   * `sequence` is durable, which the mark shall say soon. Not at once: the next transaction guards this one too, for behind a
   * torn one there is never a frame of a further one (`wal-check.ts`). So only the last of many needs a mark.
   */
  keepUpSoon(sequence: number, failed: (error: unknown) => void): void {
    this.wanted = sequence;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      try {
        this.keepUp();
      } catch (error) {
        failed(error);
      }
    }, soonMs).unref();
  }

  /**
   * The mark tells the last sequence that is durable when this returns; it is not synced. Written at once, as trace lines are: a trip
   * to a thread costs more than the 32 bytes.
   */
  keepUp(): void {
    if (this.wanted === this.written) return;
    const slot = slotOf(this.wanted);
    // Not by the sequence's parity: some are left out, and the slot that is newest must stay.
    this.slot = (this.slot + 1) % slots;
    writeSync(this.file.fd, slot, 0, slot.length, this.slot * slotBytes);
    this.written = this.wanted;
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.keepUp();
    } catch {
      // What it does not tell is only what was acknowledged last.
    }
    await this.file.close();
  }
}
