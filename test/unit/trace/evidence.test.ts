import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkEvidence, type Evidence, writeEvidence } from "../../../src/trace/evidence.ts";
import type { TraceLine } from "../../../src/trace/event.ts";
import { openRun } from "../../../src/trace/merge.ts";
import { findRuns } from "../../../src/trace/trace-files.ts";
import { verifyLines } from "../../../src/verify/check.ts";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import { sizeOf } from "../../conformance/sample-files.ts";

const sample = resolve(import.meta.dirname, "../../../traces/accepted/leader-killed");
const size = sizeOf(sample);
const scratch = mkdtempSync(join(tmpdir(), "blixard-evidence-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let files = 0;
function written(options: { redact?: boolean; group?: string } = {}): { path: string; evidence: Evidence; records: string[] } {
  const path = join(scratch, `${++files}.jsonl`);
  const { lines } = openRun(findRuns([sample])[0]!, { schema: true, allowTorn: false, warn: () => {} });
  const evidence = writeEvidence(path, lines, { redact: false, ...options });
  return { path, evidence, records: readFileSync(path, "utf8").trimEnd().split("\n") };
}

function damaged(records: readonly string[], change: (records: string[]) => void): string {
  const path = join(scratch, `${++files}.jsonl`);
  const copy = [...records];
  change(copy);
  writeFileSync(path, copy.map((record) => `${record}\n`).join(""));
  return path;
}

test("evidence is what it says, and anybody can compute its hashes", () => {
  const { path, evidence, records } = written();
  expect(evidence).toMatchObject({ lines: size.lines, redacted: false });
  expect(checkEvidence(path)).toEqual(evidence);
  let previous = "0".repeat(64);
  for (const record of records) {
    const { prevHash, hash, kind, body } = JSON.parse(record) as { prevHash: string; hash: string; kind: string; body: unknown };
    expect(prevHash).toBe(previous);
    expect(hash).toBe(createHash("sha256").update(`${prevHash}${kind}${JSON.stringify(body)}`).digest("hex"));
    previous = hash;
  }
  expect(previous).toBe(evidence.hash);
});

test("nothing can be changed, taken out, put in, moved or cut off", () => {
  const { records } = written();
  const half = Math.floor(records.length / 2);
  const cases: readonly (readonly [(copy: string[]) => void, string])[] = [
    [(copy) => (copy[half] = copy[half]!.replace(/"clock":(\d)/, '"clock":1$1')), "was changed"],
    [(copy) => copy.splice(half, 1), "does not follow"],
    [(copy) => copy.splice(half, 0, copy[half]!), "does not follow"],
    [(copy) => copy.splice(half, 2, copy[half + 1]!, copy[half]!), "does not follow"],
    [(copy) => copy.splice(half), "cut off"],
    [(copy) => copy.splice(-1), "cut off"],
    [(copy) => copy.splice(0, 1), "cannot stand here"],
    [(copy) => copy.push(copy[half]!), "follows the end"],
    [(copy) => (copy[half] = "{}"), "no record"],
  ];
  for (const [change, what] of cases) expect(() => checkEvidence(damaged(records, change))).toThrow(what);
});

test("redacted evidence names no VM and no node, and is still a behaviour of the specification", async () => {
  const { path, records } = written({ redact: true });
  expect(checkEvidence(path)).toMatchObject({ redacted: true, lines: size.lines });
  const lines = records.slice(1, -1).map((record) => (JSON.parse(record) as { body: TraceLine }).body);
  const text = JSON.stringify(lines);
  expect(text).not.toMatch(/"vm":"web"|"name":"n1"/);
  expect(text).toContain('"vm":"vm-1"');
  expect(text).toContain('"name":"node-1"');
  const nodes = [...new Set(lines.map(({ node }) => node))].map((node) => lines.filter((line) => line.node === node));
  expect(await verifyLines(nodes, { specDirectory: ownSpecDirectory() })).toMatchObject({ kind: "accepted", steps: size.steps });
});

test("evidence of one group", () => {
  const { path } = written({ group: "meta" });
  expect(checkEvidence(path).lines).toBe(size.lines);
  const none = written({ group: "shard-9" });
  expect(checkEvidence(none.path).lines).toBe(4);
});
