/** Traces as long as one likes: a real beginning, and then the steps of writes, repeated with the numbers that follow. */

import { createHash } from "node:crypto";
import { present } from "../../../src/assert.ts";
import { simulate } from "../../../src/sim/simulate.ts";
import type { TraceLine } from "../../../src/trace/event.ts";

/** A line of any event, by the fields that it has; the schema is held against it when it is read. */
type Fields = Readonly<Record<string, unknown>>;

/** Three nodes without a task; every write that follows is committed, applied and told to all. */
export class LongTrace {
  /** The lines made so far. */
  lines = 0;
  readonly #say: (node: string, line: TraceLine) => void;
  readonly #seq = new Map<string, number>();
  readonly #leader: string;
  readonly #term: number;
  #clock = 0;
  #index: number;

  /** `say` takes each line, in an order in which they can have happened. */
  constructor(say: (node: string, line: TraceLine) => void) {
    this.#say = say;
    const { lines, problems } = simulate({ seed: 1, nodes: 3, seconds: 20, faults: [], clients: 0 });
    if (problems.length > 0) throw new Error(problems.join("; "));
    for (const line of lines.flatMap((node) => node.lines).sort((a, b) => a.clock - b.clock)) {
      this.#seq.set(line.node, line.seq);
      this.#clock = line.clock;
      this.lines += 1;
      say(line.node, line);
    }
    const last = present(lines.flatMap((node) => node.lines).findLast((line) => "role" in line && line.role === "Leader"), "somebody leads");
    if (!("term" in last) || !("lastLogIndex" in last)) throw new Error("a leader's line tells its term and its log");
    this.#leader = last.node;
    this.#term = last.term;
    this.#index = last.lastLogIndex;
  }

  get nodes(): readonly string[] {
    return [...this.#seq.keys()];
  }

  get #followers(): readonly string[] {
    return this.nodes.filter((node) => node !== this.#leader);
  }

  /** The lines of one write of `count` commands: 17. */
  write(count: number): void {
    const before = this.#index;
    const after = before + count;
    const entries = [{ kind: "command", term: this.#term, count }];
    const request = { prevLogIndex: before, prevLogTerm: this.#term, entries, leaderCommit: before };
    const heartbeat = { prevLogIndex: after, prevLogTerm: this.#term, entries: [], leaderCommit: after };
    const from = { from: this.#leader, messageTerm: this.#term };
    this.#index = after;
    this.#lead("ClientRequest", { entries }, before);
    for (const to of this.#followers) this.#lead("AppendEntries", { to, ...request }, before);
    this.#lead("Persist", { count: 1 }, before);
    for (const node of this.#followers) {
      this.#follow(node, "HandleAppendEntriesRequest", { ...from, ...request, success: true, matchIndex: after }, before);
      this.#follow(node, "Persist", { count: 1 }, before);
    }
    const [first = "", second = ""] = this.#followers;
    const answer = { messageTerm: this.#term, success: true, matchIndex: after };
    this.#lead("HandleAppendEntriesResponse", { from: first, ...answer }, before);
    this.#lead("AdvanceCommitIndex", {}, after);
    this.#apply(this.#leader);
    for (const to of this.#followers) this.#lead("AppendEntries", { to, ...heartbeat }, after);
    this.#lead("HandleAppendEntriesResponse", { from: second, ...answer }, after);
    for (const node of this.#followers) {
      this.#follow(node, "HandleAppendEntriesRequest", { ...from, ...heartbeat, success: true, matchIndex: after }, after);
      this.#apply(node);
    }
  }

  /** A follower receives once more what it was sent when `before` was the last index, `count` entries of them. */
  receiveAgain(before: number, count: number, from = this.#leader): void {
    const node = present(this.#followers[0], "there are followers");
    const entries = [{ kind: "command", term: this.#term, count }];
    const request = { prevLogIndex: before, prevLogTerm: this.#term, entries, leaderCommit: before };
    this.#follow(node, "HandleAppendEntriesRequest", { from, messageTerm: this.#term, ...request, success: true, matchIndex: before + count }, this.#index);
  }

  /** The last index of the log. */
  get index(): number {
    return this.#index;
  }

  #lead(event: string, fields: Fields, commitIndex: number): void {
    this.#tell(this.#leader, event, { ...fields, ...this.#state("Leader", commitIndex) });
  }

  #follow(node: string, event: string, fields: Fields, commitIndex: number): void {
    this.#tell(node, event, { ...fields, ...this.#state("Follower", commitIndex) });
  }

  #state(role: string, commitIndex: number): Fields {
    return { term: this.#term, role, lastLogIndex: this.#index, commitIndex };
  }

  #apply(node: string): void {
    const digest = createHash("sha256").update(String(this.#index)).digest("hex").slice(0, 16);
    this.#tell(node, "Apply", { index: this.#index, digests: [{ index: this.#index, digest }], vmChanges: [], configurations: [] });
  }

  #tell(node: string, event: string, fields: Fields): void {
    const seq = present(this.#seq.get(node), "the node is known") + 1;
    this.#seq.set(node, seq);
    this.lines += 1;
    this.#say(node, { group: "meta", node, incarnation: 1, seq, clock: ++this.#clock, event, ...fields } as unknown as TraceLine);
  }
}
