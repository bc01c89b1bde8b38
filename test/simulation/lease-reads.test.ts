/** Reads from leases under faults, with clocks that drift as far as the bound allows (row R3; dissertation, 6.4.1). */

import { expect, test } from "vitest";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import type { TraceLine } from "../../src/trace/event.ts";
import { expectGood, judge } from "./judged.ts";

/** Simulated clocks run at 0.9 to 1.1 of the true rate: 10 % on each side. */
const clockDriftPpm = 100_001;
const electionTimeoutMs = 300;

function run(seed: number, seconds = 12, faults: "swarm" | [] = "swarm"): SimulationResult {
  const raft = { clockDriftPpm, electionTimeoutMs };
  return simulate({ seed, nodes: 3, seconds, faults, clients: 6, thinkMs: 25, vmShare: 0, raft });
}

type LeaseRead = Extract<TraceLine, { readonly event: "ServeLeaseRead" }>;

function leaseReadsOf(result: SimulationResult): readonly LeaseRead[] {
  return result.lines.flatMap(({ lines }) => lines.filter((line): line is LeaseRead => line.event === "ServeLeaseRead"));
}

test.for([1, 2, 3, 4, 5, 6])("seed %i: what is read is linearizable, and every lease holds", { timeout: 300_000 }, async (seed) => {
  await expectGood(run(seed));
});

test("leases are used, and the specification does the arithmetic again", { timeout: 300_000 }, async () => {
  const result = run(7, 2, []);
  await expectGood(result);
  const reads = leaseReadsOf(result);
  expect(reads.length).toBeGreaterThan(20);
  const all = result.lines.flatMap(({ lines }) => lines);
  const [read] = reads as [LeaseRead];
  const begun = all.find((line) => line.event === "ReadIndex" && line.node === read.node && line.term === read.term && line.round === read.round);
  if (begun?.event !== "ReadIndex") throw new Error("a lease begins with a round");
  // The last moment of the lease: a promise of 300 ms, less by what this clock may be slow and the other fast.
  const last = begun.sentMs + Math.floor((electionTimeoutMs * (1_000_000 - clockDriftPpm)) / (1_000_000 + clockDriftPpm));
  expect((await judge(changed(result, read, { localMs: last }))).kind).toBe("accepted");
  const mistakes: readonly Partial<LeaseRead>[] = [
    // Not shortened by drift; counted from the answer, which came a moment after the sending.
    { localMs: begun.sentMs + electionTimeoutMs - 1 },
    { localMs: last + 1 },
    // Before the round was sent.
    { localMs: begun.sentMs - 1 },
    // From no round of this term.
    { round: read.round + 1_000 },
    // Without a bound there is no lease.
    { driftPpm: 0 },
  ];
  for (const mistake of mistakes) {
    const verdict = await judge(changed(result, read, mistake));
    expect(verdict, JSON.stringify(mistake)).toMatchObject({ kind: "rejected", event: { event: "ServeLeaseRead", clock: read.clock } });
  }
});

/** The same run, but for one line. */
function changed(result: SimulationResult, line: TraceLine, change: object): SimulationResult {
  const lines = result.lines.map((node) => ({ ...node, lines: node.lines.map((one) => (one === line ? { ...one, ...change } : one) as TraceLine) }));
  return { ...result, lines };
}
