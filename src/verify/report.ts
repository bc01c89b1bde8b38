/** Verdicts in words for people, and as JSON for programs. */

import { renderLine, shortName } from "../trace/render.ts";
import { spaceTimeText } from "./space-time.ts";
import type { RunVerdict } from "./sum.ts";
import type { AcceptedVerdict, Difference, Examined, Finding, VariableText, Verdict } from "./verdict.ts";

/** Names of nodes by id. */
type Names = ReadonlyMap<string, string>;

/** In text values are cut shorter than in JSON. */
const mostCharacters = 400;

/** The verdict as text of several lines, without a newline at the end. */
export function verdictText(verdict: Verdict): string {
  const names = new Map(verdict.nodes.map(({ node, name }) => [node, name]));
  switch (verdict.kind) {
    case "accepted":
      return [...acceptedText(verdict, names), ...warningText(verdict)].join("\n");
    case "rejected":
      return [...findingText(`Rejected (${verdict.code})`, verdict, names), ...checkedText(verdict), ...warningText(verdict)].join("\n");
    case "undecided":
      return [...findingText("Undecided (UNDECIDED)", verdict, names), ...checkedText(verdict), ...warningText(verdict)].join("\n");
  }
}

/** The verdict as one JSON document: the same data, and `ok`. */
export function verdictJson(verdict: Verdict, runs?: readonly RunVerdict[]): string {
  const each = runs?.map(({ run, verdict: { kind, steps, lines } }) => ({ run, kind, steps, lines }));
  return JSON.stringify({ ok: verdict.kind === "accepted", ...verdict, ...(each === undefined ? {} : { eachRun: each }) }, null, 2);
}

/** What was accepted, in one line. */
export function summaryText(verdict: AcceptedVerdict): string {
  const runs = verdict.runs === 1 ? "" : ` in ${verdict.runs} runs`;
  const speed = verdict.seconds > 0 ? ` (${Math.round(verdict.lines / verdict.seconds)} lines/s)` : "";
  const who = `${plural(verdict.nodes.length, "node")} and ${plural(Object.keys(verdict.groups).length, "group")}`;
  return `Accepted: ${plural(verdict.steps, "step")} of ${who}${runs}, in ${verdict.seconds.toFixed(2)} s${speed}.`;
}

/** How the runs came out, when there are several and not all are accepted; else nothing. */
export function runsText(runs: readonly RunVerdict[]): string {
  const bad = runs.filter(({ verdict }) => verdict.kind !== "accepted");
  if (runs.length < 2 || bad.length === 0) return "";
  const lines = bad.map(({ run, verdict }) => `  ${verdict.kind}  ${run}${verdict.kind === "accepted" ? "" : `: ${verdict.what}`}`);
  return [`${runs.length - bad.length} of ${plural(runs.length, "run")} judged accepted`, ...lines].join("\n");
}

function acceptedText(verdict: AcceptedVerdict, names: Names): string[] {
  const nodes = verdict.nodes.map(({ node, lines }) => `${shortName(node, names)} ${lines}`).join(", ");
  const text = [
    summaryText(verdict),
    `  lines   ${nodes}`,
    `  groups  ${counts(verdict.groups)}`,
    `  steps   ${counts(verdict.events)}`,
  ];
  const laws = [...verdict.invariants, ...verdict.properties];
  text.push(laws.length === 0 ? "  laws    none are listed" : `  laws    ${laws.join(", ")}: held in every state (${verdict.evaluations} evaluations)`);
  if (verdict.widest > 1) text.push(`  doubt   up to ${verdict.widest} explanations at a time`);
  return text;
}

function findingText(title: string, finding: Finding, names: Names): string[] {
  const { event } = finding;
  const place = finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`;
  const text = [`${title} at ${place}`, `  ${named(finding.what, names)}.`];
  if (event !== undefined) text.push("", "  the line", `    ${renderLine(event, names)}`);
  if (finding.differences.length > 0) {
    text.push("", "  what is false of it, the furthest first", ...finding.differences.flatMap((difference) => differenceText(difference, names)));
  }
  const node = event === undefined ? "" : shortName(event.node, names);
  if (finding.stateAfter.length > 0) text.push("", "  what the step makes of the state", ...stateText(finding.stateAfter, node, names));
  if (finding.stateBefore.length > 0) text.push("", "  the state before", ...stateText(finding.stateBefore, node, names));
  if (finding.context.length > 0) text.push("", "  the lines before, of all nodes", ...finding.context.map((line) => `    ${renderLine(line.event, names)}`));
  const diagram = spaceTimeText(finding, names);
  if (diagram.length > 0) text.push("", "  around it: time runs downwards, an arrow ends where its message was received", ...diagram);
  if (finding.next !== undefined) text.push("", `  ${finding.next}`);
  return text;
}

function differenceText(difference: Difference, names: Names): string[] {
  const within = difference.within.length === 0 ? "" : `   in ${difference.within.join(" > ")}`;
  return [
    `    ${difference.at}  ${difference.conjunct}${within}`,
    ...difference.values.map(({ expression, value }) => `        ${expression} ${value === "TRUE" || value === "FALSE" ? "is" : "="} ${shortened(value, names)}`),
  ];
}

/** Of a variable that has a value for each node only that of the line's node is shown; JSON has all. */
function stateText(variables: readonly VariableText[], node: string, names: Names): string[] {
  return variables.map(({ name, value, atNode }) => {
    const variable = atNode === undefined ? name : `${name}[${node}]`;
    return `    /\\ ${variable} = ${shortened(atNode ?? value, names)}`;
  });
}

function checkedText(examined: Examined): string[] {
  return ["", `  ${plural(examined.steps, "step")} before it fitted, in ${examined.seconds.toFixed(2)} s.`];
}

function warningText(examined: Examined): string[] {
  return examined.warnings.map((warning) => `  warning: ${warning}`);
}

function counts(table: Readonly<Record<string, number>>): string {
  return Object.entries(table)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A value in one line, nodes by name, cut where it is too long to read. */
function shortened(value: string, names: Names): string {
  const text = named(value.replace(/\s*\n\s*/g, " "), names);
  // The end of a log says more than its middle.
  const half = mostCharacters / 2;
  return text.length <= mostCharacters ? text : `${text.slice(0, half)} … ${text.slice(-half)}`;
}

/** The text with the names of nodes in place of their ids, without quotes. */
function named(text: string, names: Names): string {
  let result = text;
  for (const [node, name] of names) {
    if (name !== "" && name !== node) result = result.replaceAll(`"${node}"`, name).replaceAll(node, name);
  }
  return result;
}
