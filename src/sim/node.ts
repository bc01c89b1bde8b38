/** One simulated node: what the daemon's shell does around a replica, on virtual disk, network and clock. */

import { present } from "../assert.ts";
import type { RaftEvent } from "../raft/event.ts";
import type { Member } from "../raft/configuration.ts";
import type { NodeId, RaftMessage } from "../raft/message.ts";
import { Replica } from "../replica/replica.ts";
import type { FetchedSnapshot, Output } from "../replica/replica.ts";
import type { TakenWrite } from "../replica/pending-write.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import { Attempts } from "./attempts.ts";
import type { Chance } from "./chance.ts";
import { Disk } from "./disk.ts";
import type { SnapshotOnDisk } from "./disk.ts";
import { Executor } from "./executor.ts";
import { Host } from "./host.ts";
import { MemoryTrace } from "./memory-trace.ts";
import { NodeClock } from "./node-clock.ts";
import type { Attempt, Question } from "./question.ts";
import { SnapshotPull } from "./snapshot-pull.ts";
import { clusterId, complain, describeError, groupName } from "./world.ts";
import type { NodeState, World } from "./world.ts";

/** What lives as long as the process. */
interface Parts {
  readonly replica: Replica;
  readonly writer: TraceWriter;
  readonly executor: Executor;
  readonly attempts: Attempts;
  readonly pull: SnapshotPull;
}

/** What a paused process finds in its sockets at most. */
const inboxLimit = 2_000;

export class SimulatedNode {
  readonly member: Member;
  readonly disk = new Disk();
  readonly trace: MemoryTrace;
  readonly host: Host;
  readonly clock: NodeClock;
  readonly world: World;
  readonly chance: Chance;
  state: NodeState = "down";
  incarnation = 0;
  /** Told at the start of every write; a fault may crash the node there. */
  onWrite: (() => void) | null = null;
  #parts: Parts | null = null;
  #taken: TakenWrite | null = null;
  #inbox: (() => void)[] = [];

  constructor(world: World, member: Member) {
    this.world = world;
    this.member = member;
    this.chance = world.chance.stream(`node ${member.id}`);
    this.trace = new MemoryTrace({ node: member.id, name: member.name, cluster: clusterId });
    this.host = new Host(world, this);
    this.clock = new NodeClock(world.scheduler, this.chance.between(0, 1_000));
  }

  get id(): NodeId {
    return this.member.id;
  }

  /** Null while the node is down. */
  get replica(): Replica | null {
    return this.#parts?.replica ?? null;
  }

  /** Clock of the trace's last line. */
  get traceClock(): number {
    return this.#parts?.writer.clock ?? 0;
  }

  /** Something came in that was sent at this clock. */
  observe(clock: number): void {
    this.#parts?.writer.observe(clock);
  }

  start(): void {
    if (this.state !== "down") return;
    this.state = "up";
    this.incarnation += 1;
    this.#enter(() => this.#boot());
    this.#tickLater(this.chance.between(0, this.world.tickMs));
  }

  #boot(): void {
    const { world } = this;
    const retell = world.planted?.retell ?? ((event: TraceEvent) => event);
    const writer = this.trace.open(this.incarnation, this.clock.wallMs(), retell);
    const found = this.disk.load();
    const stored = found === undefined ? undefined : (world.planted?.restore?.(found) ?? found);
    const replica = new Replica({
      group: groupName,
      self: this.id,
      raft: world.raft,
      rows: world.rows,
      random: this.chance.stream(`raft ${this.incarnation}`),
      trace: writer,
      stored,
      nowMs: this.clock.localMs(),
    });
    writer.flush();
    this.#parts = { replica, writer, executor: new Executor(this), attempts: new Attempts(this), pull: new SnapshotPull(this) };
    this.#parts.executor.start();
  }

  /** Kill -9 or a power cut. Of the write under way all or nothing is on disk. */
  crash(keepsWrite: boolean): void {
    if (this.state !== "up" && this.state !== "paused") return;
    if (this.#taken !== null && keepsWrite) this.disk.commit(this.#taken.write);
    this.#stop("down");
    this.world.stats.crashes += 1;
  }

  #stop(state: NodeState): void {
    this.state = state;
    this.disk.forgetStaged();
    this.#parts?.executor.stop();
    this.#parts = null;
    this.#taken = null;
    this.#inbox = [];
  }

  /** SIGSTOP: clocks go on, the process does not. */
  pause(): void {
    if (this.state !== "up") return;
    this.state = "paused";
    this.world.stats.pauses += 1;
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "up";
    for (const run of this.#inbox.splice(0)) this.#enter(run);
  }

  /** Runs `run` in this process after a while, unless it dies before. */
  later(delayMs: number, run: () => void): void {
    const { incarnation } = this;
    this.world.scheduler.after(delayMs, () => {
      if (this.incarnation === incarnation) this.enter(run);
    });
  }

  /** Runs `run` in this process now, or when it continues; never when it is down. */
  enter(run: () => void): void {
    if (this.state === "up") this.#enter(run);
    else if (this.state === "paused") this.#inbox.push(run);
  }

  #enter(run: () => void): void {
    if (this.state !== "up") return;
    try {
      run();
    } catch (error) {
      complain(this.world, `${this.member.name}: ${describeError(error)}`);
      this.#parts?.writer.flush();
      this.#stop("broken");
    }
  }

  #tickLater(delayMs: number): void {
    this.later(delayMs, () => {
      this.#tickLater(this.world.tickMs);
      this.handle({ kind: "tick" });
    });
  }

  /** A message came in. */
  receive(message: RaftMessage, clock: number): void {
    if (this.#inbox.length >= inboxLimit) return;
    this.enter(() => {
      this.observe(clock);
      this.handle({ kind: "receive", message });
    });
  }

  /** Tells the core what happened and does what it says. */
  handle(event: RaftEvent): void {
    if (this.#parts === null) return;
    this.#carryOut(this.#step(event));
    this.#pump();
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
    const leaving: (() => void)[] = [];
    let removed = false;
    for (const output of outputs) {
      if (output.kind === "send") leaving.push(() => this.#send(output.message, output.clock));
      else if (output.kind === "applied") leaving.push(() => this.#applied(output.index, output.vmsChanged));
      else if (output.kind === "fetch-snapshot") leaving.push(() => this.#parts?.pull.begin(output.from, output.atLeastIndex));
      else if (output.kind === "removed") removed = true;
      else if (output.kind === "role" && output.role === "Leader") this.world.stats.elections += 1;
      else if ("id" in output) leaving.push(() => this.#parts?.attempts.settle(output.id, output));
    }
    if (leaving.length > 0 || removed) this.#parts?.writer.flush();
    for (const act of leaving) act();
    if (removed) this.#stop("removed");
  }

  #send(message: RaftMessage, clock: number): void {
    const { network, nodes } = this.world;
    network.carry(this.id, message.to, () => nodes.get(message.to)?.receive(message, clock));
  }

  #applied(index: number, vmsChanged: boolean): void {
    if (vmsChanged) this.later(0, () => this.#parts?.executor.poke());
    this.#parts?.attempts.applied(index);
  }

  /** Runs `run` once the machine is at `index`. */
  whenApplied(index: number, run: () => void): void {
    this.#parts?.attempts.whenApplied(index, run);
  }

  /** Starts a write if there is something to write and the disk is free. */
  #pump(): void {
    const { replica } = this;
    if (this.#taken !== null || replica === null) return;
    const due = replica.takeWrite(this.clock.localMs());
    if (due === undefined) return;
    this.#parts?.writer.flush();
    const taken = this.world.planted?.write?.(due) ?? due;
    this.#taken = taken;
    const { minWriteMs, maxWriteMs, stallChance, stallMs } = this.world.disk;
    const stall = this.chance.happens(stallChance) ? this.chance.between(0, stallMs) : 0;
    this.later(this.chance.between(minWriteMs, maxWriteMs) + stall, () => this.#written(taken));
    this.onWrite?.();
  }

  #written(taken: TakenWrite): void {
    this.disk.commit(taken.write);
    this.#taken = null;
    if (taken.sequence !== null) this.#carryOut(this.#step({ kind: "persisted", sequence: taken.sequence }));
    if (taken.rowsIndex !== null) this.#carryOut(this.#step({ kind: "rows-durable", index: taken.rowsIndex }));
    this.#pump();
  }

  /** Appends a line that must survive before the world changes. */
  tell(event: TraceEvent): void {
    this.#parts?.writer.append(groupName, event);
    this.#parts?.writer.flush();
  }

  /** A process of this node is gone. */
  vmEnded(uuid: string): void {
    this.#parts?.executor.ended(uuid);
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
      const snapshot = this.disk.snapshot();
      if (snapshot.applied.index >= atLeastIndex) done(snapshot, this.traceClock);
    });
  }

  /** A snapshot was fetched. */
  install(fetched: FetchedSnapshot): void {
    const { replica } = this;
    if (replica === null) return;
    this.disk.stage(fetched.token, fetched.rows);
    const before = replica.appliedIndex;
    const { snapshot } = fetched;
    const event: RaftEvent = { kind: "snapshot-fetched", snapshot };
    const install = (changed: RaftEvent): readonly Output[] =>
      replica.install(changed.kind === "snapshot-fetched" ? { ...fetched, snapshot: changed.snapshot } : fetched, this.clock.localMs());
    this.#carryOut(this.#step(event, install));
    if (replica.appliedIndex > before) this.world.stats.snapshotsInstalled += 1;
    this.#pump();
  }
}
