/** What `verify` prints, and how it ends. */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { detailOf, userErrorOf } from "../cli/failure.ts";
import { formatDuration } from "../cli/duration.ts";
import { notify, writeLine } from "../cli/output.ts";
import { printable } from "../cli/printable.ts";
import { UserError, exitStatus } from "../errors.ts";
import { openRun } from "../trace/merge.ts";
import { findRuns, runBytes } from "../trace/trace-files.ts";
import { type VerifyOptions, type VerifyProgress, type VerifyResult, errorOf, verifyRuns } from "../verify/check.ts";
import { findingPage } from "../verify/page.ts";
import { githubAnnotations } from "../verify/report-github.ts";
import { junitXml } from "../verify/report-junit.ts";
import { runsText, verdictJson, verdictText } from "../verify/report.ts";
import type { Verdict } from "../verify/verdict.ts";

export const verdictFormats = ["text", "json", "junit", "github"] as const;
export type VerdictFormat = (typeof verdictFormats)[number];

export interface JudgeOptions {
  readonly paths: readonly string[];
  readonly specDirectory: string;
  readonly allowTorn: boolean;
  readonly group?: string | undefined;
  readonly bound?: number | undefined;
  /** Threads; undefined: as many as are worth it. */
  readonly jobs?: number | undefined;
  readonly keepGoing: boolean;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeout?: number | undefined;
  readonly format?: VerdictFormat | undefined;
  readonly json: boolean;
  /** Where to write the page of the finding. */
  readonly html?: string | undefined;
}

/** How many states the page tells. */
const statesOnPage = 200;
/** A thread needs about half a second before it judges. */
const bytesWorthThreads = 4 << 20;

/** Prints the verdict on stdout, for it is the answer, whatever it is. Resolves to the exit status. */
export async function judge(options: JudgeOptions): Promise<number> {
  const { paths, specDirectory, allowTorn, group, bound, timeout, html } = options;
  const format = formatOf(options);
  // A report for a build server tells of every run.
  const keepGoing = options.keepGoing || format === "junit" || format === "github";
  const watch = new Watch(timeout, keepGoing);
  const result = await verifyRuns({
    paths,
    specDirectory,
    allowTorn,
    jobs: options.jobs ?? worthwhileJobs(paths),
    keepGoing,
    onProgress: (progress) => watch.see(progress),
    ...(group === undefined ? {} : { group }),
    ...(bound === undefined ? {} : { bound }),
    ...(html === undefined ? {} : { states: statesOnPage }),
  } satisfies VerifyOptions);
  watch.end();
  await writeLine(told(result, format));
  if (html !== undefined) writePage(html, options, result.verdict);
  return result.verdict.kind === "accepted" ? exitStatus.ok : exitStatus.verificationFailed;
}

function formatOf({ format, json }: JudgeOptions): VerdictFormat {
  if (json && format !== undefined && format !== "json") {
    throw new UserError("INVALID_ARGUMENT", `--json and --format ${format} ask for two forms`, { next: "Give one of them." });
  }
  return json ? "json" : (format ?? "text");
}

function worthwhileJobs(paths: readonly string[]): number {
  const bytes = findRuns(paths).reduce((total, run) => total + runBytes(run), 0);
  return bytes < bytesWorthThreads ? 1 : availableParallelism();
}

function told(result: VerifyResult, format: VerdictFormat): string {
  const { verdict, runs } = result;
  const text = (): string => [verdictText(verdict), runsText(runs)].filter((part) => part !== "").join("\n\n");
  switch (format) {
    case "text":
      return lineByLine(text());
    case "json":
      return withError(result);
    case "junit":
      return junitXml(result);
    case "github":
      return lineByLine(`${githubAnnotations(result, process.cwd())}\n${text()}`);
  }
}

/** What a trace says may hold anything; our own line breaks stay. */
function lineByLine(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** The verdict with the error in the form that every command has. */
function withError({ verdict, runs }: VerifyResult): string {
  const json = verdictJson(verdict, runs);
  const error = userErrorOf(errorOf(verdict));
  return error === null ? json : JSON.stringify({ ...JSON.parse(json), error: detailOf(error) }, null, 2);
}

function writePage(path: string, { paths }: JudgeOptions, verdict: Verdict): void {
  if (verdict.kind === "accepted") {
    notify(`all was accepted: ${path} is not written`);
    return;
  }
  const run = findRuns(paths).find(({ files }) => files.includes(verdict.file));
  const lines = run === undefined ? [] : openRun(run, { schema: false, allowTorn: true, warn: () => {} }).lines;
  writeFileSync(path, findingPage(verdict, lines));
  notify(`${resolve(path)} shows the lines around it`);
}

const secondsBetweenNotes = 5;
const secondsBetweenUpdates = 0.2;

/** Says how far it is, on a terminal in one line that changes, and ends it when its time is up. */
class Watch {
  readonly #timeoutMs: number | undefined;
  readonly #afterwards: string;
  readonly #live = process.stderr.isTTY === true;
  #noted = 0;

  constructor(timeoutMs: number | undefined, keepGoing: boolean) {
    this.#timeoutMs = timeoutMs;
    this.#afterwards = keepGoing ? "" : ", all accepted so far";
  }

  see({ lines, seconds }: VerifyProgress): void {
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs !== undefined && seconds * 1000 > timeoutMs) {
      this.end();
      throw new UserError("TIMEOUT", `${lines} lines were checked in ${formatDuration(timeoutMs)}, then the time was up: no verdict`, {
        next: "Give it longer with --timeout.",
      });
    }
    if (seconds < this.#noted + (this.#live ? secondsBetweenUpdates : secondsBetweenNotes)) return;
    this.#noted = seconds;
    const text = `${lines} lines in ${formatDuration(seconds * 1000)}, ${Math.round(lines / seconds)} a second${this.#afterwards}`;
    if (this.#live) process.stderr.write(`\r\u001b[K${text}`);
    else notify(text);
  }

  /** Clears the line that changes. */
  end(): void {
    if (this.#live && this.#noted > 0) process.stderr.write("\r\u001b[K");
  }
}
