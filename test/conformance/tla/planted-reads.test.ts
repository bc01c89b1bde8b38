/** Mistakes of the rules of reads, planted in the specification: each lets somebody answer without what was committed. */

import { expect, test } from "vitest";
import { exploreReads, type Planted } from "./seeded-raft.ts";

interface Mistake extends Pick<Planted, "from" | "to"> {
  readonly what: string;
  readonly seed: string;
}

const mistakes: readonly Mistake[] = [
  { what: "a leader answers without asking anybody", from: "/\\ IsQuorum(Acknowledged(i, number), i)", to: "", seed: "Overtaken" },
  { what: "acknowledgements of an older round count", from: " /\\ readAcks[i][j].number >= number", to: "", seed: "AfterAnOlderRead" },
  { what: "who follows another leader by now acknowledges all the same", from: "/\\ term = currentTerm[j]", to: "", seed: "Overtaken" },
  { what: "a leader answers before it has committed anything of its term", from: "/\\ HasOwnCommitted(i)", to: "", seed: "JustElected" },
  { what: "a follower uses an index that it was given for an earlier read", from: "/\\ IsLater(grant, readAsked[i].round)", to: "", seed: "AfterItsOwnOlderRead" },
  { what: "a follower answers before it has come so far itself", from: "/\\ IsLater(grant, readAsked[i].round)\n        /\\ applied >= index", to: "/\\ IsLater(grant, readAsked[i].round)", seed: "Overtaken" },
];

test.each(mistakes)("$what", ({ seed, from, to }) => {
  const { violation } = exploreReads(seed, { file: "Reads", from, to });
  expect(violation).toMatchObject({ kind: "invariant", name: "ReadsAreFresh" });
}, 60_000);

test.each(["Overtaken", "JustElected", "AfterAnOlderRead", "AfterItsOwnOlderRead"])("without a mistake: %s", (seed) => {
  const { violation } = exploreReads(seed, undefined, 4_000);
  expect(violation).toBeUndefined();
}, 60_000);

test("reads, two voters, one round a term: every state is as it should be", () => {
  const { violation, complete, distinct } = exploreReads("MCReadsInit", undefined, 200_000, "{a, b}");
  expect(violation).toBeUndefined();
  expect(complete).toBe(true);
  expect(distinct).toBeGreaterThan(1_000);
}, 120_000);
