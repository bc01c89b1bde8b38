/**
 * A session of a program: many reads and writes under way at once over one stream. When the stream breaks, another daemon
 * is dialled and what is unanswered is sent again with the same sequence numbers, so each write is applied once.
 */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import { parseAddress } from "./address.ts";
import { largestBodyBytes } from "./channel.ts";
import { type Security, insecure } from "./credentials.ts";
import type {
  KvGetResponse,
  KvWriteResponse,
  SessionRequest,
  SessionRequestOperation,
  SessionResponse,
} from "./messages.generated.ts";
import { SessionLine } from "./session-line.ts";
import { fromDetail } from "./status.ts";
import type { Init } from "./wire.ts";

export interface SessionOptions {
  /** How long a request may take, all attempts included. */
  readonly timeoutMs?: number;
  /** Requests that are sent and unanswered; further ones wait. */
  readonly maxInFlight?: number;
  /** Requests that may wait; further ones are refused with OVERLOADED. */
  readonly maxWaiting?: number;
  readonly security?: Security;
}

export interface Session {
  /** The name under which the cluster knows the session. */
  readonly name: string;
  put(key: string, value: string): Promise<KvWriteResponse>;
  putIfAbsent(key: string, value: string): Promise<KvWriteResponse>;
  compareAndSwap(key: string, value: string, condition: SwapCondition): Promise<KvWriteResponse>;
  delete(key: string, ifVersion?: number): Promise<KvWriteResponse>;
  get(key: string, consistent?: boolean): Promise<KvGetResponse>;
  /** Gives up what is unanswered. */
  close(): void;
}

export interface SwapCondition {
  readonly ifVersion?: number;
  readonly ifValue?: string;
}

type Operation = Init<SessionRequestOperation>;
type Answer = KvWriteResponse | KvGetResponse;

interface Pending {
  readonly sequence: number;
  readonly operation: Operation;
  readonly bytes: number;
  readonly deadline: number;
  sent: boolean;
  /** It may stand in the log already. */
  again: boolean;
  /** The last answer that asked for patience. */
  refusal: UserError | undefined;
  resolve(answer: Answer): void;
  reject(error: UserError): void;
}

/** Answers after which the same request, with the same sequence, may be sent again. */
const patience: ReadonlySet<string> = new Set([
  "NO_LEADER",
  "NOT_LEADER",
  "NO_QUORUM",
  "OUTCOME_UNKNOWN",
  "TIMEOUT",
  "OVERLOADED",
  "UNREACHABLE",
]);
const resendAfterMs = 50;

/** A session with a cluster, by any of its daemons. Throws `UserError` for a malformed address. */
export function openSession(addresses: string | readonly string[], options: SessionOptions = {}): Session {
  return new ClientSession(typeof addresses === "string" ? [addresses] : addresses, options);
}

/** About the bytes of a text; exact where it matters. */
function sizeOf(text: string): number {
  return text.length < largestBodyBytes / 4 ? text.length : Buffer.byteLength(text);
}

class ClientSession implements Session {
  readonly name = randomUUID();
  private readonly options: Required<SessionOptions>;
  private readonly line: SessionLine;
  /** In the order of their sequences, hence of their deadlines. */
  private readonly pending = new Map<number, Pending>();
  /** Of these, the ones that are not under way: never sent, or to be sent again. In order. */
  private waiting: Pending[] = [];
  private readonly refused = new Set<Pending>();
  private inFlight = 0;
  /** Applied by the node that opened the session first, before any request of it. */
  private opened: number | undefined;
  private lastSequence = 0;
  private deadlineTimer: NodeJS.Timeout | undefined;
  private resendTimer: NodeJS.Timeout | undefined;
  private over: UserError | undefined;

  constructor(addresses: readonly string[], options: SessionOptions) {
    for (const address of addresses) parseAddress(address);
    if (addresses.length === 0) throw new UserError("INVALID_ARGUMENT", "a session needs the address of a daemon");
    this.options = { timeoutMs: 10_000, maxInFlight: 1024, maxWaiting: 65_536, security: insecure, ...options };
    this.line = new SessionLine(addresses, this.options.security, this.name, {
      up: (appliedIndex) => {
        this.opened ??= appliedIndex;
        this.sendAgain();
      },
      response: (response) => this.receive(response),
      failed: (error) => this.end(error),
    });
  }

  put(key: string, value: string): Promise<KvWriteResponse> {
    return this.write({ kind: "put", value: { key, value } }, sizeOf(key) + sizeOf(value));
  }

  putIfAbsent(key: string, value: string): Promise<KvWriteResponse> {
    return this.write({ kind: "putIfAbsent", value: { key, value } }, sizeOf(key) + sizeOf(value));
  }

  compareAndSwap(key: string, value: string, condition: SwapCondition): Promise<KvWriteResponse> {
    return this.write({ kind: "compareAndSwap", value: { key, value, ...condition } }, sizeOf(key) + sizeOf(value));
  }

  delete(key: string, ifVersion?: number): Promise<KvWriteResponse> {
    return this.write({ kind: "delete", value: { key, ifVersion } }, sizeOf(key));
  }

  async get(key: string, consistent = true): Promise<KvGetResponse> {
    return (await this.ask({ kind: "get", value: { key, read: { consistent } } }, sizeOf(key))) as KvGetResponse;
  }

  close(): void {
    this.end(new UserError("OUTCOME_UNKNOWN", "the session was closed before the answer came"));
  }

  private async write(operation: Operation, bytes: number): Promise<KvWriteResponse> {
    return (await this.ask(operation, bytes)) as KvWriteResponse;
  }

  private ask(operation: Operation, bytes: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.over !== undefined) return reject(this.over);
      // Sent, it would end the stream and take the others along.
      if (bytes > largestBodyBytes) {
        return reject(new UserError("MESSAGE_TOO_LARGE", `a request of ${bytes} bytes is too large`, { next: "Store less in one value." }));
      }
      if (this.waiting.length >= this.options.maxWaiting) {
        return reject(new UserError("OVERLOADED", `${this.options.maxWaiting} requests of this session wait already`));
      }
      const deadline = Date.now() + this.options.timeoutMs;
      const sequence = ++this.lastSequence;
      const pending = { sequence, operation, bytes: bytes + 64, deadline, sent: false, again: false, refusal: undefined, resolve, reject };
      this.pending.set(sequence, pending);
      this.waiting.push(pending);
      this.deadlineTimer ??= setTimeout(() => this.expire(), this.options.timeoutMs);
      this.pump();
    });
  }

  /** Sends what waits while there is room. */
  private pump(): void {
    if (!this.line.isUp) return;
    let taken = 0;
    for (const pending of this.waiting) {
      if (this.inFlight >= this.options.maxInFlight) break;
      taken += 1;
      if (!this.pending.has(pending.sequence)) continue;
      this.inFlight += 1;
      pending.sent = true;
      this.line.send(this.requestOf(pending), pending.bytes);
    }
    if (taken > 0) this.waiting.splice(0, taken);
  }

  private requestOf({ sequence, operation, again }: Pending): Init<SessionRequest> {
    const acknowledged = this.pending.keys().next().value ?? sequence;
    return again ? { sequence, acknowledged, operation, opened: this.opened } : { sequence, acknowledged, operation };
  }

  /** A new stream is up: all that is unanswered goes again, in order. */
  private sendAgain(): void {
    this.inFlight = 0;
    this.refused.clear();
    this.waiting = [...this.pending.values()];
    for (const pending of this.waiting) pending.again ||= pending.sent;
    this.pump();
  }

  private receive({ sequence, result }: SessionResponse): void {
    const pending = this.pending.get(sequence);
    // The answer to a request that was given up still makes room.
    this.inFlight = Math.max(0, this.inFlight - 1);
    if (pending !== undefined) this.settle(pending, result);
    this.pump();
  }

  private settle(pending: Pending, result: SessionResponse["result"]): void {
    if (result?.kind === "error") {
      const error = fromDetail(result.value);
      if (patience.has(error.code)) return this.sendLater(pending, error);
      this.pending.delete(pending.sequence);
      return pending.reject(error);
    }
    this.pending.delete(pending.sequence);
    if (result?.kind === "write" || result?.kind === "get") pending.resolve(result.value);
    else pending.reject(new UserError("FAILED", "the daemon gave an answer that is none"));
  }

  private sendLater(pending: Pending, refusal: UserError): void {
    pending.refusal = refusal;
    pending.again = true;
    this.refused.add(pending);
    this.resendTimer ??= setTimeout(() => {
      this.resendTimer = undefined;
      const again = [...this.refused].sort((a, b) => a.sequence - b.sequence);
      this.refused.clear();
      this.waiting = [...again, ...this.waiting];
      this.pump();
    }, resendAfterMs);
  }

  /** Gives up the requests whose time is over; the oldest come first. */
  private expire(): void {
    this.deadlineTimer = undefined;
    const now = Date.now();
    for (const pending of this.pending.values()) {
      if (pending.deadline > now) {
        this.deadlineTimer = setTimeout(() => this.expire(), pending.deadline - now);
        return;
      }
      this.pending.delete(pending.sequence);
      this.refused.delete(pending);
      pending.reject(this.lateError(pending));
    }
  }

  private lateError({ sent, operation, refusal }: Pending): UserError {
    const { timeoutMs } = this.options;
    if (!sent) return new UserError("UNREACHABLE", `no daemon could be reached within ${timeoutMs} ms`);
    if (operation.kind === "get") return new UserError("TIMEOUT", `no answer within ${timeoutMs} ms`);
    const why = refusal === undefined ? "" : `; the last answer was ${refusal.code}: ${refusal.message}`;
    return new UserError("OUTCOME_UNKNOWN", `no answer within ${timeoutMs} ms${why}`);
  }

  private end(error: UserError): void {
    if (this.over !== undefined) return;
    this.over = error;
    clearTimeout(this.deadlineTimer);
    clearTimeout(this.resendTimer);
    this.line.close();
    const rest = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of rest) reject(error);
  }
}
