import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { afterEach, expect, test } from "vitest";
import type { TraceLine } from "../../../src/trace/event.ts";
import { openRun } from "../../../src/trace/merge.ts";
import { findRuns } from "../../../src/trace/trace-files.ts";
import { verifyLines, verifyRuns, type VerifyResult } from "../../../src/verify/check.ts";
import { findingPage, type PageOptions } from "../../../src/verify/page.ts";
import { pageScript } from "../../../src/verify/page-script.ts";
import { githubAnnotations } from "../../../src/verify/report-github.ts";
import { junitXml } from "../../../src/verify/report-junit.ts";
import { runsText, verdictText } from "../../../src/verify/report.ts";
import type { Verdict } from "../../../src/verify/verdict.ts";
import { RingTrace, specDirectory } from "./ring-trace.ts";

const rings: RingTrace[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring.remove();
});

function ring(nodes?: string[]): RingTrace {
  const made = new RingTrace(nodes);
  rings.push(made);
  return made;
}

function run(trace: RingTrace): string {
  writeFileSync(join(trace.root, "verdict.json"), "{}");
  return trace.done();
}

const options = { specDirectory, module: "TokenTrace", keepGoing: true };
const judged = (...paths: string[]): Promise<VerifyResult> => verifyRuns({ ...options, paths });
const good = (): string => run(ring().create("n1").pass("n1", "n2").take("n2", "n1").create("n2", "shard-1"));
const bad = (): string => run(ring().create("n1", "shard-1").create("n1").pass("n1", "n2").take("n2", "n1").pass("n1", "n2").pass("n2", "n1"));

function isFinding(verdict: Verdict): Exclude<Verdict, { kind: "accepted" }> {
  if (verdict.kind === "accepted") throw new Error("it was to be rejected");
  return verdict;
}

/** Well-formed: every element is closed by its own name, attributes are quoted, nothing is left over. */
function elementsOf(xml: string): readonly string[] {
  const open: string[] = [];
  const found: string[] = [];
  const pattern = /<\?xml[^?]*\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of xml.matchAll(pattern)) {
    end = match.index + match[0].length;
    const [, closing, name, , empty, text] = match;
    if (text !== undefined) expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/);
    if (name === undefined) continue;
    if (closing === "/") expect(open.pop()).toBe(name);
    else found.push(name);
    if (closing === "" && empty === "") open.push(name);
  }
  expect([end, open]).toEqual([xml.length, []]);
  return found;
}

test("JUnit: a suite a run, a case a group, well formed whatever the trace says", async () => {
  const result = await judged(good(), bad());
  const xml = junitXml(result);
  expect(elementsOf(xml).filter((name) => name !== "testcase")).toEqual(["testsuites", "testsuite", "testsuite", "failure", "skipped"]);
  expect(xml).toContain('<testsuites name="blixard verify" tests="4" failures="1" errors="0" skipped="1"');
  expect(xml).toMatch(/name="group meta" time="[\d.]+"><failure type="TRACE_REFUSED" message="[^"]*jsonl:5: TokenTrace does not allow this TransferLeadership/);
  expect(xml).toContain("i \\in holders");
  const finding = isFinding(result.verdict);
  const hostile = { ...finding, what: 'a "<b>&]]>\u0000\u001b[31m\ud800\'', file: "x\"'<>&.jsonl" };
  const escaped = junitXml({ verdict: hostile, runs: [{ run: "<&\">", verdict: hostile }] });
  elementsOf(escaped);
  expect(escaped).toContain("a &quot;&lt;b&gt;&amp;]]&gt;\\u0000\\u001b[31m\\ud800&apos;");
});

test("JUnit: nothing checked is a failure, undecided an error", async () => {
  const nothing = junitXml(await judged(run(ring())));
  expect(nothing).toContain('failures="1"');
  expect(nothing).toContain("TRACE_EMPTY");
  const undecided = junitXml(await judged(run(ring().create("n1").step("n1", { event: "Persist", count: 65 }))));
  expect(elementsOf(undecided)).toContain("error");
  expect(undecided).toContain('errors="1"');
});

test("GitHub: an annotation at the line of each run that is rejected", async () => {
  const paths = [good(), bad(), bad()];
  const result = await judged(...paths);
  const lines = githubAnnotations(result, paths[1]!).split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error file=n1\/trace-000001-0001\.jsonl,line=5,title=TRACE_REFUSED in a trace::TokenTrace does not allow this TransferLeadership of node n1\.%0ATransfer/);
  expect(lines[0]).toContain("false: i \\in holders (TokenRing:15)");
  expect(githubAnnotations(await judged(paths[0]!), "/")).toMatch(/^::notice title=blixard verify::Accepted: 4 steps of 2 nodes and 2 groups/);
  const hostile = { ...isFinding(result.verdict), what: "100 %\r\n::error::x", file: "/a,b:c/%.jsonl" };
  expect(githubAnnotations({ verdict: hostile, runs: [{ run: "r", verdict: hostile }] }, "/")).toContain("file=a%2Cb%3Ac/%25.jsonl,line=5,title=TRACE_REFUSED in a trace::100 %25%0D%0A::error::x.");
});

test("text tells of the other runs when it was to go on", async () => {
  const paths = [good(), bad(), good(), bad()];
  const { verdict, runs } = await judged(...paths);
  expect(runsText(runs).split("\n")).toEqual(["2 of 4 runs judged accepted", expect.stringContaining(`rejected  ${paths[1]}: TokenTrace`), expect.stringContaining(paths[3]!)]);
  expect(verdictText(verdict)).toMatch(/^Rejected \(TRACE_REFUSED\)/);
});

test("a space-time diagram: columns by name, arrows to where messages are received, the failing line marked", async () => {
  const { verdict } = await judged(run(ring().create("n1").pass("n1", "n2").take("n2", "n1").pass("n2", "n1").take("n1", "n2").take("n1", "n2").tell("n1", 2)));
  const text = verdictText(verdict).split("\n");
  const from = text.findIndex((line) => line.includes("around it"));
  expect(text.slice(from + 1, from + 9)).toEqual([
    "             n1                                n2",
    "          2  ● Bootstrap                       │",
    "          3  ● TransferLeadership ▷n2          │",
    "          4  ├────────────────────────────────▶● HandleTimeoutNowRequest",
    "          5  │                                 ● TransferLeadership ▷n1",
    "          6  ● HandleTimeoutNowRequest ◀───────┤",
    ">>>       7  ✗ HandleTimeoutNowRequest ◀───────┤",
    "          8  ● AdvanceCommitIndex              │",
  ]);
});

test("many nodes have narrow columns, in which names remain apart", async () => {
  const nodes = ["n1", "n2", "n3", "n4", "n5"];
  const trace = ring(nodes).create("n1");
  for (const [at, node] of nodes.entries()) if (at > 0) trace.pass(nodes[at - 1]!, node).take(node, nodes[at - 1]!);
  const { verdict } = await judged(run(trace.take("n1", "n5")));
  const text = verdictText(verdict).split("\n");
  expect(text).toContain("         10  │                      │                      │                      ├─────────────────────▶● TimeoutNowRequest");
  expect(Math.max(...text.filter((line) => line.includes("●")).map((line) => line.length))).toBeLessThanOrEqual(132);
});

function page(path: string, verdict: Verdict, size: PageOptions = {}): { html: string; data: Record<string, unknown> & { lines: { sender?: number; event: TraceLine; state?: unknown }[]; failing: number } } {
  const { lines } = openRun(findRuns([path])[0]!, { schema: false, allowTorn: true, warn: () => {} });
  const html = findingPage(isFinding(verdict), lines, size);
  const json = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!;
  return { html, data: JSON.parse(json) };
}

test("a page: all that is needed is in it, with lines, arrows, states", async () => {
  const path = bad();
  const { verdict } = await verifyRuns({ ...options, paths: [path], states: 100 });
  const { html, data } = page(path, verdict);
  expect(html).not.toMatch(/src=|href=|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
  expect(data.lines.map(({ event }) => event.event)).toEqual(["Header", "Header", "Bootstrap", "Bootstrap", "TransferLeadership", "HandleTimeoutNowRequest", "TransferLeadership", "TransferLeadership"]);
  expect([data.failing, data.lines[5]!.sender, data["left"], data["more"]]).toEqual([6, 4, 0, false]);
  expect(data.lines[4]!.state).toEqual([]);
  expect(data["finding"]).toMatchObject({ differences: [{ conjunct: "i \\in holders" }] });
  expect(() => new Script(pageScript)).not.toThrow();
});

test("a page of a long run holds a window", async () => {
  const trace = ring().create("n1");
  for (let round = 0; round < 50; round++) trace.pass("n1", "n2").take("n2", "n1").pass("n2", "n1").take("n1", "n2");
  trace.take("n1", "n2");
  for (let round = 0; round < 20; round++) trace.pass("n1", "n2");
  const path = run(trace);
  const { verdict } = await judged(path);
  const { data } = page(path, verdict, { before: 10, after: 5 });
  expect([data.lines.length, data.failing, data["left"], data["more"]]).toEqual([16, 10, 193, true]);
  expect(data.lines[data.failing]!.event).toEqual(isFinding(verdict).event);
});

test("nothing that a trace says becomes HTML", async () => {
  const evil = "</script><img src=x onerror=alert(1)><!--\u2028";
  const trace = ring().create("n1").pass("n1", "n2").step("n1", { event: "StepDown", reason: evil }).pass("n1", "n2");
  trace.done();
  const lines = ["n1", "n2"].map((node) =>
    readFileSync(join(trace.root, node, "trace-000001-0001.jsonl"), "utf8").trimEnd().split("\n").map((line, at) => {
      const parsed = JSON.parse(line) as TraceLine;
      return at === 0 ? ({ ...parsed, name: evil } as TraceLine) : parsed;
    }),
  );
  const verdict = isFinding(await verifyLines(lines, { specDirectory, module: "TokenTrace" }));
  const placed = lines.flat().map((line) => ({ line, file: "x", number: 1 }));
  const html = findingPage(verdict, placed);
  expect(html).not.toContain("<img");
  expect(/id="data">(.*?)<\/script>/s.exec(html)![1]).not.toMatch(/[<>\u2028]/);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
});
