/** Verdicts in words for people, and as JSON for programs. */

import { renderLine, shortName } from "../trace/render.ts";
import type { AcceptedVerdict, Difference, Examined, Finding, VariableText, Verdict } from "./verdict.ts";

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
export function verdictJson(verdict: Verdict): string {
  return JSON.stringify({ ok: verdict.kind === "accepted", ...verdict }, null, 2);
}

function acceptedText(verdict: AcceptedVerdict, names: ReadonlyMap<string, string>): string[] {
  const nodes = verdict.nodes.map(({ node, lines }) => `${shortName(node, names)} ${lines}`).join(", ");
  const runs = verdict.runs === 1 ? "" : ` in ${verdict.runs} runs`;
  const speed = verdict.seconds > 0 ? ` (${Math.round(verdict.lines / verdict.seconds)} lines/s)` : "";
  const text = [
    `Accepted: ${plural(verdict.steps, "step")} of ${plural(verdict.nodes.length, "node")} and ${plural(Object.keys(verdict.groups).length, "group")}${runs}, in ${verdict.seconds.toFixed(2)} s${speed}.`,
    `  lines   ${nodes}`,
    `  groups  ${counts(verdict.groups)}`,
    `  steps   ${counts(verdict.events)}`,
  ];
  const laws = [...verdict.invariants, ...verdict.properties];
  text.push(laws.length === 0 ? "  laws    none are listed" : `  laws    ${laws.join(", ")}: held in every state (${verdict.evaluations} evaluations)`);
  if (verdict.widest > 1) text.push(`  doubt   up to ${verdict.widest} explanations at a time`);
  return text;
}

function findingText(title: string, finding: Finding, names: ReadonlyMap<string, string>): string[] {
  const place = finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`;
  const text = [`${title} at ${place}`, `  ${finding.what}.`];
  if (finding.event !== undefined) text.push("", "  the line", `    ${renderLine(finding.event, names)}`);
  if (finding.differences.length > 0) text.push("", "  what is false of it, the furthest first", ...finding.differences.flatMap(differenceText));
  if (finding.stateAfter.length > 0) text.push("", "  what the step makes of the state", ...stateText(finding.stateAfter));
  if (finding.stateBefore.length > 0) text.push("", "  the state before", ...stateText(finding.stateBefore));
  if (finding.context.length > 0) text.push("", "  the lines before, of all nodes", ...finding.context.map(({ event }) => `    ${renderLine(event, names)}`));
  if (finding.next !== undefined) text.push("", `  ${finding.next}`);
  return text;
}

function differenceText(difference: Difference): string[] {
  const within = difference.within.length === 0 ? "" : `   in ${difference.within.join(" > ")}`;
  return [
    `    ${difference.at}  ${difference.conjunct}${within}`,
    ...difference.values.map(({ expression, value }) => `        ${expression} = ${cut(value)}`),
  ];
}

function stateText(variables: readonly VariableText[]): string[] {
  return variables.map(({ name, value }) => `    /\\ ${name} = ${cut(value).replaceAll("\n", "\n       ")}`);
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

function cut(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)} …`;
}
