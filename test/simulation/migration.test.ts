/**
 * Row W7 as a table: every phase of a move × every fault in it, in the simulator. Each case ends in bounded virtual time with
 * exactly one running instance, or with a failure that says why; no move is left in any row, no room is kept, and the traces
 * verify. `migrations.md` is the table with what came of each; `UPDATE_TABLE=1` writes it anew.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faults, phases, standing, type Phase, type Stage } from "./migration-cases.ts";
import { isInTime, playMove, type MoveCase, type MoveOutcome } from "./migration-case.ts";
import { expectGood } from "./judged.ts";

const path = join(import.meta.dirname, "migrations.md");

interface Row {
  readonly phase: string;
  readonly fault: string;
  readonly play: () => MoveOutcome;
}

function strikeIn(phase: Phase, fault: (stage: Stage, phase: Phase) => void): MoveCase {
  return {
    strike(stage) {
      const vm = stage.record();
      if (vm === undefined || !phase.begins(stage, vm)) return false;
      fault(stage, phase);
      return true;
    },
  };
}

/** The coordinator, too, is one that owns or gets the VM. */
const coordinators = ["source", "target"] as const;

const rows: readonly Row[] = [
  ...phases.flatMap((phase) => [
    ...Object.entries(faults)
      // The move is refused before anything begins: the row "the target is full".
      .filter(([fault]) => phase.name !== "preparing" || fault !== "error")
      .map(([fault, strike]) => ({ phase: phase.name, fault, play: () => playMove(strikeIn(phase, strike)) })),
    ...coordinators.map((who) => ({
      phase: phase.name,
      fault: `coordinator crash, and it is the ${who}`,
      play: () => playMove({ ...strikeIn(phase, faults["coordinator crash"]!), coordinator: who }),
    })),
  ]),
  ...Object.entries(standing).map(([fault, wish]) => ({
    phase: fault === "the target is full" ? "preparing" : "all",
    fault: fault === "the target is full" ? `error: ${fault}` : fault,
    play: () => playMove({ ...wish, strike: () => true }),
  })),
];

const outcomes = new Map<Row, string>();

describe("every phase of a move, and every fault in it", () => {
  for (const row of rows) {
    test(`${row.phase}: ${row.fault}`, { timeout: 120_000 }, async () => {
      const played = row.play();
      const { result, outcome, struck, left } = played;
      await expectGood(result);
      expect(struck, "the phase was reached").toBe(true);
      expect(outcome).toMatch(/^(runs at|failed: .)/);
      expect(left).toEqual([]);
      expect(played).toSatisfy(isInTime, `it came to rest after ${played.tookMs} ms`);
      outcomes.set(row, outcome);
    });
  }

  test("the table is what came of them", () => {
    expect(outcomes.size).toBe(rows.length);
    const text = tableText();
    process.stdout.write(text);
    if (process.env.UPDATE_TABLE === "1") writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });
});

function tableText(): string {
  const lines = rows.map((row) => `| ${row.phase} | ${row.fault} | ${outcomes.get(row) ?? ""} |`);
  const head = ["# Moves of a VM: every phase, every fault, and what came of it", "", "Written by `migration.test.ts`, which holds it.", "", "| phase | fault | outcome |", "|---|---|---|"];
  return `${[...head, ...lines].join("\n")}\n`;
}
