/** Verdicts as annotations of GitHub Actions: workflow commands, one a line. */

import { relative } from "node:path";
import type { VerifyResult } from "./check.ts";
import { summaryText } from "./report.ts";
import type { Verdict } from "./verdict.ts";

/** An `::error` for each run that is not accepted, a `::warning` for each warning; what is accepted is a `::notice`. */
export function githubAnnotations({ verdict, runs }: VerifyResult, directory: string): string {
  const lines: string[] = [];
  const found = runs.filter((run) => run.verdict.kind !== "accepted").map((run) => run.verdict);
  for (const one of found.length === 0 && verdict.kind !== "accepted" ? [verdict] : found) lines.push(errorLine(one, directory));
  for (const warning of verdict.warnings) lines.push(`::warning title=blixard verify::${escaped(warning)}`);
  if (verdict.kind === "accepted") lines.push(`::notice title=blixard verify::${escaped(summaryText(verdict))}`);
  return lines.join("\n");
}

function errorLine(verdict: Verdict, directory: string): string {
  if (verdict.kind === "accepted") return "";
  const code = verdict.kind === "undecided" ? "UNDECIDED" : verdict.code;
  const { file, line, what, law, event, differences, next } = verdict;
  const [first] = differences;
  const message = [
    `${what}.`,
    ...(event === undefined ? [] : [`${event.event} of node ${event.node}, group ${event.group}, clock ${event.clock}`]),
    ...(law === undefined ? [] : [`law: ${law}`]),
    ...(first === undefined ? [] : [`false: ${first.conjunct} (${first.at})`]),
    ...(next === undefined ? [] : [next]),
  ].join("\n");
  const place = line === 0 ? "" : `,line=${line}`;
  return `::error file=${property(relative(directory, file) || file)}${place},title=${property(`${code} in a trace`)}::${escaped(message)}`;
}

/** A line break would end the command, and a `%` would begin an escape. */
function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
