/**
 * One log entry, encoded once: the same bytes lie in the log in memory, in the database and on the wire. A leaf, since
 * consensus, disk and network all need to cut a run of entries into single ones and join them again.
 *
 * Layout of one entry, little endian: payload length u32 · kind u8 · term f64 · leader's time f64 · payload.
 */

import { assert } from "./assert.ts";

/** `vm`: a command about a VM, which a trace tells in full; consensus treats it like any other. */
export type EntryKind = "noop" | "command" | "configuration" | "vm";

const kinds: readonly EntryKind[] = ["noop", "command", "configuration", "vm"];
const headerBytes = 21;

export interface Entry {
  readonly index: number;
  readonly term: number;
  /** The leader's wall clock when it appended the entry, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly kind: EntryKind;
  /** The encoded entry, header included. */
  readonly bytes: Uint8Array;
}

/** Encodes an entry. `payload` is copied. */
export function makeEntry(index: number, term: number, timeMs: number, kind: EntryKind, payload: Uint8Array): Entry {
  return makeEntries(index, term, timeMs, [{ kind, payload }])[0] as Entry;
}

/**
 * Encodes consecutive entries of one time, the first of which has index `firstIndex`. Payloads are copied, all into one
 * buffer: so the run is joined already, and a batch costs one allocation.
 */
export function makeEntries(
  firstIndex: number,
  term: number,
  timeMs: number,
  parts: readonly { readonly kind: EntryKind; readonly payload: Uint8Array }[],
): readonly Entry[] {
  let length = 0;
  for (const { payload } of parts) length += headerBytes + payload.length;
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  const entries: Entry[] = [];
  let at = 0;
  for (const { kind, payload } of parts) {
    const end = at + headerBytes + payload.length;
    view.setUint32(at, payload.length, true);
    view.setUint8(at + 4, kinds.indexOf(kind));
    view.setFloat64(at + 5, term, true);
    view.setFloat64(at + 13, timeMs, true);
    packed.set(payload, at + headerBytes);
    entries.push({ index: firstIndex + entries.length, term, timeMs, kind, bytes: packed.subarray(at, end) });
    at = end;
  }
  return entries;
}

/** What the entry says, without its header. A view, not a copy. */
export function payloadOf({ bytes }: Entry): Buffer<ArrayBufferLike> {
  return Buffer.from(bytes.buffer, bytes.byteOffset + headerBytes, bytes.length - headerBytes);
}

/** Joins the bytes of consecutive entries. Those that lie behind each other in one buffer are not copied. */
export function packEntries(entries: readonly Entry[]): Uint8Array {
  const first = entries[0]?.bytes;
  if (first === undefined) return new Uint8Array(0);
  let length = 0;
  let joined = true;
  for (const { bytes } of entries) {
    joined &&= bytes.buffer === first.buffer && bytes.byteOffset === first.byteOffset + length;
    length += bytes.length;
  }
  if (joined) return new Uint8Array(first.buffer, first.byteOffset, length);
  const packed = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    packed.set(entry.bytes, at);
    at += entry.bytes.length;
  }
  return packed;
}

/**
 * Cuts joined bytes into entries, the first of which has index `firstIndex`. The entries are views into `packed`.
 * Returns undefined when the bytes are no run of entries (cut short, unknown kind, a term that is no number).
 */
export function unpackEntries(packed: Uint8Array, firstIndex: number): readonly Entry[] | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const entries: Entry[] = [];
  let at = 0;
  while (at < packed.length) {
    if (at + headerBytes > packed.length) return undefined;
    const end = at + headerBytes + view.getUint32(at, true);
    const kind = kinds[view.getUint8(at + 4)];
    const term = view.getFloat64(at + 5, true);
    if (end > packed.length || kind === undefined || !Number.isSafeInteger(term) || term < 1) return undefined;
    const timeMs = view.getFloat64(at + 13, true);
    entries.push({ index: firstIndex + entries.length, term, timeMs, kind, bytes: packed.subarray(at, end) });
    at = end;
  }
  assert(at === packed.length, "a run of entries ends where its last entry ends");
  return entries;
}
