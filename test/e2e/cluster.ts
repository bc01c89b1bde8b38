/** A cluster of real daemons on loopback, formed by the real command line. */

import { strict as assert } from "node:assert";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GroupStatus } from "../../src/transport/messages.generated.ts";
import { eventually } from "./eventually.ts";
import { freeAddress } from "./free-port.ts";
import { type Json, type Outcome, blixard, succeeded } from "./program.ts";
import { type Surroundings, TestNode } from "./test-node.ts";

/**
 * Flags of daemons whose VMs must outlive them until they are started again, which a slow machine may take minutes for.
 * By default a VM has most of 20 s, and then its watchdog ends it, as it must.
 */
export const patientLeases: Surroundings = { flags: ["--worker-lease", "10m", "--failover-after", "12m"] };

export class Cluster {
  readonly #directory: string;
  readonly #all: TestNode[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Every node that was ever made, in that order. */
  get nodes(): readonly TestNode[] {
    return this.#all;
  }

  get live(): readonly TestNode[] {
    return this.#all.filter(({ isUp }) => isUp);
  }

  /** The first node that runs. */
  get any(): TestNode {
    const [node] = this.live;
    if (node === undefined) throw new Error("no node runs");
    return node;
  }

  node(nameOrId: string): TestNode {
    const found = this.#all.find(({ name, id }) => name === nameOrId || id === nameOrId);
    if (found === undefined) throw new Error(`there is no node ${nameOrId}`);
    return found;
  }

  /** A node that is not started yet. */
  async make(name: string, dataDir?: string): Promise<TestNode> {
    const node = new TestNode(name, await freeAddress(), this.#directory, dataDir);
    this.#all.push(node);
    return node;
  }

  /** Starts `size` daemons n1, n2 … and makes one cluster of them. */
  async form(size: number, surroundings: Surroundings = {}): Promise<this> {
    const made = await Promise.all(Array.from({ length: size }, (_, at) => this.make(`n${at + 1}`)));
    for (const node of made) node.surroundings = surroundings;
    await Promise.all(made.map((node) => node.start()));
    const [first, ...others] = made;
    if (first === undefined) throw new Error("a cluster has at least one node");
    await first.json(["cluster", "init"]);
    for (const node of others) await this.join(node, first);
    await first.json(["cluster", "wait", "--formed", String(size), "--leader"]);
    return this;
  }

  /** Lets a started node join through `seed`. */
  async join(node: TestNode, seed = this.any): Promise<void> {
    const { token } = await seed.json(["cluster", "token", node.name]);
    await node.json(["cluster", "join", seed.address, "--token", token]);
  }

  /** Registers every live node as a worker. */
  async work(...sizes: readonly string[]): Promise<void> {
    await Promise.all(this.live.map((node) => node.json(["worker", "register", ...sizes])));
  }

  /** The node that leads, once all nodes of `among` say so. */
  leader(deadlineMs = 90_000, among = this.live): Promise<TestNode> {
    return eventually(
      async () => {
        const groups = await Promise.all(among.map((node) => node.look()));
        const [{ leaderId, term } = { leaderId: "", term: 0 }] = groups;
        const agreed = leaderId !== "" && groups.every((group) => group.leaderId === leaderId && group.term === term);
        return agreed && among.find(({ id }) => id === leaderId);
      },
      deadlineMs,
      `${among.map(({ name }) => name).join(", ")} agree on a leader`,
    );
  }

  async followers(): Promise<readonly TestNode[]> {
    const leader = await this.leader();
    return this.live.filter((node) => node !== leader);
  }

  /** All live nodes have the same digest, configuration and commit index at the same applied index (row P1). */
  converged(deadlineMs = 90_000, among = this.live): Promise<GroupStatus> {
    return eventually(
      async () => {
        const groups = await Promise.all(among.map((node) => node.look()));
        const seen = groups.map(essence);
        const [one] = seen;
        if (new Set(groups.map(({ appliedIndex }) => appliedIndex)).size > 1) throw new Error(seen.join("\n"));
        // At one applied index another digest is no matter of time.
        assert.equal(new Set(groups.map(({ digest }) => digest)).size, 1, seen.join("\n"));
        if (seen.some((other) => other !== one)) throw new Error(seen.join("\n"));
        return groups[0];
      },
      deadlineMs,
      "all nodes have applied the same",
    );
  }

  async vm(name: string, node = this.any): Promise<Json> {
    return node.json(["vm", "status", name, "--consistent"]);
  }

  /** Stops what runs in order, then holds the traces of all nodes against the specification: every line must fit (row T4). */
  async verifyTraces(): Promise<Outcome> {
    await Promise.all(this.live.map((node) => node.stop()));
    const outcome = await blixard(["verify", ...this.#all.map(({ traces }) => traces)], { directory: this.#directory, deadlineMs: 400_000 });
    succeeded(outcome);
    assert.match(outcome.stdout, /^Accepted: /);
    this.#keepTraces();
    return outcome;
  }

  /** Where BLIXARD_KEEP_TRACES says, the traces stay, as a run of their own. */
  #keepTraces(): void {
    const { BLIXARD_KEEP_TRACES: kept = "" } = process.env;
    if (kept === "") return;
    const run = join(kept, this.#directory.replaceAll("/", "_"));
    for (const [at, { name, traces }] of this.#all.entries()) {
      if (existsSync(traces)) cpSync(traces, join(run, `${at}-${name}`), { recursive: true });
    }
    writeFileSync(join(run, "verdict.json"), '{ "verdict": "accepted", "about": "a run of the end-to-end tests" }\n');
  }
}

function essence({ appliedIndex, commitIndex, digest, configurationIndex, members }: GroupStatus): string {
  const roles = members.map(({ id, name, address, role }) => `${id} ${name} ${address} ${role}`).sort();
  return JSON.stringify({ appliedIndex, commitIndex, digest, configurationIndex, roles });
}
