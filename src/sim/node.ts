/** One simulated node: what the daemon's shell does around a replica, on virtual disk, network and clock. */

import { present } from "../assert.ts";
import { encodeEnvelope } from "../machine/apply.ts";
import type { Proposal, RaftEvent } from "../raft/event.ts";
import type { Member } from "../raft/configuration.ts";
import type { NodeId, RaftMessage } from "../raft/message.ts";
import { Replica } from "../replica/replica.ts";
import type { Output } from "../replica/replica.ts";
import type { TakenWrite } from "../replica/pending-write.ts";
import { isVmCommand } from "../replica/traced.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { Chance } from "./chance.ts";
import { Disk } from "./disk.ts";
import type { SnapshotOnDisk } from "./disk.ts";
import { Executor } from "./executor.ts";
import { Host } from "./host.ts";
import { MemoryTrace } from "./memory-trace.ts";
import type { Attempt, Question } from "./question.ts";
import { clusterId, complain, describeError, epochMs, groupName } from "./world.ts";
import type { World } from "./world.ts";

/** `removed`: it learned that it is no member any more and stopped. `broken`: one of its laws broke. */
export type NodeState = "down" | "up" | "paused" | "removed" | "broken";

type Done = (attempt: Attempt) => void;

const gatherMs = 0.2;
const fetchTimeoutMs = 2_000;
/** What a paused process finds in its sockets when it continues. */
const inboxLimit = 2_000;

export class SimulatedNode {
  readonly member: Member;
  readonly disk = new Disk();
  readonly trace: MemoryTrace;
  readonly host: Host;
  readonly world: World;
  readonly chance: Chance;
  state: NodeState = "down";
  incarnation = 0;
  /** Told at the start of every write; a fault may crash the node there. */
  onWrite: (() => void) | null = null;
  #replica: Replica | null = null;
  #writer: TraceWriter | null = null;
  #executor: Executor | null = null;
  #taken: TakenWrite | null = null;
  #inbox: (() => void)[] = [];
  #open = new Map<number, Done>();
  #nextId = 1;
  #proposals: Proposal[] = [];
  #waiters: { index: number; run: () => void }[] = [];
  #fetch = 0;
  #clock = { offsetMs: 0, rate: 1, wallMs: 0 };

  constructor(world: World, member: Member) {
    this.world = world;
    this.member = member;
    this.chance = world.chance.stream(`node ${member.id}`);
    this.trace = new MemoryTrace({ node: member.id, name: member.name, cluster: clusterId });
    this.host = new Host(world, this);
    this.#clock.offsetMs = this.chance.between(0, 1_000);
  }

  get id(): NodeId {
    return this.member.id;
  }

  /** Null while the node is down. */
  get replica(): Replica | null {
    return this.#replica;
  }

  /** The node's own monotonic clock. */
  localMs(): number {
    return this.#clock.offsetMs + this.#clock.rate * this.world.scheduler.nowMs;
  }

  wallMs(): number {
    return Math.round(epochMs + this.#clock.wallMs + this.localMs());
  }

  /** From now on the clock runs at another rate; the wall clock jumps too. */
  disturbClock(rate: number, wallJumpMs: number): void {
    const now = this.localMs();
    this.#clock = { rate, offsetMs: now - rate * this.world.scheduler.nowMs, wallMs: this.#clock.wallMs + wallJumpMs };
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
    this.#writer = this.trace.open(this.incarnation, this.wallMs(), retell);
    const found = this.disk.load();
    const stored = found === undefined ? undefined : (world.planted?.restore?.(found) ?? found);
    this.#replica = new Replica({
      group: groupName,
      self: this.id,
      raft: world.raft,
      rows: world.rows,
      random: this.chance.stream(`raft ${this.incarnation}`),
      trace: this.#writer,
      stored,
      nowMs: this.localMs(),
    });
    this.#writer.flush();
    this.#executor = new Executor(this);
    this.#executor.start();
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
    this.#executor?.stop();
    this.#replica = null;
    this.#writer = null;
    this.#executor = null;
    this.#taken = null;
    this.#inbox = [];
    this.#open.clear();
    this.#proposals = [];
    this.#waiters = [];
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
    else if (this.state === "paused" && this.#inbox.length < inboxLimit) this.#inbox.push(run);
  }

  #enter(run: () => void): void {
    if (this.state !== "up") return;
    try {
      run();
    } catch (error) {
      complain(this.world, `${this.member.name}: ${describeError(error)}`);
      this.#writer?.flush();
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
    this.enter(() => {
      this.#writer?.observe(clock);
      this.handle({ kind: "receive", message });
    });
  }

  /** Tells the core what happened and does what it says. */
  handle(event: RaftEvent): void {
    const replica = this.#replica;
    if (replica === null) return;
    this.#carryOut(this.#step(replica, event));
    this.#pump();
  }

  #step(replica: Replica, event: RaftEvent): readonly Output[] {
    const { planted, chance } = this.world;
    const changed = planted?.before?.(replica.raft, event, chance) ?? event;
    const outputs = replica.handle(changed, this.localMs());
    return planted?.after?.(replica, outputs, event, (next) => replica.handle(next, this.localMs())) ?? outputs;
  }

  #carryOut(outputs: readonly Output[]): void {
    const leaving: (() => void)[] = [];
    let removed = false;
    for (const output of outputs) {
      if (output.kind === "send") leaving.push(() => this.#send(output.message, output.clock));
      else if (output.kind === "applied") leaving.push(() => this.#applied(output.index, output.vmsChanged));
      else if (output.kind === "fetch-snapshot") leaving.push(() => this.#fetchSnapshot(output.from, output.atLeastIndex));
      else if (output.kind === "removed") removed = true;
      else if (output.kind === "role" && output.role === "Leader") this.world.stats.elections += 1;
      else if ("id" in output) leaving.push(() => this.#settle(output.id, output));
    }
    if (leaving.length > 0 || removed) this.#writer?.flush();
    for (const act of leaving) act();
    if (removed) this.#stop("removed");
  }

  #send(message: RaftMessage, clock: number): void {
    const { network, nodes } = this.world;
    network.carry(this.id, message.to, () => nodes.get(message.to)?.receive(message, clock));
  }

  #settle(id: number, attempt: Attempt): void {
    const done = this.#open.get(id);
    this.#open.delete(id);
    done?.(attempt);
  }

  #applied(index: number, vmsChanged: boolean): void {
    if (vmsChanged) this.later(0, () => this.#executor?.poke());
    const ready = this.#waiters.filter((waiter) => waiter.index <= index);
    this.#waiters = this.#waiters.filter((waiter) => waiter.index > index);
    for (const waiter of ready) waiter.run();
  }

  /** Runs `run` once the machine is at `index`. */
  whenApplied(index: number, run: () => void): void {
    if ((this.#replica?.appliedIndex ?? 0) >= index) run();
    else this.#waiters.push({ index, run });
  }

  /** Starts a write if there is something to write and the disk is free. */
  #pump(): void {
    if (this.#taken !== null || this.#replica === null) return;
    const due = this.#replica.takeWrite(this.localMs());
    if (due === undefined) return;
    this.#writer?.flush();
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
    const replica = present(this.#replica, "a node that writes is up");
    if (taken.sequence !== null) this.#carryOut(this.#step(replica, { kind: "persisted", sequence: taken.sequence }));
    if (taken.rowsIndex !== null) this.#carryOut(this.#step(replica, { kind: "rows-durable", index: taken.rowsIndex }));
    this.#pump();
  }

  /** Appends a line that must survive before the world changes. */
  tell(event: TraceEvent): void {
    this.#writer?.append(groupName, event);
    this.#writer?.flush();
  }

  /** A process of this node is gone. */
  vmEnded(uuid: string): void {
    this.#executor?.ended(uuid);
  }

  /** Chance may have the daemon die just before it starts a process. */
  diesInLaunch(): boolean {
    if (!this.chance.happens(this.world.launchCrashChance)) return false;
    this.crash(false);
    this.world.scheduler.after(this.chance.between(100, 1_000), () => this.start());
    return true;
  }

  /** One attempt at `question`: here if this node leads, else at the leader that it knows. */
  ask(question: Question, done: Done): void {
    const raft = this.#replica?.raft;
    if (raft === undefined) return;
    if (raft.role === "Leader") return this.#attempt(question, done);
    if (raft.leader === null) return done({ kind: "refused", refusal: { code: "NO_LEADER", message: "no leader is known", leader: null } });
    const { network, nodes } = this.world;
    const [leader, clock] = [raft.leader, this.#writer?.clock ?? 0];
    network.carry(this.id, leader, () => {
      nodes.get(leader)?.asked(question, clock, (attempt, answeredAt) => {
        network.carry(leader, this.id, () => this.enter(() => {
          this.#writer?.observe(answeredAt);
          done(attempt);
        }));
      });
    });
  }

  /** A question that another node forwarded. */
  asked(question: Question, clock: number, done: (attempt: Attempt, clock: number) => void): void {
    this.enter(() => {
      this.#writer?.observe(clock);
      this.#attempt(question, (attempt) => done(attempt, this.#writer?.clock ?? 0));
    });
  }

  #attempt(question: Question, done: Done): void {
    const id = this.#nextId++;
    this.#open.set(id, done);
    switch (question.kind) {
      case "submit": {
        const { envelope } = question;
        this.#proposals.push({ id, kind: isVmCommand(envelope.command) ? "vm" : "command", payload: encodeEnvelope(envelope) });
        if (this.#proposals.length === 1) this.later(gatherMs, () => this.#gather());
        return;
      }
      case "read-index":
        return this.handle({ kind: "read", ids: [id] });
      case "change":
        return this.handle({ kind: "change", id, change: question.change, timeMs: this.wallMs() });
      case "transfer":
        return this.handle({ kind: "transfer", id, to: question.to });
    }
  }

  #gather(): void {
    this.handle({ kind: "propose", proposals: this.#proposals.splice(0), timeMs: this.wallMs() });
  }

  #fetchSnapshot(from: NodeId, atLeastIndex: number): void {
    const fetch = ++this.#fetch;
    const { network, nodes } = this.world;
    const clock = this.#writer?.clock ?? 0;
    network.carry(this.id, from, () => {
      nodes.get(from)?.serveSnapshot(atLeastIndex, clock, (snapshot, servedAt) => {
        network.carry(from, this.id, () => this.enter(() => this.#install(fetch, snapshot, servedAt)));
      });
    });
    this.later(fetchTimeoutMs, () => {
      if (this.#fetch !== fetch) return;
      this.#fetch += 1;
      this.handle({ kind: "snapshot-failed" });
    });
  }

  /** Another node asks for the rows that are durable here. */
  serveSnapshot(atLeastIndex: number, clock: number, done: (snapshot: SnapshotOnDisk, clock: number) => void): void {
    this.enter(() => {
      this.#writer?.observe(clock);
      const snapshot = this.disk.snapshot();
      if (snapshot.applied.index >= atLeastIndex) done(snapshot, this.#writer?.clock ?? 0);
    });
  }

  #install(fetch: number, found: SnapshotOnDisk, clock: number): void {
    if (this.#fetch !== fetch || this.#replica === null) return;
    this.#fetch += 1;
    this.#writer?.observe(clock);
    const { applied, rows } = found;
    const token = `snapshot ${fetch}`;
    this.disk.stage(token, rows);
    const before = this.#replica.appliedIndex;
    this.#carryOut(this.#replica.install({ snapshot: applied, rows, token }, this.localMs()));
    if ((this.#replica?.appliedIndex ?? 0) > before) this.world.stats.snapshotsInstalled += 1;
    this.#pump();
  }
}
