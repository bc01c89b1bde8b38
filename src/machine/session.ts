/**
 * Client sessions: a request that comes twice is applied once (rows P6, R6; Ongaro's dissertation, 6.3). They are rows,
 * so a snapshot carries them, and nothing in them depends on time.
 *
 * A row holds the replies to 16 consecutive sequences, `client/⌊sequence / 16⌋` →
 * `[index of the last use, floor, [sequence, index, value] or [sequence, index, code, message, items?] …]`.
 * Measured: one row per client costs 5 kB an entry with 256 requests in flight; one row per request doubles the rows of
 * a transaction, and each must be deleted again. The row written last holds the floor that counts.
 */

import type { ErrorCode } from "../errors.ts";
import { assert, present } from "../assert.ts";
import type { BatchItem, Envelope, Refusal, Reply } from "./commands.ts";
import { absorbNumber, absorbPart, addLanes, beginHash, endHash, subtractLanes, tableSeed, type Lanes } from "./hash.ts";
import { neverStored, type RowChange } from "./row-change.ts";
import type { MachineState, Store } from "./state.ts";

/** Sessions that are kept; the longest unused goes first. */
export const sessionLimit = 10_000;
/** Replies of one session that are kept: those of its latest 1,024 sequences. */
export const sessionWindow = 1_024;

const chunkSpan = 16;
const tableName = "session";
const seed = tableSeed(tableName);

/** A row, which is also what is told of it when it changes. */
class Chunk implements Lanes, RowChange {
  low = 0;
  high = 0;
  /** No part of the replicated state: private, so that states of two nodes can be compared. */
  #storedMs = neverStored;
  readonly table = tableName;
  readonly key: string;
  lastIndex = 0;
  floor = 0;
  /** The replies as they stand in the row, each with a comma before it. Only grows. Null: they were forgotten. */
  body: string | null = "";
  /** The unfinished hash of the key and the body, so that a reply costs its own length only. */
  readonly bodyHash: Lanes = { low: 0, high: 0 };
  /** A bit for each of its sequences that was answered. What was answered is read from the body: it is asked for rarely. */
  answered = 0;

  constructor(key: string) {
    this.key = key;
    beginHash(this.bodyHash, seed, key);
  }

  get value(): string | null {
    return this.body === null ? null : `[${this.lastIndex},${this.floor}${this.body}]`;
  }

  get storedMs(): number {
    return this.#storedMs;
  }

  set storedMs(storedMs: number) {
    this.#storedMs = storedMs;
  }

  get size(): number {
    return 32 + (this.body?.length ?? 0);
  }

  has(sequence: number): boolean {
    return (this.answered & (1 << (sequence % chunkSpan))) !== 0;
  }

  answer(sequence: number): void {
    this.answered |= 1 << (sequence % chunkSpan);
  }

  reply(sequence: number): Reply | undefined {
    if (!this.has(sequence)) return undefined;
    const [, , ...stored] = JSON.parse(this.value ?? "[]") as [number, number, ...StoredReply[]];
    return replyFrom(present(stored.find(([of]) => of === sequence), "a request that was answered has its reply in the row"));
  }

  /** Appends replies to the body, and brings the hash of the row up to date. */
  extend(replies: string, lastIndex: number, floor: number): void {
    this.body += replies;
    this.lastIndex = lastIndex;
    this.floor = floor;
    absorbPart(this.bodyHash, replies);
    this.low = this.bodyHash.low;
    this.high = this.bodyHash.high;
    absorbNumber(this, lastIndex);
    absorbNumber(this, floor);
    endHash(this);
  }
}

export interface Session {
  readonly client: string;
  /** Index of the entry that used it last. */
  lastIndex: number;
  /** Replies below were answered or are too old; such a sequence is never applied. Only grows. */
  floor: number;
  readonly chunks: Map<number, Chunk>;
}

/** The stored reply, or the refusal of a sequence whose reply was forgotten; undefined when it must be applied. */
export function recall(state: MachineState, envelope: Envelope, index: number): Reply | undefined {
  const { client, sequence } = envelope;
  const session = state.sessions.get(client);
  if (session === undefined) return wasDisplaced(state, envelope) ? expired(index, client, "was displaced by newer ones") : undefined;
  if (sequence < session.floor) return expired(index, client, `has forgotten request ${sequence}`);
  return session.chunks.get(chunkOf(sequence))?.reply(sequence);
}

/** Stores the reply to a request that was applied just now, forgets what the client acknowledged, displaces a session. */
export function remember(store: Store, envelope: Envelope, reply: Reply, changes: RowChange[]): void {
  const { client, sequence, acknowledged } = envelope;
  const session = use(store, client, reply.index, changes);
  const floor = Math.max(session.floor, acknowledged, sequence - sessionWindow + 1);
  if (chunkOf(floor) !== chunkOf(session.floor)) forget(store, session, chunkOf(floor), changes);
  session.floor = floor;
  const number = chunkOf(sequence);
  let chunk = session.chunks.get(number);
  if (chunk === undefined) {
    chunk = new Chunk(`${client}/${number}`);
    session.chunks.set(number, chunk);
  }
  assert(!chunk.has(sequence), "a request is applied once");
  subtractLanes(store.sum, chunk);
  chunk.answer(sequence);
  chunk.extend(replyText(sequence, reply), reply.index, floor);
  addLanes(store.sum, chunk);
  changes.push(chunk);
}

/** The rows of all sessions, in order. */
export function* sessionRows(store: Store): Generator<RowChange> {
  for (const client of [...store.sessions.keys()].sort()) {
    for (const { table, key, value } of chunksInOrder(store.sessions.get(client) as Session)) yield { table, key, value };
  }
}

/** Takes a row as it was stored; throws when it is none. `settleSessions` must follow the last one. */
export function loadChunk(store: Store, key: string, text: string): void {
  const [client, number] = [key.slice(0, key.lastIndexOf("/")), Number(key.slice(key.lastIndexOf("/") + 1))];
  const [lastIndex, floor, ...stored] = JSON.parse(text) as [number, number, ...StoredReply[]];
  const chunk = new Chunk(key);
  chunk.storedMs = 0;
  const replies = stored.length === 0 ? "" : text.slice(text.indexOf(",", text.indexOf(",") + 1), -1);
  for (const [sequence] of stored) chunk.answer(sequence);
  chunk.extend(replies, lastIndex, floor);
  addLanes(store.sum, chunk);
  let session = store.sessions.get(client);
  if (session === undefined) {
    session = { client, lastIndex: 0, floor: 0, chunks: new Map() };
    store.sessions.set(client, session);
  }
  session.chunks.set(number, chunk);
  if (lastIndex > session.lastIndex) {
    session.lastIndex = lastIndex;
    session.floor = floor;
  }
}

/** Puts loaded sessions into the order of their last use, which the Map must have. Answers the latest use of all. */
export function settleSessions(store: Store): number {
  const sessions = [...store.sessions.values()].sort((one, other) => one.lastIndex - other.lastIndex);
  store.sessions.clear();
  for (const session of sessions) store.sessions.set(session.client, session);
  return sessions.at(-1)?.lastIndex ?? 0;
}

/** The session as the one used last; a new one may displace the longest unused. */
function use(store: Store, client: string, index: number, changes: RowChange[]): Session {
  let session = store.sessions.get(client);
  if (session === undefined) {
    session = { client, lastIndex: index, floor: 0, chunks: new Map() };
    if (store.sessions.size >= sessionLimit) displaceOldest(store, changes);
  } else if (session.lastIndex === store.lastIndex) {
    // It was the last one used before: the Map has it last already.
    session.lastIndex = index;
    return session;
  } else {
    store.sessions.delete(client);
  }
  session.lastIndex = index;
  store.sessions.set(client, session);
  return session;
}

function displaceOldest(store: Store, changes: RowChange[]): void {
  for (const oldest of store.sessions.values()) {
    forget(store, oldest, Number.MAX_SAFE_INTEGER, changes);
    store.sessions.delete(oldest.client);
    changes.push(store.marks.set("displacedIndex", oldest.lastIndex));
    return;
  }
}

/**
 * True when an unknown session may be one that was displaced: it was opened before the last displaced one was last
 * used, or, where the client does not tell, it has had answers although nobody knows it.
 */
function wasDisplaced(state: MachineState, { opened, acknowledged }: Envelope): boolean {
  const displacedIndex = state.marks.get("displacedIndex");
  if (displacedIndex === undefined) return false;
  return opened === undefined ? acknowledged > 1 : opened < displacedIndex;
}

function expired(index: number, client: string, why: string): Refusal {
  const message = `session ${client} ${why}; whether the request was applied before is not known any more`;
  return { ok: false, index, code: "SESSION_EXPIRED", message };
}

/** Deletes the rows below chunk `end`, in order. */
function forget(store: Store, session: Session, end: number, changes: RowChange[]): void {
  for (const number of [...session.chunks.keys()].sort((one, other) => one - other)) {
    const chunk = session.chunks.get(number);
    if (chunk === undefined || number >= end) return;
    subtractLanes(store.sum, chunk);
    session.chunks.delete(number);
    chunk.body = null;
    changes.push(chunk);
  }
}

function chunkOf(sequence: number): number {
  return Math.floor(sequence / chunkSpan);
}

function chunksInOrder(session: Session): readonly Chunk[] {
  return [...session.chunks].sort(([one], [other]) => one - other).map(([, chunk]) => chunk);
}

type StoredReply = [number, number, unknown] | [number, number, ErrorCode, string, (readonly BatchItem[])?];

function replyText(sequence: number, reply: Reply): string {
  if (reply.ok) return `,[${sequence},${reply.index},${valueText(reply.value)}]`;
  const items = reply.items === undefined ? "" : `,${JSON.stringify(reply.items)}`;
  return `,[${sequence},${reply.index},"${reply.code}",${JSON.stringify(reply.message)}${items}]`;
}

/** What JSON.stringify answers; by hand for the answer to a put, which is nearly all of them. */
function valueText(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { version } = value as { readonly version?: unknown };
  if (!Number.isSafeInteger(version) || Object.keys(value).length !== 1) return JSON.stringify(value);
  return `{"version":${version as number}}`;
}

function replyFrom(stored: StoredReply): Reply {
  if (stored.length === 3) return { ok: true, index: stored[1], value: stored[2] };
  const [, index, code, message, items] = stored;
  return items === undefined ? { ok: false, index, code, message } : { ok: false, index, code, message, items };
}
