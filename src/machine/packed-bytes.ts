/** Numbers and texts one after the other, in bytes. Numbers are varints: seven bits a byte, the lowest first. */

/** What nearly all commands fit in; used again and again, for writing is never interrupted. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

export class PackedWriter {
  private readonly buffer: Buffer;
  private at = 0;

  /** `room`: bytes that are enough for all that will be written. */
  constructor(room: number) {
    this.buffer = room <= scratch.length ? scratch : Buffer.allocUnsafe(room);
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.at++] = rest;
  }

  /** Text with its length before it. */
  text(value: string): void {
    this.number(Buffer.byteLength(value));
    this.lastText(value);
  }

  /** Text that reaches to the end. */
  lastText(value: string): void {
    this.at += this.buffer.write(value, this.at);
  }

  /** What was written, in memory of its own. */
  taken(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.at);
    this.buffer.copy(bytes, 0, 0, this.at);
    return bytes;
  }
}

/** A text, and its bytes in UTF-8. */
export interface KnownText {
  readonly text: string;
  readonly bytes: Buffer;
}

/** Reads what `PackedWriter` wrote, or whatever else is in the bytes, without ever throwing. */
export class PackedReader {
  /** True once more was asked for than there is. */
  isShort = false;
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  number(): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) {
        this.isShort = true;
        return 0;
      }
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 0x80;
    }
  }

  text(): string {
    return this.textOf(this.number());
  }

  private textOf(length: number): string {
    const from = this.at;
    this.at += length;
    if (this.at > this.buffer.length) this.isShort = true;
    return this.isShort ? "" : this.buffer.toString("utf8", from, this.at);
  }

  /** The same; a text that is `known` anyway is not made again. */
  textLike(known: KnownText): string {
    const length = this.number();
    const end = this.at + length;
    if (length !== known.bytes.length || end > this.buffer.length || this.buffer.compare(known.bytes, 0, length, this.at, end) !== 0) {
      return this.textOf(length);
    }
    this.at = end;
    return known.text;
  }

  lastText(): string {
    return this.buffer.toString("utf8", this.at);
  }
}
