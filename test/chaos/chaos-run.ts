/** One run: a cluster under faults and load, then a quiet phase in which it must become whole, then the judges. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLinearizability } from "../../src/verify/linearizability.ts";
import { linearizabilityText } from "../../src/verify/linear-report.ts";
import { writeHistory } from "../../src/verify/history-lines.ts";
import { eventually } from "../e2e/eventually.ts";
import { guestsIn } from "../e2e/evidence.ts";
import { blixard } from "../e2e/program.ts";
import { type ChaosNode, pass } from "./chaos-node.ts";
import { Fleet, reasonOf } from "./fleet.ts";
import type { Hosts } from "./hosts.ts";
import { Links } from "./links.ts";
import { type FaultKind, type NetworkFaultKind, type NodeFaultKind, type PlannedFault, drawFaults, networkFaults, nodeFaults } from "./schedule.ts";
import { Workload } from "./workload.ts";

export interface ChaosOptions {
  readonly directory: string;
  readonly seed: number;
  readonly nodes: number;
  readonly durationMs: number;
  readonly everyMs: number;
  readonly kinds: readonly FaultKind[];
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly totalFaults: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly longestSilenceMs: number;
  readonly silenceEndedAtMs: number;
  readonly wholeAfterMs: number;
  readonly linearizability: string;
  readonly traces: string;
  readonly problems: readonly string[];
}

const clients = 6;
const vms = ["chaos-a", "chaos-b", "chaos-c"];

export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #links: Links;
  readonly #fleet: Fleet;
  readonly #workload: Workload;
  readonly #problems: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #closing = false;

  constructor(options: ChaosOptions, hosts: Hosts, members: readonly ChaosNode[], spare: readonly ChaosNode[]) {
    this.#options = options;
    this.#links = new Links(hosts);
    this.#fleet = new Fleet(members, spare, options.directory);
    this.#workload = new Workload([...members, ...spare].map(({ address }) => address));
  }

  async run(): Promise<ChaosReport> {
    const { seed, durationMs, everyMs, kinds, say, nodes } = this.#options;
    await this.#fleet.form();
    for (const name of vms) await this.#fleet.json(["vm", "create", name, "--driver", "process", "--memory", "16", "--wait"]);
    say(`${nodes} nodes formed, ${vms.length} VMs run; faults for ${Math.round(durationMs / 1_000)} s with seed ${seed}`);
    this.#workload.start(clients, seed);
    const watch = setInterval(() => void this.#look().catch((error: unknown) => this.#once(String(error))), 200);
    await this.#strikeAll(drawFaults(seed, durationMs, everyMs, kinds));
    this.#links.mendAll();
    for (const node of this.#fleet.members) await node.recover();
    say("every fault is over; the cluster becomes whole");
    const wholeAfterMs = await this.#fleet.whole();
    await this.#workload.stop();
    await this.#workload.readAll();
    await this.#fleet.whole();
    await this.#vmsAreWhole();
    clearInterval(watch);
    this.#closing = true;
    await this.#fleet.stop();
    return this.#judge(wholeAfterMs);
  }

  async #strikeAll(faults: readonly PlannedFault[]): Promise<void> {
    const start = performance.now();
    for (const fault of faults) {
      await pass(Math.max(0, fault.atMs - (performance.now() - start)));
      const work = this.#strike(fault).catch((error: unknown) => void this.#problems.push(`${fault.kind}: ${String(error)}`));
      this.#running.add(work);
      void work.finally(() => this.#running.delete(work));
    }
    await Promise.all(this.#running);
  }

  async #strike(fault: PlannedFault): Promise<void> {
    const standing = this.#fleet.up;
    const leader = fault.victim === "leader" ? await this.#fleet.leader() : undefined;
    const able = fault.kind === "replace-member" ? standing.filter((node) => !this.#fleet.workers.includes(node)) : standing;
    const victim = leader !== undefined && able.includes(leader) ? leader : able[Math.floor(fault.lot * able.length)];
    if (victim === undefined || victim.struck) return;
    const { kind, forMs } = fault;
    const { say } = this.#options;
    say(`${kind} ${victim.name}${victim === leader ? " (leader)" : ""} for ${Math.round(forMs)} ms`);
    const why = await this.#happens(fault, victim);
    if (why === null) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    else say(`  ${kind} ${victim.name} was not done: ${why}`);
  }

  /** Null, or why the cluster did not do what was asked of it. */
  async #happens({ kind, forMs, lot }: PlannedFault, victim: ChaosNode): Promise<string | null> {
    if (isNodeFault(kind)) {
      await victim.suffer(kind, forMs, lot);
      return null;
    }
    if (isNetworkFault(kind)) {
      const mend = this.#links.break(kind, victim.host, this.#fleet.members.map(({ host }) => host), lot);
      await pass(forMs);
      mend();
      return null;
    }
    return this.#change(kind, victim, forMs, lot);
  }

  async #change(kind: "transfer" | "replace-member" | "restart-vm" | "kill-all", victim: ChaosNode, forMs: number, lot: number): Promise<string | null> {
    switch (kind) {
      case "transfer": {
        const asked = await this.#fleet.ask(["cluster", "transfer", victim.name, "--timeout", "3s"]);
        return asked.status === 0 ? null : reasonOf(asked);
      }
      case "replace-member":
        return this.#fleet.replace(victim);
      case "restart-vm": {
        const name = vms[Math.floor(lot * vms.length)] ?? "";
        const stopped = await this.#fleet.ask(["vm", "stop", name, "--timeout", "5s"]);
        await pass(forMs);
        const started = await this.#fleet.ask(["vm", "start", name, "--timeout", "5s"]);
        const failed = [stopped, started].find(({ status }) => status !== 0);
        return failed === undefined ? null : reasonOf(failed);
      }
      case "kill-all":
        await Promise.all(this.#fleet.up.map((node) => node.suffer("kill", forMs, lot)));
        return null;
    }
  }

  /** Looks on from outside: nobody ends that was not struck, and no VM runs twice. */
  async #look(): Promise<void> {
    this.#noVmTwice();
    for (const node of this.#fleet.members) {
      if (this.#closing || node.isUp || node.struck || node.removed || node.id === "") continue;
      if (/REMOVED|was removed/.test(node.log)) node.removed = true;
      else if (!(await node.heal())) this.#once(`${node.name} ended by itself:\n${node.log.slice(-600)}`);
    }
  }

  #noVmTwice(): void {
    const pids = new Map<string, number[]>();
    for (const { pid, commandLine } of guestsIn(this.#options.directory)) {
      const uuid = commandLine[commandLine.indexOf("-uuid") + 1] ?? "";
      pids.set(uuid, [...(pids.get(uuid) ?? []), pid]);
    }
    for (const [uuid, two] of pids) if (two.length > 1) this.#once(`VM ${uuid} runs ${two.length} times: pids ${two.join(", ")}`);
  }

  #once(problem: string): void {
    if (!this.#problems.includes(problem)) this.#problems.push(problem);
  }

  /** What should run does so, once. Its worker may have been taken out of the cluster: then nobody runs it. */
  async #vmsAreWhole(): Promise<void> {
    for (const name of vms) await this.#fleet.ask(["vm", "start", name, "--timeout", "10s"]);
    const inside = new Set(this.#fleet.members.filter(({ removed }) => !removed).map(({ name }) => name));
    await eventually(
      async () => {
        for (const name of vms) {
          const vm = await this.#fleet.json(["vm", "status", name, "--consistent"]);
          if (inside.has(vm.owner) && vm.observed !== "running") throw new Error(JSON.stringify(vm));
        }
        return true;
      },
      60_000,
      "VMs run again",
    );
  }

  async #judge(wholeAfterMs: number): Promise<ChaosReport> {
    const { seed, directory, durationMs } = this.#options;
    if (this.#fleet.divergence !== null) this.#problems.push(this.#fleet.divergence);
    for (const { name } of this.#fleet.members) {
      const log = readFileSync(join(directory, `${name}.log`), "utf8");
      const bug = /.*(this is a bug|Assertion|unhandled).*/i.exec(log);
      if (bug !== null) this.#problems.push(`${name}.log: ${bug[0]}`);
    }
    writeHistory(join(directory, "history.ndjson"), this.#workload.history);
    const linear = checkLinearizability(this.#workload.history);
    if (linear.kind !== "linearizable") this.#problems.push(linearizabilityText(linear));
    const judged = await blixard(["verify", ...this.#fleet.traces], { directory, deadlineMs: 500_000 });
    if (judged.status !== 0) this.#problems.push(`${judged.stdout}${judged.stderr}`);
    return {
      seed,
      seconds: Math.round(durationMs / 1_000),
      faults: Object.fromEntries([...this.#counts].sort()),
      totalFaults: [...this.#counts.values()].reduce((sum, count) => sum + count, 0),
      acknowledged: this.#workload.acknowledged,
      unknown: this.#workload.unknown,
      longestSilenceMs: Math.round(this.#workload.longestSilenceMs),
      silenceEndedAtMs: Math.round(this.#workload.silenceEndedAtMs),
      wholeAfterMs: Math.round(wholeAfterMs),
      linearizability: `${linear.kind}: ${linear.operations} operations on ${linear.keys} keys, ${linear.unknown} of unknown outcome`,
      traces: judged.stdout.split("\n")[0] ?? "",
      problems: this.#problems,
    };
  }
}

const isNodeFault = (kind: FaultKind): kind is NodeFaultKind => (nodeFaults as readonly string[]).includes(kind);
const isNetworkFault = (kind: FaultKind): kind is NetworkFaultKind => (networkFaults as readonly string[]).includes(kind);
