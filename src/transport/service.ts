/** What a daemon does with what clients ask: one plain function a method, typed by the proto. */

import type {
  SessionRequest,
  SessionResponse,
  clusterMethods,
  imageMethods,
  kvMethods,
  serviceMethods,
  taskMethods,
  vmMethods,
  workerMethods,
} from "./messages.generated.ts";
import type { UserError } from "../errors.ts";
import type { Init, Method } from "./wire.ts";

/** What is known of a call beside its request. */
export interface CallContext {
  /** Time that the client still waits. */
  readonly deadlineMs: number;
  /** Aborted when the client is gone or its deadline passed. */
  readonly signal: AbortSignal;
}

/** The methods of a service with one request and one response. */
export type UnaryHandlers<Methods> = {
  readonly [Name in keyof Methods as Methods[Name] extends Method<infer _Request, infer _Response, false, false>
    ? Name
    : never]: Methods[Name] extends Method<infer Request, infer Response, false, false>
    ? (request: Request, context: CallContext) => Promise<Init<Response>>
    : never;
};

/** The methods of a service with one request and a stream of responses. */
export type StreamHandlers<Methods> = {
  readonly [Name in keyof Methods as Methods[Name] extends Method<infer _Request, infer _Response, false, true>
    ? Name
    : never]: Methods[Name] extends Method<infer Request, infer Response, false, true>
    ? (request: Request, context: CallContext) => AsyncIterable<Init<Response>>
    : never;
};

/** The transport's end of a session of a program. */
export interface SessionStream {
  /** Answers a request; exactly once for each, in any order. */
  respond(response: Init<SessionResponse>): void;
  /** Answers a request with an error. */
  refuse(sequence: number, error: UserError): void;
  /** Ends the session with an error. */
  close(error: UserError): void;
}

/** The daemon's end. */
export interface SessionHandler {
  /** Requests come in the order in which the client sent them. What is thrown answers the request. */
  request(request: SessionRequest): void;
  /** The stream is over; nothing can be answered any more. */
  ended(): void;
}

export interface ServiceHandlers {
  readonly cluster: UnaryHandlers<typeof clusterMethods> & StreamHandlers<typeof clusterMethods>;
  readonly kv: UnaryHandlers<typeof kvMethods> & StreamHandlers<typeof kvMethods> & { session(stream: SessionStream): SessionHandler };
  readonly vm: UnaryHandlers<typeof vmMethods> & StreamHandlers<typeof vmMethods>;
  readonly service: UnaryHandlers<typeof serviceMethods> & StreamHandlers<typeof serviceMethods>;
  readonly task: UnaryHandlers<typeof taskMethods> & StreamHandlers<typeof taskMethods>;
  readonly worker: UnaryHandlers<typeof workerMethods>;
  readonly image: UnaryHandlers<typeof imageMethods> & StreamHandlers<typeof imageMethods>;
}
