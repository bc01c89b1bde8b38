/** The laws of reservations notice where the specification itself would lose count (row W4). */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { simulate } from "../../../src/sim/simulate.ts";
import { verifyLines } from "../../../src/verify/check.ts";
import { specDirectory } from "../../simulation/specification.ts";

const directory = mkdtempSync(join(tmpdir(), "blixard-room-laws-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** VMs come, run, end and make way on three workers; every line is told as it was. */
const run = simulate({ seed: 2, nodes: 3, seconds: 12, faults: [], thinkMs: 200, vmShare: 0.7, leases: true, scarce: true });
const lines = run.lines.map((node) => node.lines);

type Change = readonly [from: string, to: string];

function specificationWith(name: string, changes: readonly Change[]): string {
  const copy = join(directory, name);
  cpSync(specDirectory, copy, { recursive: true });
  const path = join(copy, "Cluster.tla");
  let text = readFileSync(path, "utf8");
  for (const [from, to] of changes) {
    expect(text.split(from)).toHaveLength(2);
    text = text.replace(from, () => to);
  }
  writeFileSync(path, text);
  return copy;
}

test("as it stands, the run is accepted", async () => {
  expect(run.problems).toEqual([]);
  expect((await verifyLines(lines, { specDirectory })).kind).toBe("accepted");
});

interface Mistake {
  readonly what: string;
  readonly law: string;
  readonly changes: readonly Change[];
}

const mistakes: readonly Mistake[] = [
  {
    what: "room that is given back is not counted",
    law: "OffersAddUp",
    changes: [["left   == UsedAt(offered, held \\ holds, size, -1)", "left   == offered"]],
  },
  { what: "processors are not counted", law: "OffersAddUp", changes: [[".usedCpus = @ + sign * size.cpus, ", ".usedCpus = @, "]] },
  {
    what: "a confirmation leaves the reservation unconfirmed",
    law: "RunningIsReserved",
    changes: [
      ['THEN {"confirmed"}', 'THEN {"confirmed", "held"}'],
      ['THEN "" ELSE told[1].state\n', 'THEN "" ELSE IF told[1].state = "confirmed" THEN "held" ELSE told[1].state\n'],
    ],
  },
];

test.each(mistakes)("$what: $law", async ({ what, law, changes }) => {
  const verdict = await verifyLines(lines, { specDirectory: specificationWith(what.replaceAll(" ", "-"), changes) });
  expect(verdict).toMatchObject({ kind: "rejected" });
  expect(JSON.stringify(verdict)).toContain(law);
});
