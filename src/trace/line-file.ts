import { closeSync, openSync, readSync } from "node:fs";
import { TraceFault } from "./fault.ts";

const chunkBytes = 256 * 1024;
const maximumLineBytes = 16 * 1024 * 1024;
const newline = 0x0a;

/** The complete lines of a file, one after the other. Holds one chunk of the file in memory, never all of it. */
export class LineFile {
  readonly path: string;
  /** Number of the line that `next` gave last, from 1. */
  number = 0;
  /** When `next` has given undefined: bytes behind the last newline. Above 0, the last line was cut off. */
  tornBytes = 0;
  #descriptor: number;
  #bytes = Buffer.allocUnsafe(chunkBytes);
  /** Bytes at the front of `#bytes` that belong to a line whose end was not read yet. */
  #carried = 0;
  #text = "";
  #at = 0;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "r");
  }

  /** The next complete line, without its newline; undefined at the end, where the file is closed. */
  next(): string | undefined {
    if (this.#at >= this.#text.length && !this.#fill()) return undefined;
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    this.number++;
    return line;
  }

  close(): void {
    if (this.#descriptor !== -1) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  /** Reads until at least one complete line is in `#text`; false at the end of the file. */
  #fill(): boolean {
    if (this.#descriptor === -1) return false;
    for (;;) {
      const read = readSync(this.#descriptor, this.#bytes, this.#carried, this.#bytes.length - this.#carried, null);
      if (read === 0) {
        this.tornBytes = this.#carried;
        this.close();
        return false;
      }
      const filled = this.#carried + read;
      const last = this.#bytes.subarray(0, filled).lastIndexOf(newline);
      if (last >= 0) {
        this.#text = this.#bytes.toString("utf8", 0, last + 1);
        this.#at = 0;
        this.#bytes.copyWithin(0, last + 1, filled);
        this.#carried = filled - last - 1;
        return true;
      }
      this.#carried = filled;
      if (filled === this.#bytes.length) this.#grow();
    }
  }

  #grow(): void {
    if (this.#bytes.length >= maximumLineBytes) {
      this.close();
      throw new TraceFault("TRACE_INVALID", this.path, this.number + 1, `the line is longer than ${maximumLineBytes} bytes`);
    }
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#carried);
    this.#bytes = larger;
  }
}
