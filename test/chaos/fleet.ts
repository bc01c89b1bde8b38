/** The nodes of a run: those that form the cluster, and spare ones that take the place of removed ones. */

import { blixard, succeeded } from "../e2e/program.ts";
import type { Json, Outcome } from "../e2e/program.ts";
import { eventually } from "../e2e/eventually.ts";
import type { GroupStatus } from "../../src/transport/messages.generated.ts";
import type { ChaosNode } from "./chaos-node.ts";

/** The exit status of a command whose outcome is unknown. */
const outcomeUnknown = 5;
/** What may still go wrong while the cluster becomes whole again is waited for that long. */
const wholeMs = 60_000;

export class Fleet {
  /** In the cluster, or on their way in or out. */
  readonly members: ChaosNode[];
  readonly #spare: ChaosNode[];
  readonly #directory: string;
  #replacing = false;
  /** Set when nodes hold different states at one applied index. */
  divergence: string | null = null;

  constructor(members: readonly ChaosNode[], spare: readonly ChaosNode[], directory: string) {
    this.members = [...members];
    this.#spare = [...spare];
    this.#directory = directory;
  }

  get up(): ChaosNode[] {
    return this.members.filter(({ isUp, struck, removed }) => isUp && !struck && !removed);
  }

  /** The first two have VMs: they stay in the cluster. */
  get workers(): ChaosNode[] {
    return this.members.slice(0, 2);
  }

  async form(): Promise<void> {
    await Promise.all(this.members.map((node) => node.start()));
    const [first, ...others] = this.members;
    if (first === undefined) throw new Error("a cluster has at least one node");
    await first.json(["cluster", "init"]);
    for (const node of others) await this.#join(node, first);
    await first.json(["cluster", "wait", "--formed", String(this.members.length), "--leader"]);
    await Promise.all(this.workers.map((node) => node.json(["worker", "register"])));
  }

  async #join(node: ChaosNode, seed: ChaosNode): Promise<void> {
    const { token } = await seed.json(["cluster", "token", node.name]);
    await node.json(["cluster", "join", seed.address, "--token", token]);
  }

  /** The leader as some live node knows it. */
  async leader(): Promise<ChaosNode | undefined> {
    for (const node of this.up) {
      const group = await node.look().catch(() => null);
      const leader = this.members.find(({ id }) => id === group?.leaderId);
      if (leader !== undefined) return leader;
    }
    return undefined;
  }

  /** A command through a live node; what it answers is for the caller to judge. */
  ask(args: readonly string[], through = this.up[0] ?? this.members[0]): Promise<Outcome> {
    if (through === undefined) throw new Error("there are no nodes");
    return blixard(args, { directory: this.#directory, environment: { BLIXARD_ADDR: through.address }, deadlineMs: 60_000 });
  }

  /** Takes `old` out and a spare one in, one at a time. Null, or why the cluster could not do it now. */
  async replace(old: ChaosNode): Promise<string | null> {
    const fresh = this.#spare[0];
    const through = this.up.find((node) => node !== old);
    if (this.#replacing || fresh === undefined || through === undefined) return "nobody to do it with";
    this.#replacing = true;
    try {
      const removed = await this.ask(["cluster", "remove", old.name, "--timeout", "5s", "--json"], through);
      // Whether it is out is not known with status 5; then the end of the run finds out.
      if (removed.status !== 0 && removed.status !== outcomeUnknown) return reasonOf(removed);
      old.removed = removed.status === 0;
      this.#spare.shift();
      this.members.push(fresh);
      fresh.struck = true;
      // Until it has joined; the end of the run looks at the configuration.
      fresh.removed = true;
      await fresh.start();
      const token = await this.ask(["cluster", "token", fresh.name, "--json"], through);
      if (token.status !== 0) return reasonOf(token);
      const joined = await fresh.cli(["cluster", "join", through.address, "--token", (token.json as Json).token, "--timeout", "10s"]);
      fresh.removed = joined.status !== 0;
      return fresh.removed ? reasonOf(joined) : null;
    } finally {
      fresh.struck = false;
      this.#replacing = false;
    }
  }

  /**
   * Waits until the configuration is whole: who is in it runs and agrees on it, with the same digest at the same applied
   * index (row P1). Returns how long that took in milliseconds.
   */
  async whole(): Promise<number> {
    const start = performance.now();
    await eventually(
      async () => {
        const leader = await this.leader();
        if (leader === undefined) throw new Error("there is no leader");
        const { members } = await leader.look();
        const ids = new Set(members.map(({ id }) => id));
        const inside = this.members.filter(({ id }) => ids.has(id));
        for (const node of this.members) node.removed = !inside.includes(node);
        if (inside.length !== ids.size) throw new Error("a member is none of the nodes of this run");
        for (const node of inside) await node.recover();
        const down = inside.filter(({ isUp }) => !isUp);
        if (down.length > 0) throw new Error(`${down.map(({ name }) => name).join(", ")} is a member and does not run`);
        const groups = await Promise.all(inside.map((node) => node.look()));
        if (!same(inside, groups)) return false;
        this.divergence = diverged(inside, groups);
        return true;
      },
      wholeMs,
      "the cluster is whole again",
    );
    return performance.now() - start;
  }

  /** Ends all daemons in order. */
  async stop(): Promise<void> {
    await Promise.all(this.members.filter(({ isUp }) => isUp).map((node) => node.stop()));
  }

  /** Traces of everybody who ever ran. */
  get traces(): readonly string[] {
    return this.members.map(({ traces }) => traces);
  }

  async json(args: readonly string[]): Promise<Json> {
    return succeeded(await this.ask([...args, "--json"])).json;
  }
}

/** The first line of what a command said when it failed. */
export const reasonOf = ({ stderr, status }: Outcome): string => stderr.split("\n")[0] ?? `status ${status}`;

/** False while some are behind. Throws what is known of them. */
function same(nodes: readonly ChaosNode[], groups: readonly GroupStatus[]): boolean {
  const [one] = groups;
  if (one === undefined) throw new Error("nobody answers");
  if (groups.some(({ appliedIndex, term }) => appliedIndex !== one.appliedIndex || term !== one.term)) {
    throw new Error(groups.map(({ appliedIndex, term }, at) => `${nodes[at]?.name} applied ${appliedIndex} in term ${term}`).join(", "));
  }
  return true;
}

/** At one applied index another digest is no matter of time. */
function diverged(nodes: readonly ChaosNode[], groups: readonly GroupStatus[]): string | null {
  if (new Set(groups.map(({ digest }) => digest)).size <= 1) return null;
  return `states differ at one applied index: ${groups.map(({ digest, appliedIndex }, at) => `${nodes[at]?.name} has ${digest} at ${appliedIndex}`).join(", ")}`;
}
