/** The daemon of a node: where all rooms meet. */

import { randomInt } from "node:crypto";
import { UserError, exitStatus } from "../errors.ts";
import type { DriverName, NodeId } from "../machine/records.ts";
import { members } from "../raft/configuration.ts";
import type { GroupId } from "../raft/message.ts";
import { seededRandom } from "../raft/random.ts";
import { configurationInForce } from "../raft/state.ts";
import { Replica, type Output } from "../replica/replica.ts";
import type { Storage, StoredIdentity } from "../storage/storage.ts";
import type { EpochTrace } from "../trace/epoch-trace.ts";
import type { PeerTransport } from "../transport/transport.ts";
import type { RunningServer } from "../transport/server.ts";
import type { Probe } from "../vm/driver.ts";
import { Attempts } from "./attempts.ts";
import { builtInOf, monotonicClock, openDrivers, openImageStore, openRunDirectories, openStorage, openTrace, type RunDirectories } from "./concrete.ts";
import { parseConfig, type DaemonConfig, type DaemonOptions } from "./config.ts";
import { Executor } from "./executor.ts";
import { identify } from "./identify.ts";
import { makeLog, type Log } from "./log.ts";
import { Leases } from "./leases.ts";
import { loadGroup } from "./load-group.ts";
import { Loop } from "./loop.ts";
import { LocalImages } from "./local-images.ts";
import type { Membership } from "./membership.ts";
import { openNetwork } from "./network.ts";
import { nodeStatus } from "./node-status.ts";
import { askPeer, fetchSnapshot } from "./peers.ts";
import { Requests } from "./requests.ts";
import { stackOf } from "./stack.ts";

export type { DaemonOptions } from "./config.ts";

/** How a daemon ended. */
export interface Ended {
  readonly reason: string;
  readonly exit: number;
}

export interface Daemon {
  readonly address: string;
  readonly nodeId: NodeId;
  readonly stopped: Promise<Ended>;
  /** Hands over leadership, lets VMs run on, closes everything. */
  stop(): Promise<void>;
}

const group: GroupId = "meta";
const maxOpenRequests = 100_000;

/** Starts the daemon and resolves when it answers. Throws `UserError` when it cannot start; then nothing is left open. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const config = parseConfig(options);
  const log = makeLog(config.name, config.logLevel, (line) => void process.stderr.write(line));
  const storage = await openStorage(config);
  try {
    return await RunningDaemon.start(config, log, storage);
  } catch (error) {
    await storage.close().catch(() => undefined);
    throw error;
  }
}

class RunningDaemon implements Daemon {
  readonly #config: DaemonConfig;
  readonly #log: Log;
  readonly #storage: Storage;
  readonly #trace: EpochTrace;
  readonly #loop: Loop;
  readonly #replica: Replica;
  readonly #attempts: Attempts;
  readonly #requests: Requests;
  readonly #leases: Leases;
  readonly #images: LocalImages;
  readonly #startedMs = monotonicClock();
  readonly #probes = new Map<DriverName, Probe>();
  readonly #runs: RunDirectories;
  #identity: StoredIdentity;
  #server!: RunningServer;
  #transport!: PeerTransport;
  #executor!: Executor;
  #membership!: Membership;
  #housekeeping: NodeJS.Timeout | null = null;
  #ending: Promise<void> | null = null;
  #ended!: (ended: Ended) => void;
  readonly stopped = new Promise<Ended>((resolve) => (this.#ended = resolve));
  address = "";

  static async start(config: DaemonConfig, log: Log, storage: Storage): Promise<Daemon> {
    const identity = await identify(storage, config);
    const { stored, machine } = await loadGroup(storage, group);
    const trace = openTrace(config, identity);
    const now = monotonicClock();
    const random = seededRandom(randomInt(2 ** 31));
    const { raft, history } = config;
    const rows = { maxRows: 65_536, maxDelayMs: 500 };
    const replica = new Replica({ group, self: identity.nodeId, raft, rows, random, trace, stored, machine, nowMs: now, history });
    trace.flush();
    const daemon = new RunningDaemon(config, log, storage, trace, replica, identity);
    await daemon.#open();
    return daemon;
  }

  private constructor(config: DaemonConfig, log: Log, storage: Storage, trace: EpochTrace, replica: Replica, identity: StoredIdentity) {
    this.#config = config;
    this.#log = log;
    this.#storage = storage;
    this.#trace = trace;
    this.#replica = replica;
    this.#identity = identity;
    this.#runs = openRunDirectories(config);
    const clock = monotonicClock;
    this.#loop = new Loop({
      storage,
      trace,
      clock,
      tickMs: config.tickMs,
      diskStallMs: config.diskStallMs,
      send: (message, logical) => this.#transport.send(message, logical),
      output: (of, output) => this.#output(of, output),
      gather: (busy) => this.#attempts.gather(busy),
      fatal: (error) => void this.#fail(error),
    });
    this.#loop.add(replica);
    this.#attempts = new Attempts(group, this.#loop, clock, maxOpenRequests);
    this.#requests = new Requests(group, replica, this.#attempts, clock, {
      self: identity.nodeId,
      ask: (leader, of, question, timeoutMs) => askPeer(this.#transport, trace, leader, of, question, timeoutMs),
      addressOf: (node) => this.#addressOf(node),
      renew: (node, epoch, timeoutMs) => this.#leases.failover.renew(node, epoch, timeoutMs),
      assertOff: (node, asserted) => this.#leases.failover.assertOff(node, asserted),
    });
    this.#images = new LocalImages({
      ...{ self: identity.nodeId, store: openImageStore(config), requests: this.#requests, log: log.for("images") },
      ...{ machine: () => replica.machine, addressOf: (node) => this.#addressOf(node) },
    });
    this.#leases = new Leases({ self: identity.nodeId, config, replica, requests: this.#requests, executor: () => this.#executor, trace, log });
  }

  get nodeId(): NodeId {
    return this.#identity.nodeId;
  }

  get #clusterId(): string {
    return this.#identity.clusterId ?? "";
  }

  #addressOf(node: NodeId): string | null {
    return members(configurationInForce(this.#replica.raft).configuration).find(({ id }) => id === node)?.address ?? null;
  }

  async #open(): Promise<void> {
    const drivers = openDrivers(this.#config, (spec) => this.#images.guestImage(spec));
    await Promise.all([...drivers].map(async ([name, driver]) => this.#probes.set(name, await driver.probe())));
    this.#executor = new Executor({
      ...{ self: this.nodeId, group, drivers, runs: this.#runs, requests: this.#requests, trace: this.#trace, images: this.#images },
      machine: () => this.#replica.machine,
      log: this.#log.for("executor"),
      ...{ bootDeadlineMs: this.#config.bootDeadlineMs, stopGraceMs: this.#config.stopGraceMs },
      ...{ mayRun: () => this.#leases.worker.mayRun(), addressOf: (node) => this.#addressOf(node) },
    });
    await this.#listen();
    this.#loop.start();
    this.#leases.worker.start();
    this.#images.start();
    this.#executor.start().catch((error: unknown) => void this.#fail(error));
    this.#housekeeping = setInterval(() => (this.#attempts.expire(), this.#membership.keepHouse(), this.#leases.failover.keepHouse()), 100);
    this.#log.info("listening", { address: this.address, id: this.nodeId, incarnation: this.#identity.incarnation, pid: process.pid });
  }

  async #listen(): Promise<void> {
    const { dataDir } = this.#config;
    const { nodeId: id, name, incarnation } = this.#identity;
    const network = await openNetwork({
      replica: this.#replica,
      requests: this.#requests,
      ...{ attempts: this.#attempts, loop: this.#loop, trace: this.#trace, storage: this.#storage, log: this.#log },
      ...{ acquireLease: this.#leases.acquire, health: this.#leases.health },
      config: this.#config,
      clusterId: () => this.#clusterId,
      epoch: () => this.#identity.epoch ?? 1,
      setClusterId: (clusterId, epoch) => this.#setClusterId(clusterId, epoch),
      removed: (configurationIndex) => this.#leave(configurationIndex),
      ...{ self: { id, name }, incarnation, dataDir },
      nodeStatus: () => this.#status(),
      stopSoon: (reason, exit = exitStatus.ok) => this.#stopSoon(reason, exit),
      addressOf: (node) => this.#addressOf(node),
      runDirectory: this.#runs.of,
      ...{ images: this.#images, builtIn: builtInOf(this.#config) },
      executor: () => this.#executor,
      drivers: () => [...this.#probes].filter(([, probe]) => probe.available).map(([driver]) => driver),
    });
    this.#server = network.server;
    this.#transport = network.transport;
    this.#membership = network.membership;
    this.address = network.address;
  }

  async #setClusterId(clusterId: string, epoch: number): Promise<void> {
    const identity = { ...this.#identity, clusterId, epoch };
    await this.#storage.setIdentity(identity);
    this.#identity = identity;
    this.#trace.enter(epoch);
  }

  /** The cluster has this node no more, and it shall know that after a restart when there is nobody to ask. */
  #leave(removedAt: number): void {
    if (this.#identity.removedAt !== undefined) return;
    this.#identity = { ...this.#identity, removedAt };
    this.#log.warn("this node was removed from the cluster", { configurationIndex: removedAt });
    const stop = (): void => this.#stopSoon("removed from the cluster", exitStatus.conflict);
    this.#storage.setIdentity(this.#identity).then(stop, (error: unknown) => void this.#fail(error));
  }

  /** What a replica says that is no message. */
  #output(of: GroupId, output: Output): void {
    if (this.#attempts.settle(output)) return;
    switch (output.kind) {
      case "role":
        this.#log.info("role", { group: of, role: output.role, term: output.term, leader: output.leader });
        return this.#requests.wake();
      case "applied":
        this.#requests.wake();
        if (output.vmsChanged) this.#executor.poke();
        return;
      case "configuration":
        this.#transport?.setMembers(members(output.configuration));
        return;
      case "fetch-snapshot":
        void fetchSnapshot(this.#transport, this.#storage, this.#loop, this.#trace, this.#log, of, output.from, output.atLeastIndex);
        return;
      case "removed":
        return this.#leave(output.configurationIndex);
      default:
        return;
    }
  }

  #status() {
    const { name, incarnation } = this.#identity;
    return nodeStatus({
      identity: { nodeId: this.nodeId, name, incarnation, clusterId: this.#clusterId, epoch: this.#identity.epoch ?? 1 },
      address: this.address,
      dataDir: this.#config.dataDir,
      uptimeSeconds: (monotonicClock() - this.#startedMs) / 1000,
      replica: this.#replica,
      storage: this.#storage,
      probes: this.#probes,
    });
  }

  /** Answers leave first. */
  #stopSoon(reason: string, exit: number): void {
    setTimeout(() => void this.#end({ reason, exit }), 200);
  }

  stop(): Promise<void> {
    return this.#end({ reason: "stopped", exit: exitStatus.ok });
  }

  #end(ended: Ended): Promise<void> {
    this.#ending ??= this.#shutDown(ended);
    return this.#ending;
  }

  /** In order: somebody else leads, nobody new comes in, what is decided is on disk, everything is closed. */
  async #shutDown(ended: Ended): Promise<void> {
    this.#log.info("stopping", { reason: ended.reason });
    this.#server.setServing(false);
    const { raft } = this.#replica;
    if (raft.role === "Leader" && raft.progress.size > 0) {
      await this.#requests.transfer(null, raft.options.electionTimeoutMs * 2).catch(() => undefined);
    }
    this.#leases.stop();
    if (this.#housekeeping !== null) clearInterval(this.#housekeeping);
    await this.#server.close(300);
    await this.#transport.close();
    await this.#loop.stop();
    this.#trace.close();
    await this.#storage.close();
    this.#ended(ended);
  }

  /** The node cannot go on: nothing more is written, said or acknowledged. */
  async #fail(error: unknown): Promise<void> {
    const reason = error instanceof UserError ? `${error.code}: ${error.message}` : "a law of blixard was broken: this is a bug";
    this.#log.error(reason, { error: stackOf(error) });
    const exit = error instanceof UserError ? error.exit : exitStatus.failed;
    if (this.#ending !== null) return;
    this.#ending = Promise.resolve();
    if (this.#housekeeping !== null) clearInterval(this.#housekeeping);
    this.#leases.stop();
    await this.#loop.stop();
    await this.#transport?.close();
    await this.#server?.close(0);
    await this.#storage.close().catch(() => undefined);
    this.#ended({ reason, exit });
  }
}
