/** The stream under a session: dials one daemon after another until one opens the session, and again when it breaks. */

import { type Client, type ClientDuplexStream, Metadata, type ServiceError } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import { connectTimeoutMs, openChannel } from "./channel.ts";
import type { Security } from "./credentials.ts";
import { type SessionRequest, type SessionResponse, kvMethods, readSessionResponse, writeSessionRequest } from "./messages.generated.ts";
import { Outbox } from "./outbox.ts";
import { fromDetail, fromStatus } from "./status.ts";
import { type Init, decode, encode } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

export interface SessionLineEvents {
  /** A stream is open, with a node that has applied so much; what was sent on the one before may be lost. */
  up(appliedIndex: number): void;
  response(response: SessionResponse): void;
  /** The session cannot go on, with any daemon. */
  failed(error: UserError): void;
}

const firstBackoffMs = 50;
const maxBackoffMs = 500;
const asIs = (bytes: Buffer): Buffer => bytes;
/** Errors of the session itself, which no other daemon would answer otherwise. */
const final: ReadonlySet<string> = new Set(["SESSION_EXPIRED", "INVALID_ARGUMENT", "NOT_IMPLEMENTED", "MESSAGE_TOO_LARGE"]);

function encodeBatch(requests: readonly Init<SessionRequest>[]): Buffer {
  const [first, ...more] = requests;
  return encode(writeSessionRequest, { ...first, more });
}

export class SessionLine {
  isUp = false;
  private readonly addresses: readonly string[];
  private readonly security: Security;
  private readonly name: string;
  private readonly events: SessionLineEvents;
  // The session bounds what is in flight, so the outbox needs no bound of its own.
  private readonly outbox = new Outbox({ count: Infinity, bytes: Infinity }, encodeBatch);
  private attempt = 0;
  /** Attempts that failed since a stream was last up. */
  private failures = 0;
  /** Which address is next; moves on with every stream that broke. */
  private cursor = 0;
  private call: ClientDuplexStream<Buffer, Buffer> | undefined;
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(addresses: readonly string[], security: Security, name: string, events: SessionLineEvents) {
    this.addresses = addresses;
    this.security = security;
    this.name = name;
    this.events = events;
    this.dial();
  }

  /** Only while up. */
  send(request: Init<SessionRequest>, bytes: number): void {
    this.outbox.push({ message: request, bytes });
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private dial(): void {
    const attempt = ++this.attempt;
    const address = this.addresses[this.cursor % this.addresses.length] ?? "";
    this.client = openChannel(address, this.security);
    const call = this.client.makeBidiStreamRequest(kvMethods.session.path, asIs, asIs, new Metadata(), {});
    this.call = call;
    const broke = (error?: Error): void => {
      if (attempt === this.attempt) this.broke(error);
    };
    call.on("data", (bytes: Buffer) => {
      if (attempt === this.attempt) this.receive(attempt, bytes);
    });
    call.on("error", broke);
    call.on("end", () => setImmediate(broke));
    this.timer = setTimeout(broke, connectTimeoutMs);
    call.write(encode(writeSessionRequest, { operation: { kind: "open", value: this.name } }));
  }

  private receive(attempt: number, bytes: Buffer): void {
    try {
      const response = decode(readSessionResponse, bytes);
      this.handle(response);
      for (const further of response.more) if (attempt === this.attempt) this.handle(further);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.broke(error);
    }
  }

  private handle(response: SessionResponse): void {
    if (this.isUp) return this.events.response(response);
    const { result } = response;
    if (result?.kind === "error") return this.broke(fromDetail(result.value));
    if (result?.kind !== "opened") throw new WireError("the daemon did not open the session");
    clearTimeout(this.timer);
    this.isUp = true;
    this.failures = 0;
    this.outbox.attach(this.call);
    this.events.up(response.appliedIndex);
  }

  private broke(error?: Error): void {
    if (this.closed) return;
    this.drop();
    const told = error !== undefined && "metadata" in error ? fromStatus(error as ServiceError) : error;
    if (told instanceof UserError && final.has(told.code)) {
      this.events.failed(told);
      return;
    }
    // The other addresses are tried at once; then all again after a while.
    this.failures += 1;
    this.cursor += 1;
    const rounds = Math.floor(this.failures / this.addresses.length);
    const delayMs = rounds === 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(rounds - 1, 16));
    this.timer = setTimeout(() => this.dial(), delayMs);
  }

  private drop(): void {
    this.attempt += 1;
    this.isUp = false;
    clearTimeout(this.timer);
    this.outbox.attach(undefined);
    this.outbox.clear();
    this.call?.cancel();
    this.call = undefined;
    this.client?.close();
    this.client = undefined;
  }
}
