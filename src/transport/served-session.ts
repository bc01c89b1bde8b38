/**
 * The server's end of a session stream: cuts messages into requests, hands them on in order, and stops reading while too
 * many are unanswered or too many bytes of answers wait to be taken.
 */

import type { ServerDuplexStream } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import { type SessionRequest, type SessionResponse, readSessionRequest, writeSessionResponse } from "./messages.generated.ts";
import { largestBodyBytes } from "./channel.ts";
import { Outbox } from "./outbox.ts";
import type { SessionHandler, SessionStream } from "./service.ts";
import { toDetail, toStatus } from "./status.ts";
import { type Init, decode, encode } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

export interface SessionLimits {
  /** Requests of one stream that may be unanswered. */
  readonly outstanding: number;
  /** Bytes of answers that may wait for the client to take them. */
  readonly waitingBytes: number;
}

export const defaultSessionLimits: SessionLimits = { outstanding: 1024, waitingBytes: 8 * 1024 * 1024 };

function encodeBatch(responses: readonly Init<SessionResponse>[]): Buffer {
  const [first, ...more] = responses;
  return encode(writeSessionResponse, { ...first, more });
}

function sizeOf({ result }: Init<SessionResponse>): number {
  if (result?.kind === "get") return 96 + Buffer.byteLength(result.value.item?.value ?? "");
  return result?.kind === "error" ? 512 : 48;
}

type SessionCall = ServerDuplexStream<Buffer, Buffer>;

export class ServedSession implements SessionStream {
  private readonly call: SessionCall;
  private readonly limits: SessionLimits;
  private readonly handler: SessionHandler;
  private readonly report: (error: unknown) => void;
  // What is unanswered bounds the outbox, so it needs no bound of its own.
  private readonly outbox = new Outbox({ count: Infinity, bytes: Infinity }, encodeBatch);
  private outstanding = 0;
  private waitingBytes = 0;
  private paused = false;
  private over = false;

  constructor(
    call: SessionCall,
    open: (stream: SessionStream) => SessionHandler,
    limits: SessionLimits,
    report: (error: unknown) => void,
  ) {
    this.call = call;
    this.limits = limits;
    this.report = report;
    this.handler = open(this);
    this.outbox.attach(call);
    call.on("data", (bytes: Buffer) => this.receive(bytes));
    call.on("end", () => {
      // Answers that wait still go out; those not given by now have nobody to take them.
      this.outbox.end();
      this.finish();
    });
    call.on("error", () => this.finish());
    call.on("cancelled", () => this.finish());
    call.on("close", () => this.finish());
  }

  respond(response: Init<SessionResponse>): void {
    if (this.over) return;
    const bytes = sizeOf(response);
    if (bytes > largestBodyBytes) {
      this.refuse(response.sequence ?? 0, new UserError("MESSAGE_TOO_LARGE", "the answer is too large to send"));
      return;
    }
    this.waitingBytes += bytes;
    this.outbox.push({
      message: response,
      bytes,
      written: () => {
        this.outstanding -= 1;
        this.waitingBytes -= bytes;
        this.regulate();
      },
    });
    this.regulate();
  }

  refuse(sequence: number, error: UserError): void {
    this.respond({ sequence, result: { kind: "error", value: toDetail(error) } });
  }

  close(error: UserError): void {
    if (this.over) return;
    this.finish();
    this.call.emit("error", toStatus(error));
  }

  private receive(bytes: Buffer): void {
    try {
      const request = decode(readSessionRequest, bytes);
      this.dispatch(request);
      for (const further of request.more) this.dispatch(further);
    } catch (error) {
      if (error instanceof WireError) this.close(new UserError("INVALID_ARGUMENT", `a request is malformed: ${error.message}`));
      else {
        this.report(error);
        this.close(new UserError("FAILED", "the request failed inside the daemon"));
      }
    }
    this.regulate();
  }

  private dispatch(request: SessionRequest): void {
    if (this.over) return;
    if (request.operation === null) throw new WireError("it asks for nothing that this version knows");
    this.outstanding += 1;
    try {
      this.handler.request(request);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.refuse(request.sequence, error);
    }
  }

  private regulate(): void {
    const { outstanding, waitingBytes } = this.limits;
    if (!this.paused && (this.outstanding >= outstanding || this.waitingBytes >= waitingBytes)) {
      this.paused = true;
      this.call.pause();
    } else if (this.paused && this.outstanding <= outstanding / 2 && this.waitingBytes <= waitingBytes / 2) {
      this.paused = false;
      this.call.resume();
    }
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.handler.ended();
  }
}
