/** A connection of a command to a daemon: one promise a call, a deadline on each, every failure a `UserError`. */

import { type Client, Metadata, type ServiceError, connectivityState, status } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import { connectTimeoutMs, openChannel } from "./channel.ts";
import { type Security, insecure } from "./credentials.ts";
import { clusterMethods, imageMethods, kvMethods, serviceMethods, taskMethods, vmMethods, workerMethods } from "./messages.generated.ts";
import { fromStatus } from "./status.ts";
import type { AnyMethod, Init, Method } from "./wire.ts";

export interface ClientOptions {
  /** How long a call may take, connecting included. */
  readonly timeoutMs: number;
  readonly security?: Security;
}

export interface CallOptions {
  readonly timeoutMs?: number;
}

/** The methods of a service with one request and one response. */
export type Calls<Methods> = {
  readonly [Name in keyof Methods as Methods[Name] extends Method<infer _Request, infer _Response, false, false>
    ? Name
    : never]: Methods[Name] extends Method<infer Request, infer Response, false, false>
    ? (request: Init<Request>, options?: CallOptions) => Promise<Response>
    : never;
};

/** The methods of a service with a stream of responses. It ends when the caller stops to iterate, and has no deadline. */
export type Streams<Methods> = {
  readonly [Name in keyof Methods as Methods[Name] extends Method<infer _Request, infer _Response, false, true>
    ? Name
    : never]: Methods[Name] extends Method<infer Request, infer Response, false, true>
    ? (request: Init<Request>) => AsyncIterable<Response>
    : never;
};

export interface Connection {
  readonly address: string;
  readonly cluster: Calls<typeof clusterMethods> & Streams<typeof clusterMethods>;
  readonly kv: Calls<typeof kvMethods> & Streams<typeof kvMethods>;
  readonly vm: Calls<typeof vmMethods> & Streams<typeof vmMethods>;
  readonly service: Calls<typeof serviceMethods> & Streams<typeof serviceMethods>;
  readonly task: Calls<typeof taskMethods> & Streams<typeof taskMethods>;
  readonly worker: Calls<typeof workerMethods>;
  readonly image: Calls<typeof imageMethods> & Streams<typeof imageMethods>;
  close(): void;
}

/** Methods that change nothing: when their answer is lost, nothing is in doubt. */
const reads: ReadonlySet<AnyMethod> = new Set<AnyMethod>([
  clusterMethods.nodeStatus,
  clusterMethods.clusterStatus,
  clusterMethods.identify,
  clusterMethods.events,
  clusterMethods.backup,
  kvMethods.get,
  kvMethods.list,
  kvMethods.watch,
  vmMethods.list,
  vmMethods.get,
  vmMethods.inspect,
  vmMethods.logs,
  vmMethods.feed, // what came twice is taken once
  serviceMethods.list,
  serviceMethods.get,
  serviceMethods.logs,
  taskMethods.list,
  taskMethods.get,
  taskMethods.logs,
  workerMethods.list,
  imageMethods.list,
  imageMethods.upload, // what came twice is taken once
  imageMethods.fetch,
]);

/** A connection to the daemon at `address`, made when first used. Throws `UserError` for a malformed address. */
export function connectClient(address: string, options: ClientOptions): Connection {
  const line = new Line(address, options);
  return {
    address,
    cluster: callsOf(clusterMethods, line),
    kv: callsOf(kvMethods, line),
    vm: callsOf(vmMethods, line),
    service: callsOf(serviceMethods, line),
    task: callsOf(taskMethods, line),
    worker: callsOf(workerMethods, line),
    image: callsOf(imageMethods, line),
    close: () => line.close(),
  };
}

type AnyUnary = Method<unknown, unknown, false, false>;

type AnyStream = Method<unknown, unknown, false, true>;

function callsOf<Methods extends object>(methods: Methods, line: Line): Calls<Methods> & Streams<Methods> {
  const calls: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(methods) as [string, AnyMethod][]) {
    if (method.requestStream) continue;
    calls[name] = method.responseStream
      ? (request: Init<unknown>) => line.stream(method as unknown as AnyStream, request)
      : (request: Init<unknown>, options?: CallOptions) => line.call(method as unknown as AnyUnary, request, options);
  }
  return calls as Calls<Methods> & Streams<Methods>;
}

/** One channel and what went wrong on it. */
class Line {
  private readonly address: string;
  private readonly timeoutMs: number;
  private readonly client: Client;
  private connected = false;

  constructor(address: string, { timeoutMs, security = insecure }: ClientOptions) {
    this.address = address;
    this.timeoutMs = timeoutMs;
    this.client = openChannel(address, security, "command");
  }

  async call<Request, Response>(
    method: Method<Request, Response, false, false>,
    request: Init<Request>,
    { timeoutMs = this.timeoutMs }: CallOptions = {},
  ): Promise<Response> {
    const deadline = Date.now() + timeoutMs;
    await this.connect(Math.min(deadline, Date.now() + connectTimeoutMs));
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: Response): void => {
        if (error !== null) reject(this.explain(error, method, timeoutMs));
        else resolve(response as Response);
      };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), { deadline }, done);
    });
  }

  async *stream<Request, Response>(
    method: Method<Request, Response, false, true>,
    request: Init<Request>,
  ): AsyncGenerator<Response> {
    await this.connect(Date.now() + connectTimeoutMs);
    const { path, requestSerialize, responseDeserialize } = method;
    const call = this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), {});
    try {
      for await (const chunk of call) yield chunk as Response;
    } catch (error) {
      throw isServiceError(error) ? this.explain(error, method, this.timeoutMs) : error;
    } finally {
      call.cancel();
    }
  }

  close(): void {
    this.client.close();
  }

  /** Waits until the channel is ready or cannot be. A refused connection is left to the call, whose error says why. */
  private connect(deadline: number): Promise<void> {
    const channel = this.client.getChannel();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const state = channel.getConnectivityState(true);
        this.connected ||= state === connectivityState.READY;
        if (this.connected || state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) {
          resolve();
          return;
        }
        channel.watchConnectivityState(state, deadline, (error) => {
          if (error === undefined) look();
          else reject(this.unreachable("it does not answer"));
        });
      };
      look();
    });
  }

  private explain(error: ServiceError, method: AnyMethod, timeoutMs: number): UserError {
    const told = fromStatus(error);
    if (told !== undefined) return told;
    if (!this.connected) return this.unreachable(reasonOf(error.details));
    const isRead = reads.has(method);
    switch (error.code) {
      case status.DEADLINE_EXCEEDED:
        return this.timedOut(timeoutMs, isRead);
      case status.RESOURCE_EXHAUSTED: {
        const next = "Send less at once.";
        return new UserError("MESSAGE_TOO_LARGE", `the request or its answer is too large: ${error.details}`, { next });
      }
      case status.UNIMPLEMENTED: {
        const next = "Update the older of the two.";
        return new UserError("NOT_IMPLEMENTED", `the daemon at ${this.address} is of a version that does not know this`, { next });
      }
      default: {
        // A daemon names its own errors; so gRPC itself says that the connection broke (UNAVAILABLE, CANCELLED, INTERNAL).
        const reason = `the connection broke before the answer came (${error.details})`;
        return isRead ? this.unreachable(reason) : this.unknown(reason);
      }
    }
  }

  private unreachable(reason: string): UserError {
    const next = "Start it with 'blixard node start', or name another with --addr.";
    return new UserError("UNREACHABLE", `no daemon can be reached at ${this.address}: ${reason}`, { next });
  }

  private timedOut(timeoutMs: number, isRead: boolean): UserError {
    const message = `the daemon at ${this.address} did not answer within ${timeoutMs} ms`;
    if (isRead) return new UserError("TIMEOUT", message, { next: "Try again, or give more time with --timeout." });
    const next = "Look whether it was done before you send it again.";
    return new UserError("TIMEOUT", `${message}: outcome unknown`, { next });
  }

  private unknown(reason: string): UserError {
    const next = "Look whether it was done before you send it again.";
    return new UserError("OUTCOME_UNKNOWN", `outcome unknown: ${reason} (daemon at ${this.address})`, { next });
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}

/** The part of grpc-js's words that a person can use. */
function reasonOf(details: string): string {
  if (details.includes("ECONNREFUSED")) return "the connection was refused";
  if (details.includes("ENOTFOUND") || details.includes("Name resolution failed")) return "its name is not known";
  return details;
}
