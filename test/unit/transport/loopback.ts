/** Nodes of a test: a real server on loopback with the transport towards peers behind it. */

import { type AddressInfo, type Socket, connect, createServer as createTcpServer } from "node:net";
import { onTestFinished, vi } from "vitest";
import { type Entry, makeEntry } from "../../../src/entry.ts";
import { UserError } from "../../../src/errors.ts";
import type { Member } from "../../../src/raft/configuration.ts";
import type { NodeId, RaftMessage } from "../../../src/raft/message.ts";
import { insecure } from "../../../src/transport/credentials.ts";
import { type RunningPeerTransport, startPeerTransport } from "../../../src/transport/peer.ts";
import type { PeerEvent, PeerLimits } from "../../../src/transport/peer-options.ts";
import { type RunningServer, createServer } from "../../../src/transport/server.ts";
import type { ServiceHandlers } from "../../../src/transport/service.ts";
import type { PeerHandlers } from "../../../src/transport/transport.ts";

export const clusterId = "c1";

/** Handlers of which a test gives those that it needs. */
export function handlersOf(given: { readonly [Service in keyof ServiceHandlers]?: Partial<ServiceHandlers[Service]> }): ServiceHandlers {
  const { cluster = {}, image = {}, kv = {}, service = {}, task = {}, vm = {}, worker = {} } = given;
  return { cluster, image, kv, service, task, vm, worker } as unknown as ServiceHandlers;
}

export interface ServerOfTest {
  readonly server: RunningServer;
  readonly address: string;
  readonly reports: { method: string; error: unknown }[];
  close(): Promise<void>;
}

/** A server on `address`, by default on a port that is free; closed when the test ends. */
export async function startServer(handlers: ServiceHandlers, address = "127.0.0.1:0", readerPatienceMs = 10_000): Promise<ServerOfTest> {
  const reports: { method: string; error: unknown }[] = [];
  const report = (method: string, error: unknown): void => void reports.push({ method, error });
  const server = await createServer({ security: insecure, handlers, report, readerPatienceMs });
  const bound = await server.bind(address);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= server.close(0));
  onTestFinished(close);
  return { server, address: bound, reports, close };
}

export interface Relay {
  readonly address: string;
  /** Breaks every connection that goes through, as a pulled cable does once it is noticed. */
  cut(): void;
  /** From now on nothing goes through, and nobody is told. */
  freeze(): void;
  thaw(): void;
  /** Nothing goes through until the returned function is called; then all of it does. */
  hold(): () => void;
}

/** A port that leads to another. */
export async function startRelay(target: string): Promise<Relay> {
  const [host = "", port] = target.split(":");
  const sockets = new Set<Socket>();
  let frozen = false;
  const relay = createTcpServer((incoming) => {
    const outgoing = connect(Number(port), host);
    for (const socket of [incoming, outgoing]) sockets.add(socket.on("error", () => {}));
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => {
      if (!frozen) incoming.destroy();
    });
    if (frozen) stop(incoming, outgoing);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  const freeze = (): void => {
    frozen = true;
    stop(...sockets);
  };
  const thaw = (): void => {
    frozen = false;
    // What was connected in the silence stays silent: its two ends have lost each other.
    cut();
  };
  const hold = (): (() => void) => {
    for (const socket of sockets) socket.cork();
    return () => {
      for (const socket of sockets) socket.uncork();
    };
  };
  onTestFinished(() => {
    cut();
    relay.close();
  });
  return { address: `127.0.0.1:${(relay.address() as AddressInfo).port}`, cut, freeze, thaw, hold };
}

/** Reads no more from these, so that nothing goes through. */
function stop(...sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.unpipe();
    socket.pause();
  }
}

export interface NodeOfTest {
  readonly id: NodeId;
  readonly address: string;
  readonly member: Member;
  readonly peers: RunningPeerTransport;
  readonly received: { message: RaftMessage; clock: number }[];
  readonly changes: string[];
  readonly events: PeerEvent[];
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly address?: string;
  readonly clusterId?: string;
  readonly epoch?: number;
  readonly incarnation?: number;
  readonly limits?: Partial<PeerLimits>;
  readonly handlers?: Partial<PeerHandlers>;
}

export async function startNode(id: NodeId, options: NodeOptions = {}): Promise<NodeOfTest> {
  const { server, address, close: closeServer } = await startServer(handlersOf({}), options.address);
  const received: { message: RaftMessage; clock: number }[] = [];
  const changes: string[] = [];
  const events: PeerEvent[] = [];
  const peers = startPeerTransport({
    self: { id, address, incarnation: options.incarnation ?? 1 },
    clusterId: () => options.clusterId ?? clusterId,
    epoch: () => options.epoch ?? 1,
    security: insecure,
    limits: options.limits ?? {},
    report: (event) => events.push(event),
    handlers: {
      message: (message, clock) => received.push({ message, clock }),
      forward: () => Promise.reject(new UserError("NOT_LEADER", "nothing is forwarded in this test")),
      snapshot: () => (async function* () {})(),
      peerChanged: (peer, connected) => changes.push(`${peer} ${connected ? "up" : "down"}`),
      ...options.handlers,
    },
  });
  server.servePeers(peers.service);
  const close = async (): Promise<void> => {
    await peers.close();
    await closeServer();
  };
  onTestFinished(close);
  return { id, address, member: { id, name: id, address }, peers, received, changes, events, close };
}

/** Waits until `look` does not throw. */
export function until(look: () => void): Promise<void> {
  return vi.waitFor(look, { timeout: 25_000, interval: 2 });
}

export function entriesOf(count: number, bytes: number, firstIndex = 1): readonly Entry[] {
  return Array.from({ length: count }, (_, i) => makeEntry(firstIndex + i, 1, 0, "command", Buffer.alloc(bytes, i)));
}

export function heartbeat(from: NodeId, to: NodeId, round: number, entries: readonly Entry[] = []): RaftMessage {
  const place = { group: "meta", from, to, term: 1 };
  return { kind: "AppendEntriesRequest", ...place, prevLogIndex: 0, prevLogTerm: 0, entries, leaderCommit: 0, round };
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<UserError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof UserError) return outcome;
  throw new Error("a UserError was expected", { cause: outcome });
}
