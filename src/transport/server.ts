/** The one gRPC server of a daemon: peers, people, programs, health and reflection on one port. */

import {
  Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  logVerbosity,
  type sendUnaryData,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { serverOptions } from "./channel.ts";
import { type Security, createServerCredentials } from "./credentials.ts";
import { addHealthAndReflection } from "./introspection.ts";
import {
  clusterMethods,
  imageMethods,
  kvMethods,
  peerMethods,
  serviceMethods,
  taskMethods,
  vmMethods,
  workerMethods,
} from "./messages.generated.ts";
import type { PeerService } from "./peer.ts";
import { serveStream } from "./served-stream.ts";
import { ServedSession, type SessionLimits, defaultSessionLimits } from "./served-session.ts";
import type { CallContext, ServiceHandlers } from "./service.ts";
import { toStatus } from "./status.ts";
import type { AnyMethod, Init, Method } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

export interface ServerOptions {
  readonly security: Security;
  readonly handlers: ServiceHandlers;
  /** Called with what a handler threw that is no `UserError`: our bug, which the client is told of in general words. */
  readonly report?: (method: string, error: unknown) => void;
  readonly sessionLimits?: SessionLimits;
  /** A reader of a stream that takes nothing for so long is cut off. Default: 10 s. */
  readonly readerPatienceMs?: number;
}

export interface RunningServer {
  /** Listens; resolves to the address with its port. Port 0 takes any that is free. */
  bind(address: string): Promise<string>;
  /** From now on calls of peers are answered. */
  servePeers(service: PeerService): void;
  /** What the health service says. */
  setServing(serving: boolean): void;
  /** Ends calls in order for `graceMs`, then at once. */
  close(graceMs: number): Promise<void>;
}

/** The longest that a call without a deadline may take. */
const longestCallMs = 10 * 60 * 1000;

type Report = (method: string, error: unknown) => void;
type AnyCall = ServerUnaryCall<Buffer, unknown> | ServerWritableStream<Buffer, unknown>;

const asIs = (bytes: Buffer): Buffer => bytes;

/** Requests reach us as bytes, so that a malformed one gets a clear answer; streams of bytes are batched by us. */
function definitionOf(methods: Readonly<Record<string, AnyMethod>>): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => {
      const raw = method.requestStream;
      return [name, { ...method, requestDeserialize: asIs, responseSerialize: raw ? asIs : method.responseSerialize }];
    }),
  ) as ServiceDefinition;
}

/** Most calls never look at the signal, and it costs a tenth of a call: it is made when it is asked for. */
class ServedCall implements CallContext {
  readonly deadlineMs: number;
  private readonly call: AnyCall;
  private controller: AbortController | undefined;

  constructor(call: AnyCall) {
    const deadline = call.getDeadline();
    const leftMs = (typeof deadline === "number" ? deadline : deadline.getTime()) - Date.now();
    this.deadlineMs = Math.max(0, Math.min(leftMs, longestCallMs));
    this.call = call;
  }

  get signal(): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal;
    const controller = new AbortController();
    this.controller = controller;
    if (this.call.cancelled) controller.abort();
    else this.call.on("cancelled", () => controller.abort());
    return controller.signal;
  }
}

function statusOf(error: unknown, method: string, report: Report): ReturnType<typeof toStatus> {
  if (error instanceof UserError) return toStatus(error);
  if (error instanceof WireError) return toStatus(new UserError("INVALID_ARGUMENT", `the request is malformed: ${error.message}`));
  report(method, error);
  const next = "The log of the daemon says more.";
  return toStatus(new UserError("FAILED", "the request failed inside the daemon: this is a bug of blixard", { next }));
}

type Handle<Request, Response> = (request: Request, context: CallContext) => Promise<Init<Response>>;

/**
 * Calls under way, so that a stopping daemon can end each with an error that says so. (grpc-js alone would leave their
 * clients waiting until keepalive notices.)
 */
class OpenCalls {
  private readonly ends = new Set<(error: UserError) => void>();

  /** Returns what takes the call off the list. */
  add(end: (error: UserError) => void): () => void {
    this.ends.add(end);
    return () => this.ends.delete(end);
  }

  end(error: UserError): void {
    for (const end of this.ends) end(error);
  }
}

interface Context {
  readonly report: Report;
  /** Calls that end by themselves, and streams that do not. */
  readonly calls: OpenCalls;
  readonly streams: OpenCalls;
  readonly patienceMs: number;
}

function serveUnary<Request, Response>(
  method: Method<Request, Response, false, false>,
  handle: Handle<Request, Response>,
  { report, calls }: Context,
): (call: ServerUnaryCall<Buffer, Init<Response>>, callback: sendUnaryData<Init<Response>>) => void {
  return async (call, callback) => {
    let answered = false;
    const answer: sendUnaryData<Init<Response>> = (error, response) => {
      if (answered) return;
      answered = true;
      forget();
      callback(error, response);
    };
    const forget = calls.add((error) => answer(toStatus(error)));
    try {
      answer(null, await handle(method.requestDeserialize(call.request), new ServedCall(call)));
    } catch (error) {
      answer(statusOf(error, method.path, report));
    }
  };
}

/** Every method of a service with one request and one response. */
function unaryImplementations(
  methods: Readonly<Record<string, AnyMethod>>,
  handlers: object,
  context: Context,
): UntypedServiceImplementation {
  const implementations: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(methods)) {
    if (method.requestStream || method.responseStream) continue;
    const handle = (handlers as Readonly<Record<string, Handle<unknown, unknown>>>)[name];
    // Called on `handlers`, which may be an object with state.
    if (handle !== undefined) {
      const bound: Handle<unknown, unknown> = (request, context) => handle.call(handlers, request, context);
      implementations[name] = serveUnary(method as unknown as Method<unknown, unknown, false, false>, bound, context);
    }
  }
  return implementations;
}

type HandleStream = (request: unknown, context: CallContext) => AsyncIterable<Init<unknown>>;
type StreamMethod = Method<unknown, unknown, false, true>;

/** Every method of a service with one request and a stream of responses. */
function streamImplementations(
  methods: Readonly<Record<string, AnyMethod>>,
  handlers: object,
  { report, streams, patienceMs }: Context,
): UntypedServiceImplementation {
  const implementations: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(methods)) {
    if (method.requestStream || !method.responseStream) continue;
    const handle = (handlers as Readonly<Record<string, HandleStream>>)[name];
    if (handle === undefined) continue;
    const { requestDeserialize, path } = method as unknown as StreamMethod;
    implementations[name] = (call: ServerWritableStream<Buffer, Init<unknown>>): void => {
      const open = async function* (): AsyncGenerator<Init<unknown>> {
        yield* handle.call(handlers, requestDeserialize(call.request), new ServedCall(call));
      };
      const fail = (error: unknown): void => void call.emit("error", statusOf(error, path, report));
      void serveStream(call, { messages: open(), patienceMs, register: (end) => streams.add(end), fail });
    };
  }
  return implementations;
}

function addServices(server: Server, { handlers, sessionLimits }: ServerOptions, context: Context): void {
  const { cluster, image, kv, service, task, vm, worker } = handlers;
  server.addService(definitionOf(clusterMethods), {
    ...unaryImplementations(clusterMethods, cluster, context),
    ...streamImplementations(clusterMethods, cluster, context),
  });
  server.addService(definitionOf(imageMethods), {
    ...unaryImplementations(imageMethods, image, context),
    ...streamImplementations(imageMethods, image, context),
  });
  server.addService(definitionOf(workerMethods), unaryImplementations(workerMethods, worker, context));
  server.addService(definitionOf(kvMethods), {
    ...unaryImplementations(kvMethods, kv, context),
    ...streamImplementations(kvMethods, kv, context),
    session(call: ServerDuplexStream<Buffer, Buffer>) {
      const { path } = kvMethods.session;
      const failed = (error: unknown): void => context.report(path, error);
      try {
        const session = new ServedSession(call, (stream) => kv.session(stream), sessionLimits ?? defaultSessionLimits, failed);
        const forget = context.streams.add((error) => session.close(error));
        call.on("close", forget).on("cancelled", forget);
      } catch (error) {
        call.emit("error", statusOf(error, path, context.report));
      }
    },
  });
  // A console may be read in a pager: it is kept in a file, so a reader who waits costs nothing.
  const patient = { ...context, patienceMs: Infinity };
  server.addService(definitionOf(vmMethods), { ...unaryImplementations(vmMethods, vm, context), ...streamImplementations(vmMethods, vm, patient) });
  server.addService(definitionOf(serviceMethods), { ...unaryImplementations(serviceMethods, service, context), ...streamImplementations(serviceMethods, service, patient) });
  server.addService(definitionOf(taskMethods), { ...unaryImplementations(taskMethods, task, context), ...streamImplementations(taskMethods, task, patient) });
}

/** Makes the server; it listens after `bind`. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  // grpc-js writes to stderr what we say better ourselves, as an error with a code.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({ ...serverOptions, "grpc.max_concurrent_streams": 4096 });
  const { report = () => {}, readerPatienceMs: patienceMs = 10_000 } = options;
  const context: Context = { report, calls: new OpenCalls(), streams: new OpenCalls(), patienceMs };
  addServices(server, options, context);
  const setServing = await addHealthAndReflection(server);
  return {
    bind: (address) => bind(server, address, options.security),
    servePeers(service) {
      server.addService(definitionOf({ connect: peerMethods.connect }), { connect: service.connect });
      server.addService({ pullSnapshot: peerMethods.pullSnapshot }, { pullSnapshot: service.pullSnapshot });
    },
    setServing,
    close: (graceMs) => close(server, context, graceMs),
  };
}

function bind(server: Server, text: string, security: Security): Promise<string> {
  const address = parseAddress(text, 0);
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), createServerCredentials(security), (error, port) => {
      if (error === null) resolve(formatAddress({ ...address, port }));
      else reject(bindError(text, error.message));
    });
  });
}

function bindError(address: string, reason: string): UserError {
  if (reason.includes("EADDRINUSE")) {
    const next = "Stop the other program, or give another port with --listen.";
    return new UserError("PORT_IN_USE", `cannot listen on ${address}: another program uses this port`, { next });
  }
  if (reason.includes("EACCES")) {
    const next = "Give a port above 1023.";
    return new UserError("INVALID_ARGUMENT", `cannot listen on ${address}: this user may not use this port`, { next });
  }
  const next = "Give an address of this machine, for example 127.0.0.1:7001.";
  return new UserError("INVALID_ARGUMENT", `cannot listen on ${address}: it is no address of this machine (${reason})`, { next });
}

/** How long clients have to take the error that ends their calls. */
const farewellMs = 200;

function close(server: Server, { calls, streams }: Context, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(() => {
      calls.end(new UserError("OUTCOME_UNKNOWN", "outcome unknown: the daemon stopped before it answered"));
      timer = setTimeout(() => server.forceShutdown(), farewellMs);
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
    streams.end(new UserError("UNREACHABLE", "the daemon is stopping"));
  });
}
