/** A client: one request after the other in one session, tried through any node until somebody says something final. */

import { present } from "../assert.ts";
import type { Command, KvWritten, Reply } from "../machine/commands.ts";
import { kvGet } from "../machine/query.ts";
import type { Name, VmSpec } from "../machine/records.ts";
import type { Chance } from "./chance.ts";
import { programCommand } from "./program-commands.ts";
import type { History, ReadAnswer } from "./history.ts";
import type { SimulatedNode } from "./node.ts";
import type { Attempt } from "./question.ts";
import { isGone } from "./world.ts";
import type { World } from "./world.ts";

const attemptTimeoutMs = 800;
const retryMs = 60;
const registers = 3;
/** Registers are used for so long, then others: the order of one key's requests must be found in bounded time. */
const registerMs = 600_000;
/** At each attempt a client may lose its patience with a request of which it need not know the outcome. */
const giveUpChance = 0.1;
/** Keys that were put once and are still there; then the oldest goes. */
const onceLimit = 50;
const vmNames = 5;

export interface ClientOptions {
  readonly name: string;
  readonly thinkMs: number;
  /** Share of requests that are about VMs. */
  readonly vmShare: number;
  /** Share of those that are about services and tasks instead. */
  readonly programShare: number;
}

export class Client {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #options: ClientOptions;
  readonly #history: History;
  #sequence = 0;
  #puts = 0;
  #once: string[] = [];
  #versions = new Map<string, number>();
  #stopped = false;
  /** True when nothing is under way. */
  idle = true;

  constructor(world: World, history: History, options: ClientOptions) {
    this.#world = world;
    this.#options = options;
    this.#history = history;
    this.#chance = world.chance.stream(`client ${options.name}`);
  }

  start(): void {
    this.#world.scheduler.after(this.#chance.exponential(this.#options.thinkMs), () => this.#next());
  }

  /** Finishes what is under way and begins nothing new. */
  stop(): void {
    this.#stopped = true;
  }

  #next(): void {
    if (this.#stopped) return;
    this.idle = false;
    const kind = this.#chance.next();
    if (kind < this.#options.vmShare) this.#command(this.#vmCommand(), false, () => {});
    else if (kind < 0.55) this.#ownWrite();
    else if (kind < 0.7) this.#put();
    else if (kind < 0.8) this.#compareAndSwap();
    else this.#read();
  }

  #finish(): void {
    this.idle = true;
    this.start();
  }

  #register(): string {
    const era = Math.floor(this.#world.scheduler.nowMs / registerMs);
    return `/shared/${era === 0 ? "" : `${era}/`}r${this.#chance.below(registers)}`;
  }

  /** Puts to keys of its own, of which the client knows the state exactly. */
  #ownWrite(): void {
    const { name } = this.#options;
    const { expected } = this.#history;
    const choice = this.#chance.below(3);
    const value = `${name}-${this.#sequence + 1}`;
    if (choice === 0) {
      if (this.#once.length >= onceLimit) return this.#deleteOnce();
      const key = `/own/${name}/once-${this.#sequence + 1}`;
      return this.#command({ kind: "kv-put-if-absent", key, value }, false, (reply) => {
        this.#mustBe(reply, `put-if-absent of the new key ${key}`);
        expected.set(key, { value, version: 1 });
        this.#once.push(key);
      });
    }
    const key = `/own/${name}/counter`;
    if (choice === 1) {
      return this.#command({ kind: "kv-put", key, value }, false, (reply) => {
        this.#puts += 1;
        const version = this.#mustBe(reply, `put of ${key}`);
        if (version !== this.#puts) this.#complain(`put ${this.#puts} of ${key} gave version ${version}`);
        expected.set(key, { value, version: this.#puts });
      });
    }
    this.#deleteAgain(`/own/${name}/gone`, value);
  }

  #deleteOnce(): void {
    const key = present(this.#once.shift(), "the oldest key");
    this.#command({ kind: "kv-delete", key }, false, (reply) => {
      this.#mustBe(reply, `delete of ${key}, which is there`);
      this.#history.expected.set(key, null);
    });
  }

  #deleteAgain(key: string, value: string): void {
    const { expected } = this.#history;
    if (expected.get(key) == null) {
      return this.#command({ kind: "kv-put-if-absent", key, value }, false, (reply) => {
        this.#mustBe(reply, `put-if-absent of the absent key ${key}`);
        expected.set(key, { value, version: 1 });
      });
    }
    this.#command({ kind: "kv-delete", key }, false, (reply) => {
      this.#mustBe(reply, `delete of ${key}, which is there`);
      expected.set(key, null);
    });
  }

  #mustBe(reply: Reply, what: string): number {
    if (!reply.ok) this.#complain(`${what} was refused: ${reply.code} ${reply.message}`);
    return reply.ok ? (reply.value as KvWritten).version : 0;
  }

  #complain(what: string): void {
    this.#world.problems.push(`at ${this.#world.scheduler.nowMs.toFixed(1)} ms: client ${this.#options.name}: ${what}`);
  }

  #put(): void {
    const key = this.#register();
    const value = `${this.#options.name}-${this.#sequence + 1}`;
    this.#write({ kind: "kv-put", key, value }, key, value);
  }

  #compareAndSwap(): void {
    const key = this.#register();
    const value = `${this.#options.name}-${this.#sequence + 1}`;
    this.#write({ kind: "kv-cas", key, value, ifVersion: this.#versions.get(key) ?? 0 }, key, value);
  }

  #write(command: Command, key: string, value: string): void {
    const askedMs = this.#world.scheduler.nowMs;
    this.#command(command, true, (reply) => {
      if (!reply.ok) return;
      const { version } = reply.value as KvWritten;
      this.#versions.set(key, version);
      const answeredMs = this.#world.scheduler.nowMs;
      this.#history.observe({ key, kind: "write", version, value, askedMs, answeredMs, client: this.#options.name });
    });
  }

  /** Where room is scarce some VMs push others away, and starts that hang are taken back. */
  #wishes(): Partial<VmSpec> {
    if (!this.#world.scarce) return {};
    const priority = this.#chance.below(3);
    return { cpus: this.#chance.pick([1, 3, 5]), priority, preempt: this.#chance.happens(0.5), startWithinMs: 2_000 };
  }

  #vmCommand(): Command {
    const { programShare, name: client } = this.#options;
    if (programShare > 0 && this.#chance.happens(programShare)) return programCommand(this.#chance, `${client}-p-${this.#sequence + 1}`, this.#world.leases !== null);
    const name = `vm-${this.#chance.below(this.#world.scarce ? vmNames + 3 : vmNames)}` as Name;
    if (this.#world.leases !== null && this.#chance.happens(0.15)) {
      return { kind: this.#chance.happens(0.5) ? "vm-carry" : "vm-migrate", name, ...(this.#chance.happens(0.4) ? { to: this.#chance.pick([...this.#world.nodes.keys()]) } : {}) };
    }
    const kind = this.#chance.next();
    if (kind < 0.4) {
      const spec = { name, driver: this.#world.leases === null ? "process" : "qemu", cpus: 1, memoryMib: 64, diskMib: 0, image: "default" as Name, ...this.#wishes() } as const;
      return { kind: "vm-create", spec, uuid: `${this.#options.name}-vm-${this.#sequence + 1}`, start: this.#chance.happens(0.8) };
    }
    if (kind < 0.55) return { kind: "vm-stop", name, force: this.#chance.happens(0.3) };
    if (kind < 0.6) return { kind: "vm-pause", name };
    if (kind < 0.65) return { kind: "vm-resume", name };
    if (kind < 0.7) return { kind: "vm-restart", name, force: this.#chance.happens(0.3) };
    if (kind < 0.8) return { kind: "vm-start", name };
    return { kind: "vm-delete", name };
  }

  /** Takes a command through the log. Its sequence stays the same however often it is tried. */
  #command(command: Command, mayGiveUp: boolean, done: (reply: Reply) => void): void {
    const sequence = ++this.#sequence;
    const envelope = { client: `client-${this.#options.name}`, sequence, acknowledged: sequence, command };
    const noted = "key" in command ? this.#history.asked(this.#options.name, command, this.#world.scheduler.nowMs) : null;
    this.#persist(
      (node, answer) => node.ask({ kind: "submit", envelope }, answer),
      mayGiveUp,
      (attempt) => {
        if (attempt.kind !== "replied") return;
        this.#history.acknowledged += 1;
        if (noted !== null) noted.outcome = { answeredMs: this.#world.scheduler.nowMs, answer: attempt.reply };
        done(attempt.reply);
      },
    );
  }

  /** A consistent read through any node: its index, then that node's machine. */
  #read(): void {
    const key = this.#register();
    const askedMs = this.#world.scheduler.nowMs;
    const noted = this.#history.asked(this.#options.name, { kind: "kv-get", key }, askedMs);
    let seen: ReadAnswer = { record: null, appliedIndex: 0 };
    const ask = (node: SimulatedNode, answer: (attempt: Attempt) => void): void => {
      node.ask({ kind: "read-index" }, (attempt) => {
        if (attempt.kind !== "readable") return answer(attempt);
        node.whenApplied(attempt.index, () => {
          if (node.replica !== null) seen = { record: kvGet(node.replica.machine, key) ?? null, appliedIndex: node.replica.appliedIndex };
          answer(attempt);
        });
      });
    };
    this.#persist(ask, true, () => {
      this.#history.reads += 1;
      const { version, value } = seen.record ?? { version: 0, value: "" };
      this.#versions.set(key, version);
      const answeredMs = this.#world.scheduler.nowMs;
      noted.outcome = { answeredMs, answer: seen };
      this.#history.observe({ key, kind: "read", version, value, askedMs, answeredMs, client: this.#options.name });
    });
  }

  /**
   * Whom it may ask: any node that ever was, to whose old address a client may hold on. When the cluster is healed it learns
   * who is left, as anybody would who asks for the members; of forty nodes of an hour perhaps three are.
   */
  #known(): SimulatedNode[] {
    const all = [...this.#world.nodes.values()];
    const left = this.#stopped ? all.filter((node) => !isGone(node.state)) : all;
    return left.length === 0 ? all : left;
  }

  /** Asks one node after the other until an attempt is final; late answers of earlier attempts count too. */
  #persist(ask: (node: SimulatedNode, answer: (attempt: Attempt) => void) => void, mayGiveUp: boolean, done: (attempt: Attempt) => void): void {
    const { scheduler, network } = this.#world;
    const me = `client-${this.#options.name}`;
    let finished = false;
    const attemptOnce = (): void => {
      if (finished) return;
      let over = false;
      const again = (): void => {
        if (over || finished) return;
        over = true;
        if (mayGiveUp && this.#chance.happens(giveUpChance)) {
          finished = true;
          this.#history.givenUp += 1;
          return this.#finish();
        }
        this.#history.retries += 1;
        scheduler.after(retryMs * this.#chance.between(0.5, 1.5), attemptOnce);
      };
      const node = this.#chance.pick(this.#known());
      const answer = (attempt: Attempt): void => {
        network.carry(node.id, me, () => {
          if (finished) return;
          if (attempt.kind === "refused" || attempt.kind === "lost") return again();
          finished = true;
          done(attempt);
          this.#finish();
        });
      };
      network.carry(me, node.id, () => node.enter(() => ask(node, answer)));
      scheduler.after(attemptTimeoutMs, again);
    };
    attemptOnce();
  }
}
