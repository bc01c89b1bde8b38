/** One simulated node: what the daemon's shell does around a replica, on virtual disk, network and clock. */

import { present } from "../assert.ts";
import type { RaftEvent } from "../raft/event.ts";
import type { Member } from "../raft/configuration.ts";
import type { NodeId, RaftMessage } from "../raft/message.ts";
import { Replica } from "../replica/replica.ts";
import type { Output } from "../replica/replica.ts";
import type { StoredGroup } from "../storage/storage.ts";
import type { TraceEvent } from "../trace/event.ts";
import { Attempts } from "./attempts.ts";
import { Died, type CrashPoint } from "./crash-point.ts";
import { Executor } from "./executor.ts";
import { Host } from "./host.ts";
import { leaves, type Leaving } from "./leaving.ts";
import { Leases } from "./leases.ts";
import { MemoryTrace } from "./memory-trace.ts";
import { NodeClock } from "./node-clock.ts";
import type { NodeParts } from "./node-parts.ts";
import type { NodeDisk, SnapshotOnDisk, WriteFate } from "./node-disk.ts";
import { NodeWriter, type DiskTrouble } from "./node-writer.ts";
import type { Attempt, Question } from "./question.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SnapshotPull, type PulledSnapshot } from "./snapshot-pull.ts";
import { clusterId, complain, describeError, groupName, type NodeState, type World } from "./world.ts";

/** After so long a supervisor starts a daemon again that ended by itself. */
const restartAfterMs = { least: 200, most: 2_000 };

export class SimulatedNode extends SimulatedProcess {
  readonly member: Member;
  readonly disk: NodeDisk;
  readonly trace: MemoryTrace;
  readonly host: Host;
  readonly clock: NodeClock;
  /** Told at the start of every write; a fault may crash the node there. */
  onWrite: (() => void) | null = null;
  /** Told at every point at which it may die; true: it dies there, with this fate for the write under way. */
  onPoint: ((point: CrashPoint) => WriteFate | null) | null = null;
  trouble: DiskTrouble | null = null;
  /** Something was done to its disk that a checksum may find. */
  wasDamaged = false;
  readonly #writer: NodeWriter;
  #parts: NodeParts | null = null;

  constructor(world: World, member: Member) {
    super(world, world.chance.stream(`node ${member.id}`));
    this.member = member;
    this.trace = new MemoryTrace({ node: member.id, name: member.name, cluster: clusterId });
    this.disk = world.openDisk(member.name);
    this.host = new Host(world, this);
    this.clock = new NodeClock(world.scheduler, this.chance.between(0, 1_000));
    this.#writer = new NodeWriter(this);
  }

  get id(): NodeId {
    return this.member.id;
  }

  /** Null while the node is down. */
  get replica(): Replica | null {
    return this.#parts?.replica ?? null;
  }

  /** Null while the node is down. */
  get parts(): NodeParts | null {
    return this.#parts;
  }

  /** Clock of the trace's last line. */
  get traceClock(): number {
    return this.#parts?.trace.clock ?? 0;
  }

  /** Something came in that was sent at this clock. */
  observe(clock: number): void {
    this.#parts?.trace.observe(clock);
  }

  start(): void {
    if (this.state !== "down") return;
    this.state = "up";
    this.incarnation += 1;
    this.disk.load((found) => {
      if (found.kind === "damaged") return this.#findDamage(found.what);
      this.enter(() => this.#boot(found.stored));
      this.every(this.chance.between(0, this.world.tickMs), this.world.tickMs, () => this.handle({ kind: this.#writer.isStalled ? "disk-stalled" : "tick" }));
    });
  }

  /** It must not start on what it cannot trust. */
  #findDamage(what: string): void {
    this.incarnation -= 1;
    this.state = "damaged";
    this.world.stats.damageFound += 1;
    if (!this.wasDamaged) complain(this.world, `${this.member.name}: its disk is damaged though nothing damaged it: ${what}`);
    this.world.onDamage(this);
  }

  #boot(found: StoredGroup | undefined): void {
    const { world } = this;
    const retell = world.planted?.retell ?? ((event: TraceEvent) => event);
    const trace = this.trace.open(this.incarnation, this.clock.wallMs(), retell);
    const stored = found === undefined ? undefined : (world.planted?.restore?.(found) ?? found);
    const replica = new Replica({
      group: groupName,
      self: this.id,
      raft: world.raft,
      rows: world.rows,
      random: this.chance.stream(`raft ${this.incarnation}`),
      trace,
      stored,
      nowMs: this.clock.localMs(),
      apply: world.planted?.apply?.(this),
    });
    trace.flush();
    const parts = { replica, trace, executor: new Executor(this), attempts: new Attempts(this), pull: new SnapshotPull(this) };
    this.#parts = { ...parts, leases: world.leases === null ? null : new Leases(this, world.leases) };
    this.at("restored");
    this.#parts.executor.start();
  }

  /** Kill -9 or a power cut. Of the write under way all, nothing or a part is on disk. */
  crash(fate: WriteFate): void {
    if (this.state !== "up" && this.state !== "paused") return;
    this.#stop("down", fate);
    this.world.stats.crashes += 1;
  }

  /** The disk told an error: storage is fail-stop, and so is the daemon. A supervisor starts it again. */
  failed(): void {
    this.#stop("down", "lost");
    const { least, most } = restartAfterMs;
    this.world.scheduler.after(this.chance.between(least, most), () => this.start());
    throw new Died();
  }

  #stop(state: NodeState, fate: WriteFate): void {
    this.state = state;
    this.#writer.crash(fate);
    this.#parts?.executor.stop();
    this.#parts = null;
    this.forgetInbox();
  }

  protected override broke(error: unknown): void {
    complain(this.world, `${this.member.name}: ${describeError(error)}`);
    this.flush();
    this.#stop("broken", "lost");
  }

  /** A moment at which it may die. Does not return when it does. */
  at(point: CrashPoint): void {
    const fate = this.onPoint?.(point) ?? null;
    if (fate === null) return;
    this.crash(fate);
    throw new Died();
  }

  /** A message came in. */
  receive(message: RaftMessage, clock: number): void {
    if (this.isFull) return;
    // As `enter` does it; messages are most of all that happens, and need nothing made for it.
    if (this.state !== "up") return this.enter(() => this.#take(message, clock));
    try {
      this.#take(message, clock);
    } catch (error) {
      this.ended(error);
    }
  }

  #take(message: RaftMessage, clock: number): void {
    this.observe(clock);
    this.handle({ kind: "receive", message });
  }

  /** Tells the core what happened and does what it says. */
  handle(event: RaftEvent): void {
    if (this.#parts === null) return;
    this.take(event);
    this.#writer.pump();
  }

  applyCommitted(): void {
    if (this.replica !== null) this.#carryOut(this.replica.applyCommitted(this.clock.localMs()));
  }

  /** Tells the core what happened, without a look at what is to be written. */
  take(event: RaftEvent): void {
    this.#carryOut(this.#step(event));
  }

  #step(event: RaftEvent, take?: (changed: RaftEvent) => readonly Output[]): readonly Output[] {
    const { planted, chance } = this.world;
    const replica = present(this.replica, "a node that takes a step is up");
    if (planted === null) return take === undefined ? replica.handle(event, this.clock.localMs()) : take(event);
    const handle = (next: RaftEvent): readonly Output[] => replica.handle(next, this.clock.localMs());
    const changed = planted.before?.(replica.raft, event, chance) ?? event;
    const outputs = (take ?? handle)(changed);
    return planted.after?.(replica, outputs, event, { handle, clock: this.traceClock }) ?? outputs;
  }

  #carryOut(outputs: readonly Output[]): void {
    if (outputs.length === 0) return;
    let leaving = 0;
    let removed = false;
    for (const output of outputs) {
      if (output.kind === "removed") removed = true;
      else if (output.kind === "role" && output.role === "Leader") this.world.stats.elections += 1;
      else if (leaves(output)) leaving += 1;
    }
    if (leaving === 0 && !removed) return;
    this.at("stepped");
    this.flush();
    this.at("flushed");
    let first = true;
    for (const output of outputs) {
      if (!leaves(output)) continue;
      this.#letGo(output);
      if (first && leaving > 1) this.at("sent");
      first = false;
    }
    if (removed) this.#stop("removed", "kept");
  }

  #letGo(output: Leaving): void {
    if (output.kind === "send") this.#send(output.message, output.clock);
    else if (output.kind === "applied") this.#applied(output.index, output.vmsChanged);
    else if (output.kind === "fetch-snapshot") this.#parts?.pull.begin(output.from, output.atLeastIndex);
    else this.#parts?.attempts.settle(output.id, output);
  }

  #send(message: RaftMessage, clock: number): void {
    this.world.network.carry(this.id, message.to, () => this.world.nodes.get(message.to)?.receive(message, clock));
  }

  #applied(index: number, vmsChanged: boolean): void {
    if (vmsChanged) this.later(0, () => this.#parts?.executor.poke());
    this.#parts?.attempts.applied(index);
  }

  /** Runs `run` once the machine is at `index`. */
  whenApplied(index: number, run: () => void): void {
    this.#parts?.attempts.whenApplied(index, run);
  }

  /** Appends a line that must survive before the world changes. */
  tell(event: TraceEvent): void {
    this.#parts?.trace.append(groupName, event);
    this.flush();
    this.at("told");
  }

  flush(): void {
    this.#parts?.trace.flush();
  }

  /** One attempt at `question`, here or at the leader that this node knows. */
  ask(question: Question, done: (attempt: Attempt) => void): void {
    this.#parts?.attempts.ask(question, done);
  }

  /** A question that another node handed on. */
  asked(question: Question, clock: number, done: (attempt: Attempt, clock: number) => void): void {
    this.enter(() => {
      this.observe(clock);
      this.#parts?.attempts.asked(question, done);
    });
  }

  /** Another node asks for the rows that are durable here. */
  serveSnapshot(atLeastIndex: number, clock: number, done: (snapshot: SnapshotOnDisk, clock: number) => void): void {
    this.enter(() => {
      this.observe(clock);
      this.disk.readSnapshot((snapshot) => {
        if (snapshot !== undefined && snapshot.applied.index >= atLeastIndex) done(snapshot, this.traceClock);
      });
    });
  }

  /** A snapshot was fetched. */
  install(fetched: PulledSnapshot): void {
    if (this.replica === null) return;
    this.disk.stage(fetched.token, fetched.rows, () => this.enter(() => this.#install(fetched)));
  }

  #install(fetched: PulledSnapshot): void {
    const replica = present(this.replica, "a node that takes a snapshot is up");
    this.at("staged");
    const before = replica.appliedIndex;
    const { snapshot } = fetched;
    const event: RaftEvent = { kind: "snapshot-fetched", snapshot };
    const install = (changed: RaftEvent): readonly Output[] =>
      replica.install(changed.kind === "snapshot-fetched" ? { ...fetched, snapshot: changed.snapshot } : fetched, this.clock.localMs());
    this.#carryOut(this.#step(event, install));
    if (replica.appliedIndex > before) this.world.stats.snapshotsInstalled += 1;
    this.#writer.pump();
  }
}
