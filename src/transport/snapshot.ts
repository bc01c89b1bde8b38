/**
 * Snapshots on the wire: pulled by the follower over a channel of its own, since only a receiving client can have a large
 * window (130 MB/s against 3.5 at 10 ms round trip). Chunks are small, so that a slow follower holds up little memory.
 */

import { crc32 } from "node:zlib";
import { Metadata, type ServerWritableStream, type ServiceError } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import type { NodeId } from "../raft/message.ts";
import type { AppliedState, Row } from "../storage/storage.ts";
import { openChannel } from "./channel.ts";
import type { Security } from "./credentials.ts";
import { type PullSnapshotRequest, type SnapshotChunk, peerMethods } from "./messages.generated.ts";
import { fromStatus } from "./status.ts";
import type { SnapshotPage } from "./transport.ts";
import type { Init } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

const chunkBytes = 256 * 1024;
const largestRowBytes = 3 * 1024 * 1024;
/** Brackets, quotes and commas of a row, and how much longer JSON may make a character. */
const rowFrame = 12;
const mostEscape = 6;

export type SnapshotCall = ServerWritableStream<PullSnapshotRequest, Init<SnapshotChunk>>;

/** Cuts a page into chunks; the first of a snapshot carries `applied`, the last of a page its number. */
function* toChunks({ applied, rows, last, clock = 0, snapshot = "", number = 0 }: SnapshotPage): Generator<Init<SnapshotChunk>> {
  const head = applied === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify({ ...applied, clock }));
  let parts: [string, string, string][] = [];
  let bytes = 0;
  let begun = false;
  const cut = (end: boolean): Init<SnapshotChunk> => {
    const body = Buffer.from(JSON.stringify(parts));
    const first = begun ? Buffer.alloc(0) : head;
    begun = true;
    parts = [];
    bytes = 0;
    return { applied: first, rows: body, last: end && last, checksum: crc32(body, crc32(first)), number: end ? number : 0, snapshot };
  };
  for (const { table, key, value } of rows) {
    const length = lengthOf(table, key, value);
    if (length > largestRowBytes) throw new UserError("MESSAGE_TOO_LARGE", `the row ${table}/${key} is too large to send`);
    if (bytes + length > chunkBytes && parts.length > 0) yield cut(false);
    parts.push([table, key, value]);
    bytes += length;
  }
  yield cut(true);
}

/** About the length of a row on the wire; exactly, where it may be too large. Many small ones become JSON faster at once. */
function lengthOf(table: string, key: string, value: string): number {
  const length = table.length + key.length + value.length + rowFrame;
  return length * mostEscape < chunkBytes ? length + (length >> 2) : JSON.stringify([table, key, value]).length;
}

/** Writes pages to a follower that pulls them, no faster than it takes them. */
export async function serveSnapshot(call: SnapshotCall, open: () => AsyncIterable<SnapshotPage>): Promise<void> {
  for await (const page of open()) {
    for (const chunk of toChunks(page)) {
      if (!call.write(chunk)) await drained(call);
      if (call.cancelled) return;
    }
  }
  call.end();
}

function drained(call: SnapshotCall): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off("drain", done).off("cancelled", done).off("close", done);
      resolve();
    };
    call.on("drain", done).on("cancelled", done).on("close", done);
  });
}

/** What a follower asks, of whom, and how. */
export interface Pull {
  readonly peer: NodeId;
  readonly address: string | undefined;
  readonly security: Security;
  readonly request: Init<PullSnapshotRequest>;
  readonly silenceMs: number;
  /** Told when a snapshot that broke off is gone on with. */
  readonly resumed: (received: number, reason: string) => void;
}

/** How far a pull has come. */
interface Progress {
  snapshot: string;
  received: number;
  failures: number;
}

const mostFailures = 5;
const firstPauseMs = 50;

/**
 * Pulls a snapshot, page by page. When the stream breaks, or a chunk of it was damaged, it asks for the rest of the same
 * snapshot; where there is no such snapshot any more it begins anew. Ends with the error when it gets no further.
 */
export async function* pullFrom(pull: Pull): AsyncGenerator<SnapshotPage> {
  const progress: Progress = { snapshot: "", received: 0, failures: 0 };
  for (;;) {
    try {
      yield* pullOnce(pull, progress);
      return;
    } catch (error) {
      const lost = error instanceof UserError && error.code === "NOT_FOUND";
      const broken = error instanceof WireError || (error instanceof UserError && error.code === "UNREACHABLE");
      if (progress.snapshot === "" || !(lost || broken) || ++progress.failures > mostFailures) {
        throw error instanceof WireError ? new UserError("FAILED", `the snapshot from ${pull.address ?? "nowhere"} is damaged: ${error.message}`) : error;
      }
      if (lost) Object.assign(progress, { snapshot: "", received: 0 });
      else pull.resumed(progress.received, error.message);
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** progress.failures));
    }
  }
}

/** One stream. Ends with an error when the pages end before the last one. */
async function* pullOnce({ peer, address, security, request, silenceMs }: Pull, progress: Progress): AsyncGenerator<SnapshotPage> {
  if (address === undefined) throw new UserError("UNREACHABLE", `the address of node ${peer} is not known here`);
  const client = openChannel(address, security, "bulk");
  const { path, requestSerialize, responseDeserialize } = peerMethods.pullSnapshot;
  const asked = { ...request, resume: progress.snapshot, received: progress.received };
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, asked, new Metadata(), {});
  let silent = false;
  const iterator: AsyncIterator<SnapshotChunk> = call[Symbol.asyncIterator]();
  const assembly = new PageAssembly(progress);
  try {
    for (;;) {
      const timer = setTimeout(() => {
        silent = true;
        call.cancel();
      }, silenceMs);
      const { value, done } = await iterator.next().finally(() => clearTimeout(timer));
      if (done === true) throw new UserError("UNREACHABLE", `the snapshot from ${address} ended before its last page`);
      const page = assembly.take(value);
      if (page !== undefined) yield page;
      if (value.last) return;
    }
  } catch (error) {
    if (silent) throw new UserError("UNREACHABLE", `the snapshot from ${address} was silent for ${silenceMs} ms`);
    throw asUserError(error, address);
  } finally {
    call.cancel();
    client.close();
  }
}

/** Puts chunks together to pages. Of a snapshot without a name each chunk is a page of its own. */
class PageAssembly {
  readonly #progress: Progress;
  #rows: Row[] = [];
  #head: Pick<SnapshotPage, "applied" | "clock"> | null = null;
  #expectsHead: boolean;

  constructor(progress: Progress) {
    this.#progress = progress;
    this.#expectsHead = progress.snapshot === "";
  }

  take(chunk: SnapshotChunk): SnapshotPage | undefined {
    const { applied, rows, last, checksum, number, snapshot } = chunk;
    if (checksum !== 0 && crc32(rows, crc32(applied)) !== checksum) throw new WireError("the checksum of a chunk does not hold");
    const page = toPage(chunk, this.#expectsHead);
    this.#expectsHead = false;
    if (snapshot === "") return page;
    if (page.applied !== null) this.#head = page;
    for (const row of page.rows) this.#rows.push(row);
    if (number === 0) return undefined;
    if (number !== this.#progress.received + 1) throw new WireError(`page ${number} follows page ${this.#progress.received}`);
    Object.assign(this.#progress, { snapshot, received: number, failures: 0 });
    const whole = { applied: null, ...this.#head, rows: this.#rows, last };
    this.#rows = [];
    this.#head = null;
    return whole;
  }
}

function asUserError(error: unknown, address: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError || !("metadata" in error)) return error;
  const told = fromStatus(error as ServiceError);
  return told ?? new UserError("UNREACHABLE", `the snapshot from ${address} broke off: ${error.message}`);
}

function toPage({ applied, rows, last }: SnapshotChunk, first: boolean): SnapshotPage {
  if (first !== applied.length > 0) throw new WireError("the applied state comes in the first chunk and there only");
  if (!first) return { applied: null, rows: toRows(parse(rows)), last };
  const head = parse(applied);
  return { applied: toApplied(head), rows: toRows(parse(rows)), last, clock: isObject(head) ? toIndex(head["clock"] ?? 0) : 0 };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new WireError("a chunk is no JSON");
  }
}

function toRows(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) throw new WireError("rows are no list");
  return value.map((row: unknown) => {
    if (!Array.isArray(row) || row.length !== 3 || !row.every((part) => typeof part === "string")) {
      throw new WireError("a row is no table, key and value");
    }
    const [table, key, text] = row as [string, string, string];
    return { table, key, value: text };
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function toIndex(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new WireError("an index is no index");
  return value;
}

function toMembers(value: unknown): readonly Member[] {
  if (!Array.isArray(value)) throw new WireError("members are no list");
  return value.map((member: unknown) => {
    if (!isObject(member)) throw new WireError("a member is no object");
    const { id, name, address } = member;
    if (typeof id !== "string" || typeof name !== "string" || typeof address !== "string") {
      throw new WireError("a member has no id, name and address");
    }
    return { id, name, address, ...toMark(member, "standby"), ...toMark(member, "preferred") };
  });
}

function toMark<Mark extends string>(member: Record<string, unknown>, mark: Mark): { [one in Mark]?: true } {
  const value = member[mark];
  if (value === undefined) return {};
  if (value !== true) throw new WireError(`a member's mark ${mark} is not true`);
  return { [mark]: true } as { [one in Mark]?: true };
}

function toConfiguration({ voters, learners, outgoing }: Record<string, unknown>): Configuration {
  const sets = { voters: toMembers(voters), learners: toMembers(learners) };
  return outgoing === undefined ? sets : { ...sets, outgoing: toMembers(outgoing) };
}

function toApplied(value: unknown): AppliedState {
  if (!isObject(value) || !isObject(value["configuration"])) throw new WireError("the applied state is no object");
  return {
    index: toIndex(value["index"]),
    term: toIndex(value["term"]),
    configuration: toConfiguration(value["configuration"]),
    configurationIndex: toIndex(value["configurationIndex"]),
  };
}
