/** What `verify` prints, and how it ends. */

import { detailOf, userErrorOf } from "../cli/failure.ts";
import { formatDuration } from "../cli/duration.ts";
import { notify, writeLine } from "../cli/output.ts";
import { UserError, exitStatus } from "../errors.ts";
import { type VerifyOptions, type VerifyProgress, errorOf, verifyTraces } from "../verify/check.ts";
import { verdictJson, verdictText } from "../verify/report.ts";
import type { Verdict } from "../verify/verdict.ts";

export interface JudgeOptions {
  readonly paths: readonly string[];
  readonly specDirectory: string;
  readonly allowTorn: boolean;
  readonly group?: string | undefined;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeout?: number | undefined;
  readonly json: boolean;
}

/** Prints the verdict on stdout, for it is the answer, whatever it is. Resolves to the exit status. */
export async function judge({ paths, specDirectory, allowTorn, group, timeout, json }: JudgeOptions): Promise<number> {
  const options: VerifyOptions = { paths, specDirectory, allowTorn, onProgress: watch(timeout), ...(group === undefined ? {} : { group }) };
  const verdict = await verifyTraces(options);
  await writeLine(json ? withError(verdict) : verdictText(verdict));
  return verdict.kind === "accepted" ? exitStatus.ok : exitStatus.verificationFailed;
}

/** The verdict with the error in the form that every command has. */
function withError(verdict: Verdict): string {
  const error = userErrorOf(errorOf(verdict));
  if (error === null) return verdictJson(verdict);
  return JSON.stringify({ ...JSON.parse(verdictJson(verdict)), error: detailOf(error) }, null, 2);
}

const secondsBetweenNotes = 5;

/** Says every few seconds how far it is, and ends it when its time is up. */
function watch(timeoutMs: number | undefined): (progress: VerifyProgress) => void {
  let noted = 0;
  return ({ lines, seconds }) => {
    if (timeoutMs !== undefined && seconds * 1000 > timeoutMs) {
      throw new UserError("TIMEOUT", `${lines} lines were checked in ${formatDuration(timeoutMs)}, then the time was up: no verdict`, {
        next: "Give it longer with --timeout.",
      });
    }
    if (seconds < noted + secondsBetweenNotes) return;
    noted = seconds;
    notify(`${lines} lines in ${formatDuration(seconds * 1000)}, all accepted so far`);
  };
}
