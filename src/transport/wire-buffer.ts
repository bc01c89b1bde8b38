/**
 * Bytes of the wire: protobuf's encoding, as far as `blixard.proto` uses it. The generated code calls these two classes
 * and nothing else, so that a command line starts without a protobuf library.
 */

import { assert } from "../assert.ts";

/** Bytes that are no message of ours. The stream they came on is closed. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Deeper than any message of ours; a bound for hostile input. */
const maxDepth = 8;
const startBytes = 4096;
/** A scratch buffer that grew beyond this by one large message is given back. */
const keptBytes = 2 * 1024 * 1024;

/** Writes messages into a scratch buffer. Field tags are given whole: `number << 3 | wire type`. */
export class Writer {
  private buffer = Buffer.allocUnsafe(startBytes);
  private at = 0;

  /** Encodes one message; the scratch buffer is kept for the next. */
  encode<T>(write: (writer: Writer, message: T) => void, message: T): Buffer {
    this.at = 0;
    write(this, message);
    const bytes = Buffer.allocUnsafe(this.at);
    this.buffer.copy(bytes, 0, 0, this.at);
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafe(startBytes);
    return bytes;
  }

  uint(tag: number, value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a number on the wire is a safe integer and not negative");
    this.reserve(16);
    this.varint(tag);
    this.varint(value);
  }

  double(tag: number, value: number): void {
    this.reserve(16);
    this.varint(tag);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  bool(tag: number, value: boolean): void {
    this.uint(tag, value ? 1 : 0);
  }

  string(tag: number, value: string): void {
    const length = value.length;
    this.reserve(16 + length * 3);
    this.varint(tag);
    if (length < 64 && this.ascii(value, length)) return;
    this.varint(Buffer.byteLength(value));
    this.at += this.buffer.write(value, this.at);
  }

  bytes(tag: number, value: Uint8Array): void {
    this.reserve(16 + value.length);
    this.varint(tag);
    this.varint(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  nested<T>(tag: number, write: (writer: Writer, message: T) => void, message: T): void {
    this.reserve(16);
    this.varint(tag);
    // One byte holds the length of most messages; a longer one is moved aside.
    const start = this.at;
    this.at += 1;
    write(this, message);
    const length = this.at - start - 1;
    if (length < 128) {
      this.buffer[start] = length;
      return;
    }
    const shift = varintBytes(length) - 1;
    this.reserve(shift);
    this.buffer.copyWithin(start + 1 + shift, start + 1, this.at);
    this.at = start;
    this.varint(length);
    this.at += length;
  }

  private ascii(value: string, length: number): boolean {
    const start = this.at;
    this.buffer[this.at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 128) {
        this.at = start;
        return false;
      }
      this.buffer[this.at++] = code;
    }
    return true;
  }

  private varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.buffer[this.at++] = (rest % 128) | 128;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.buffer[this.at++] = rest;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Reads messages. Strings are decoded, byte fields are views into `buffer`. Throws `WireError` for anything else. */
export class Reader {
  at = 0;
  private depth = 0;
  private readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Decodes `buffer` as one message. */
  static decode<T>(read: (reader: Reader, end: number) => T, buffer: Buffer): T {
    return read(new Reader(buffer), buffer.length);
  }

  /** A field's number and wire type, or an unsigned number up to 2^53. */
  uint(): number {
    const buffer = this.buffer;
    let byte = buffer[this.at++];
    if (byte === undefined) throw new WireError("a message is cut short");
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let scale = 128; scale < 2 ** 63; scale *= 128) {
      byte = buffer[this.at++];
      if (byte === undefined) throw new WireError("a message is cut short");
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) throw new WireError("a number is beyond 2^53");
        return value;
      }
    }
    throw new WireError("a number is longer than ten bytes");
  }

  double(): number {
    const at = this.skip(8);
    return this.buffer.readDoubleLE(at);
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  string(): string {
    const length = this.uint();
    const at = this.skip(length);
    return length === 0 ? "" : this.buffer.toString("utf8", at, this.at);
  }

  bytes(): Buffer {
    const length = this.uint();
    const at = this.skip(length);
    return this.buffer.subarray(at, this.at);
  }

  nested<T>(read: (reader: Reader, end: number) => T): T {
    const length = this.uint();
    const end = this.at + length;
    if (end > this.buffer.length) throw new WireError("a message is cut short");
    this.depth += 1;
    if (this.depth > maxDepth) throw new WireError("messages are nested too deeply");
    const value = read(this, end);
    this.depth -= 1;
    return value;
  }

  /** Passes over a field that this version does not know. */
  unknown(tag: number): void {
    if (tag < 8) throw new WireError("a field has no number");
    const type = tag & 7;
    if (type === 0) this.varintOfAnySize();
    else if (type === 1) this.skip(8);
    else if (type === 2) this.skip(this.uint());
    else if (type === 5) this.skip(4);
    else throw new WireError(`a field has the unknown wire type ${type}`);
  }

  /** Checks that a message ended where its length said. */
  ended(end: number): void {
    if (this.at !== end) throw new WireError("a message runs over its end");
  }

  private varintOfAnySize(): void {
    for (let i = 0; i < 10; i++) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new WireError("a message is cut short");
      if (byte < 128) return;
    }
    throw new WireError("a number is longer than ten bytes");
  }

  private skip(bytes: number): number {
    const at = this.at;
    if (at + bytes > this.buffer.length) throw new WireError("a message is cut short");
    this.at = at + bytes;
    return at;
  }
}
