/** Traces that were cut, altered or mixed up: each is refused for what it is (rows T2, T7; issue: Bad input). */

import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { traceFiles } from "./evidence.ts";
import { type Outcome, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";

const run = useRun();
let cluster: Cluster;
let original: string;
let copies = 0;

beforeAll(async () => {
  cluster = await run.cluster(2);
  await cluster.any.json(["kv", "put", "/a", "b"]);
  await cluster.work("--cpus", "2", "--memory", "512", "--disk", "512");
  await cluster.any.json(["vm", "create", "web", "--driver", "process", "--wait"]);
  await cluster.any.json(["vm", "delete", "web", "--wait"]);
  await Promise.all(cluster.live.map((node) => node.stop()));
  original = join(run.directory, "original");
  for (const { name, traces } of cluster.nodes) cpSync(traces, join(original, name), { recursive: true });
});

/** A copy of the traces in which the lines of n1 are changed. */
function altered(change: (lines: string[]) => readonly string[]): string {
  const directory = join(run.directory, `altered-${++copies}`);
  cpSync(original, directory, { recursive: true });
  const [file] = traceFiles(join(directory, "n1"));
  const lines = readFileSync(file!, "utf8").trimEnd().split("\n");
  writeFileSync(file!, change(lines).join("\n") + "\n");
  return directory;
}

function verify(...args: readonly string[]): Promise<Outcome> {
  return run.cli(["verify", ...args]);
}

function lineOf(lines: readonly string[], event: string): number {
  const at = lines.findIndex((line) => line.includes(`"event":"${event}"`) || line.includes(`"${event}"`));
  expect(at, event).toBeGreaterThan(0);
  return at;
}

/** Refused with exit 8 and the code, and the file and line are named. */
function expectRejected(outcome: Outcome, code: string, place: RegExp = /altered-\d+\/n\d\/.*\.jsonl:\d+/): void {
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(8);
  expect(outcome.stdout).toContain(code);
  expect(outcome.stdout).toMatch(place);
  expect(outcome.stdout + outcome.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
}

test("untouched they are accepted, and shown in an order that causality allows", async () => {
  expect(succeeded(await verify(original)).stdout).toMatch(/^Accepted: /);
  const shown = succeeded(await run.cli(["trace", "show", original, "--json"])).stdout.trimEnd().split("\n");
  const clocks = shown.map((line) => (JSON.parse(line) as { clock: number }).clock);
  expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
  const few = succeeded(await run.cli(["trace", "show", original, "--event", "BecomeLeader", "--node", "n1", "--limit", "1"])).stdout;
  expect(few.trimEnd().split("\n")).toHaveLength(2);
});

test("a last line that was cut off: refused, passed over when asked, shown with a warning", async () => {
  const directory = altered((lines) => lines);
  const [file] = traceFiles(join(directory, "n2"));
  appendFileSync(file!, readFileSync(file!, "utf8").split("\n").at(-2)!.slice(0, 60));
  expectRejected(await verify(directory), "TRACE_TORN_TAIL");
  succeeded(await verify(directory, "--allow-torn"));
  const shown = succeeded(await run.cli(["trace", "show", directory]));
  expect(shown.stderr).toMatch(/cut off|torn/i);
});

test("a line that is no JSON, one of a foreign form, one of an unknown event", async () => {
  const broken = altered((lines) => lines.map((line, at) => (at === 5 ? line.slice(0, 30) : line)));
  expectRejected(await verify(broken), "TRACE_INVALID");
  expect((await run.cli(["trace", "show", broken])).status).toBe(8);
  expectRejected(await verify(altered((lines) => [...lines.slice(0, 6), '{"hello":"world"}', ...lines.slice(6)])), "TRACE_INVALID");
  const unknown = altered((lines) => lines.map((line) => line.replace('"event":"BecomeLeader"', '"event":"BecomeKing"')));
  expectRejected(await verify(unknown), "TRACE_INVALID");
  const shown = await run.cli(["trace", "show", unknown]);
  expect(shown.status).toBe(8);
  expect(shown.stderr).toMatch(/n1\/trace.*:\d+: .*BecomeKing[\s\S]*TRACE_INVALID/);
});

test("a line that is missing, given twice, or moved", async () => {
  expectRejected(await verify(altered((lines) => lines.toSpliced(lineOf(lines, "BecomeLeader"), 1))), "TRACE_GAP");
  const twice = altered((lines) => lines.toSpliced(9, 0, lines[9]!));
  expect((await verify(twice)).status).toBe(8);
  const swapped = altered((lines) => lines.with(8, lines[9]!).with(9, lines[8]!));
  expect((await verify(swapped)).status).toBe(8);
});

test("a lie: a term, a commit index, a digest, a VM that runs without being launched", async () => {
  const change = (event: string, from: RegExp, to: string) =>
    altered((lines) => {
      const at = lineOf(lines, event);
      const line = lines[at]!.replace(from, to);
      expect(line).not.toBe(lines[at]);
      return lines.with(at, line);
    });
  expectRejected(await verify(change("BecomeLeader", /"term":\d+/, '"term":9')), "TRACE_REFUSED");
  expectRejected(await verify(change("AdvanceCommitIndex", /"commitIndex":\d+/, '"commitIndex":999')), "TRACE_REFUSED");
  const digest = altered((lines) => lines.map((line) => line.replace(/"digest":"[1-9a-f][0-9a-f]+"/g, '"digest":"0123456789abcdef"')));
  expect((await verify(digest)).status).toBe(8);
  const json = await verify(change("BecomeLeader", /"term":\d+/, '"term":9'), "--json");
  expect(json.status).toBe(8);
  expect(json.json).toMatchObject({ ok: false, error: { code: "TRACE_REFUSED" } });
});

test("traces that are not all there, not there at all, or no traces", async () => {
  expect((await verify(join(original, "n2"))).status).toBe(8);
  const empty = join(run.directory, "empty");
  mkdirSync(empty);
  expect((await verify(empty)).status).toBe(8);
  expectRefusal(await run.cli(["trace", "show", empty]), 8, "TRACE_EMPTY");
  expectRefusal(await run.cli(["trace", "show", join(run.directory, "nowhere")]), 3, "NOT_FOUND");
  expect((await verify(join(run.directory, "nowhere"))).status).toBe(3);
  const text = join(run.directory, "text.jsonl");
  writeFileSync(text, "not a trace\n");
  appendFileSync(text, Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
  expect((await verify(text)).status).toBe(8);
  expectRefusal(await run.cli(["verify", original, "--spec", empty]), 1, "SPEC_INVALID");
  rmSync(text);
});

test("traces of two clusters at once are told apart or refused, never taken for one", async () => {
  const other = await run.cluster(1);
  await other.any.json(["kv", "put", "/a", "b"]);
  await other.any.stop();
  const [stranger] = other.nodes;
  const outcome = await verify(join(original, "n1"), join(original, "n2"), stranger!.traces);
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(8);
});
