/** What `model` prints, and how it ends. */

import { formatDuration } from "../cli/duration.ts";
import { detailOf, userErrorOf } from "../cli/failure.ts";
import { notify, writeLine } from "../cli/output.ts";
import { UserError, exitStatus } from "../errors.ts";
import { modelError, modelJson, modelText } from "../verify/model-report.ts";
import { runModel, type ModelProgress, type ModelRunOptions } from "../verify/model-run.ts";

export interface ExploreOptions {
  readonly file: string;
  readonly configurationFile: string | undefined;
  readonly workers: number | undefined;
  readonly maxStates: number | undefined;
  readonly safetyOnly: boolean;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeout: number | undefined;
  readonly json: boolean;
}

/** Prints the report on stdout, for it is the answer, whatever it is. Resolves to the exit status. */
export async function explore({ file, configurationFile, workers, maxStates, safetyOnly, timeout, json }: ExploreOptions): Promise<number> {
  const given = { configurationFile, workers, maxStates };
  const options = { file, safetyOnly, print: notify, onProgress: watch(timeout), ...withoutUndefined(given) } as ModelRunOptions;
  const report = await runModel(options);
  const error = userErrorOf(modelError(report));
  const detail = error === null ? {} : { error: detailOf(error) };
  await writeLine(json ? JSON.stringify({ ...modelJson(report), ...detail }, null, 2) : modelText(report));
  return error?.exit ?? exitStatus.ok;
}

function withoutUndefined(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const secondsBetweenNotes = 5;

/** Says every few seconds how far it is, and ends it when its time is up. */
function watch(timeoutMs: number | undefined): (progress: ModelProgress, seconds: number) => void {
  let noted = 0;
  return ({ distinct, generated, depth, waiting }, seconds) => {
    if (timeoutMs !== undefined && seconds * 1000 > timeoutMs) {
      throw new UserError("TIMEOUT", `${distinct} states were explored in ${formatDuration(timeoutMs)}, then the time was up: undecided`, {
        next: "Give it longer with --timeout, or make the instance smaller.",
      });
    }
    if (seconds < noted + secondsBetweenNotes) return;
    noted = seconds;
    notify(`${distinct} distinct, ${generated} generated, depth ${depth}, ${waiting} waiting, ${formatDuration(seconds * 1000)}`);
  };
}
