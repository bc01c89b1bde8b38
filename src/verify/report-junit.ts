/** Verdicts as JUnit XML: a suite for each run, a test case for each of its groups. */

import type { VerifyResult } from "./check.ts";
import { verdictText } from "./report.ts";
import type { RunVerdict } from "./sum.ts";
import type { Verdict } from "./verdict.ts";

interface TestCase {
  readonly name: string;
  /** The element inside, already XML; empty when the case passed. */
  readonly outcome: string;
  readonly kind: "passed" | "failure" | "error" | "skipped";
}

interface Suite {
  readonly name: string;
  readonly seconds: number;
  readonly cases: readonly TestCase[];
}

/** The whole document. */
export function junitXml({ verdict, runs }: VerifyResult): string {
  const suites = runs.map(suiteOf);
  // That there was nothing to check is a finding about no run.
  if (verdict.kind !== "accepted" && runs.every((run) => run.verdict.kind === "accepted")) suites.push(suiteOf({ run: verdict.file, verdict }));
  const all = suites.flatMap(({ cases }) => cases);
  const lines = suites.flatMap(({ name, seconds, cases }) => [
    `  <testsuite name=${quoted(name)} ${totals(cases)} time="${seconds.toFixed(3)}">`,
    ...cases.map((one) => caseXml(one, name, seconds / Math.max(1, cases.length))),
    "  </testsuite>",
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="blixard verify" ${totals(all)} time="${verdict.seconds.toFixed(3)}">`,
    ...lines,
    "</testsuites>",
  ].join("\n");
}

function suiteOf({ run, verdict }: RunVerdict): Suite {
  const groups = Object.keys(verdict.groups);
  if (verdict.kind === "accepted") {
    const cases = groups.map((group): TestCase => ({ name: `group ${group}`, outcome: "", kind: "passed" }));
    const none: TestCase = { name: "steps", outcome: '<skipped message="there is no step in this run"/>', kind: "skipped" };
    return { name: run, seconds: verdict.seconds, cases: cases.length > 0 ? cases : [none] };
  }
  const failing = verdict.event?.group;
  const found: TestCase = { name: failing === undefined ? "files" : `group ${failing}`, ...findingOf(verdict) };
  const halted = `<skipped message=${quoted(`judged up to ${verdict.file}:${verdict.line}, where the run was ${verdict.kind}`)}/>`;
  const others = groups.filter((group) => group !== failing).map((group): TestCase => ({ name: `group ${group}`, outcome: halted, kind: "skipped" }));
  return { name: run, seconds: verdict.seconds, cases: [found, ...others] };
}

function findingOf(verdict: Exclude<Verdict, { kind: "accepted" }>): Pick<TestCase, "outcome" | "kind"> {
  const kind = verdict.kind === "undecided" ? "error" : "failure";
  const code = verdict.kind === "undecided" ? "UNDECIDED" : verdict.code;
  const message = `${verdict.file}:${verdict.line}: ${verdict.what}`;
  return { kind, outcome: `<${kind} type=${quoted(code)} message=${quoted(message)}>${escaped(verdictText(verdict))}</${kind}>` };
}

function caseXml({ name, outcome }: TestCase, suite: string, seconds: number): string {
  const open = `    <testcase classname=${quoted(suite)} name=${quoted(name)} time="${seconds.toFixed(3)}"`;
  return outcome === "" ? `${open}/>` : `${open}>${outcome}</testcase>`;
}

function totals(cases: readonly TestCase[]): string {
  const count = (kind: TestCase["kind"]): number => cases.filter((one) => one.kind === kind).length;
  return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`;
}

/** Text as XML 1.0 may hold it: some characters it may not hold at all, not even escaped. */
function escaped(text: string): string {
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff\p{Surrogate}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;" };
  return allowed.replace(/[&<>"'\r]/g, (character) => names[character] ?? character);
}
