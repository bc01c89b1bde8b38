import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/tla/configuration.ts";
import { checkModel, type ModelResult } from "../../../src/tla/model.ts";
import { loadSpecification } from "../../../src/tla/specification.ts";
import { loadGrammar } from "../../../src/verify/grammar.ts";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import { type ExportedGroup, exportTla, type TlaExportOptions } from "../../../src/verify/tla-export.ts";
import { recordText } from "../../../src/verify/tla-export-text.ts";
import { sizeOf } from "../../conformance/sample-files.ts";
import { RingTrace } from "./ring-trace.ts";

const traces = resolve(import.meta.dirname, "../../../traces");
const scratch = mkdtempSync(join(tmpdir(), "blixard-export-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let directories = 0;
function exported(paths: readonly string[], options: Partial<TlaExportOptions> = {}): readonly ExportedGroup[] {
  return exportTla({ paths, directory: join(scratch, String(++directories)), specDirectory: ownSpecDirectory(), allowTorn: false, warn: () => {}, ...options });
}

/** Explores an exported directory as TLC would: the module, its configuration, and nothing else. */
async function explore(directory: string): Promise<ModelResult> {
  const modules = new Map(readdirSync(directory).filter((name) => name.endsWith(".tla")).map((name) => [basename(name, ".tla"), readFileSync(join(directory, name), "utf8")]));
  const configuration = parseConfiguration(readFileSync(join(directory, "BlixardTraceFile.cfg"), "utf8"));
  const { constants, overrides, moduleOverrides } = configuration;
  const specification = loadSpecification({ root: "BlixardTraceFile", modules, constants, overrides, moduleOverrides, parse: await loadGrammar() });
  const search = checkModel(specification, configuration);
  for (;;) {
    const { done, value } = search.next();
    if (done === true) return value;
  }
}

test("an accepted trace: one state more than lines, on one path", async () => {
  const sample = join(traces, "accepted/leader-killed");
  const { steps } = sizeOf(sample);
  const [group] = exported([sample]);
  expect(group).toMatchObject({ group: "meta", lines: steps });
  expect(readdirSync(group!.directory).sort()).toEqual(["BlixardTrace.tla", "BlixardTraceFile.cfg", "BlixardTraceFile.tla", "Cluster.tla", "README.md", "Raft.tla", "Reads.tla", "Tasks.tla", "trace.ndjson"]);
  expect(readFileSync(join(group!.directory, "trace.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(steps);
  expect(await explore(group!.directory)).toMatchObject({ distinct: steps + 1, depth: steps + 1, violation: undefined });
});

test("a damaged trace stops before its end", async () => {
  const [refused] = exported([join(traces, "rejected/leader-without-votes")]);
  const { depth } = await explore(refused!.directory);
  expect(depth).toBeGreaterThan(100);
  expect(depth).toBeLessThan(refused!.lines + 1);
});

test("groups have a directory each, headers none", () => {
  const trace = new RingTrace().create("n1").create("n2", "shard-1").pass("n1", "n2");
  const path = trace.done();
  const groups = exported([path]);
  expect(groups.map(({ group, lines }) => [group, lines])).toEqual([["meta", 2], ["shard-1", 1]]);
  const text = readFileSync(join(groups[0]!.directory, "BlixardTraceFile.tla"), "utf8");
  expect(text).toContain('event |-> "TransferLeadership", to |-> "n2"');
  expect(text).not.toContain("Header");
  expect(exported([path], { group: "shard-1" })).toHaveLength(1);
  expect(() => exported([path], { group: "shard-2" })).toThrow("no step of group shard-2");
  trace.remove();
});

test("what is there is not written over, and runs are not mixed", () => {
  const full = join(scratch, "full");
  mkdirSync(full);
  writeFileSync(join(full, "x"), "");
  expect(() => exported([join(traces, "accepted/leader-killed")], { directory: full })).toThrow("is not empty");
  expect(() => exported([join(traces, "rejected")])).toThrow("several runs");
});

test("values as TLA+ writes them", () => {
  expect(recordText({ a: [1, -2], b: { c: true, d: [] }, e: 'x"\\y' })).toBe('[a |-> <<1, -2>>, b |-> [c |-> TRUE, d |-> <<>>], e |-> "x\\"\\\\y"]');
  expect(recordText("ä\n")).toBe('"\\\\u00e4\\\\u000a"');
  expect(() => recordText(2 ** 31)).toThrow("more than an integer of TLC");
});
