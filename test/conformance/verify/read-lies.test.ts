/**
 * What a node says of reads must fit what it said before, also where no answer rests on it: lies about real runs that
 * the numbers of lines do not give away.
 */

import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import { damagedFiles, planned } from "../../unit/verify/damage.ts";
import { Replay } from "../../unit/verify/replay.ts";
import type { Line } from "../../unit/verify/line-change.ts";
import { type Files, filesOf } from "../../unit/verify/run-files.ts";

const accepted = resolve(import.meta.dirname, "../../../traces/accepted");

/** Pairs of neighbouring lines of an event on one node, in one term. */
function* neighbours(files: Files, event: string): Generator<{ readonly path: string; readonly before: Line; readonly after: Line }> {
  for (const { path, lines } of files) {
    const told = lines.filter((line) => line.event === event);
    for (const [at, after] of told.entries()) {
      const before = told[at - 1];
      if (before !== undefined && before["term"] === after["term"]) yield { path, before, after };
    }
  }
}

describe.each(["reads", "joint-change"])("%s", async (sample) => {
  const files = filesOf(join(accepted, sample));
  const replay = await Replay.of(files, { specDirectory: ownSpecDirectory() });
  const changed = (path: string, line: Line, change: object): Files =>
    files.map((file) => (file.path === path ? { ...file, lines: file.lines.map((one) => (one === line ? { ...one, ...change } : one)) } : file));

  test.each(["hidden duplicate AcknowledgeRound", "field AcknowledgeRound.promiseMs", "field AskReadIndex.to"])("each %s is refused", (name) => {
    const plans = [...planned(files)].filter(({ damage }) => damage.name === name);
    expect(plans.length).toBeGreaterThan(3);
    const believed = plans.filter((plan) => replay.judge(damagedFiles(files, plan)).kind !== "rejected");
    expect(believed.map(({ damage }) => damage.what)).toEqual([]);
  });

  test("a round that began before the round before it is refused", () => {
    const rounds = [...neighbours(files, "ReadIndex")];
    expect(rounds.length).toBeGreaterThan(3);
    for (const { path, before, after } of rounds) {
      const sentMs = Number(before["sentMs"]) - 1;
      expect([after.clock, replay.judge(changed(path, after, { sentMs })).kind]).toEqual([after.clock, "rejected"]);
    }
  });

  test("a round is refused while the one before it is under way", () => {
    const confirmed = new Set([...neighbours(files, "ServeRead")].map(({ before }) => before));
    expect(confirmed.size).toBeGreaterThan(3);
    const plans = [...planned(files)].filter(({ damage }) => damage.name === "hidden drop ServeRead");
    const lineOf = ({ damage }: (typeof plans)[number]): Line => files.find(({ path }) => path === damage.file)!.lines[damage.line - 1]!;
    const believed = plans.filter((plan) => confirmed.has(lineOf(plan)) && replay.judge(damagedFiles(files, plan)).kind !== "rejected");
    expect(believed.map(({ damage }) => damage.what)).toEqual([]);
  });
});
