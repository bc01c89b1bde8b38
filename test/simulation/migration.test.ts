/**
 * Row W7 as a table: every phase of a move × every fault in it, in the simulator. Each case ends in bounded virtual time with
 * exactly one running instance, or with a failure that says why; no move is left in any row, no room is kept, and the traces
 * verify. `migrations.md` is the table with what came of each; `UPDATE_TABLE=1` writes it anew.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faults, livePhases, liveStanding, phases, standing, type Phase, type Stage } from "./migration-cases.ts";
import { isInTime, playMove, type MoveCase, type MoveOutcome } from "./migration-case.ts";
import { expectGood } from "./judged.ts";

const path = join(import.meta.dirname, "migrations.md");

interface Row {
  readonly kind: "stopped and started" | "with its memory";
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

function rowsOf(kind: Row["kind"], every: readonly Phase[], more: typeof standing): readonly Row[] {
  const live = kind === "with its memory";
  const first = "the target is full";
  return [
    ...every.flatMap((phase) => [
      ...Object.entries(faults)
        // The move is refused before anything begins: the row "the target is full".
        .filter(([fault]) => phase.name !== "preparing" || fault !== "error")
        .map(([fault, strike]) => ({ kind, phase: phase.name, fault, play: () => playMove({ live, ...strikeIn(phase, strike) }) })),
      ...coordinators.map((who) => ({
        kind,
        phase: phase.name,
        fault: `coordinator crash, and it is the ${who}`,
        play: () => playMove({ live, ...strikeIn(phase, faults["coordinator crash"]!), coordinator: who }),
      })),
    ]),
    ...Object.entries(more).map(([fault, wish]) => ({
      kind,
      phase: fault === first ? "preparing" : "all",
      fault: fault === first ? `error: ${fault}` : fault,
      play: () => playMove({ live, ...wish, strike: () => true }),
    })),
  ];
}

const rows: readonly Row[] = [...rowsOf("stopped and started", phases, standing), ...rowsOf("with its memory", livePhases, liveStanding)];
const outcomes = new Map<Row, string>();

describe("every phase of a move, and every fault in it", () => {
  for (const row of rows) {
    test(`${row.kind}: ${row.phase}: ${row.fault}`, { timeout: 120_000 }, async () => {
      const played = row.play();
      const { result, outcome, struck, left, keptMemory } = played;
      await expectGood(result);
      expect(struck, "the phase was reached").toBe(true);
      expect(outcome).toMatch(/^(runs at|stopped as asked|failed: .)/);
      expect(left).toEqual([]);
      expect(played).toSatisfy(isInTime, `it came to rest after ${played.tookMs} ms`);
      if (row.kind === "stopped and started") return void outcomes.set(row, outcome);
      // Memory is lost with the worker that had it, or when somebody asks for that; else never without a word.
      const mayBoot = result.stats.failovers > 0 || row.fault.startsWith("somebody restarts");
      if (outcome.startsWith("runs")) expect(keptMemory || mayBoot, "the memory is what it was").toBe(true);
      outcomes.set(row, outcome.startsWith("runs") ? `${outcome}, ${keptMemory ? "with its memory" : "booted anew"}` : outcome);
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
  const head = ["# Moves of a VM: every phase, every fault, and what came of it", "", "Written by `migration.test.ts`, which holds it."];
  const parts = (["stopped and started", "with its memory"] as const).flatMap((kind) => {
    const lines = rows.filter((row) => row.kind === kind).map((row) => `| ${row.phase} | ${row.fault} | ${outcomes.get(row) ?? ""} |`);
    return ["", `## ${kind}`, "", "| phase | fault | outcome |", "|---|---|---|", ...lines];
  });
  return `${[...head, ...parts].join("\n")}\n`;
}
