/** The program of a service or a task: whether it is one, and its row. */

import { kindOf } from "../workload-name.ts";
import { type Check, isListOf, isMessage, isShape, shape } from "./check-value.ts";
import type { Program, VmSpec } from "./records.ts";

const wordsLimit = 256;

/** A word of an argument vector or an environment: no NUL, which no kernel takes. */
const isWord: Check = (value) => isMessage(value) ?? ((value as string).includes("\0") ? "must not hold NUL" : null);

const isArgv: Check = (value) => {
  const problem = isListOf(isWord, wordsLimit)(value);
  return problem === null && (value as readonly string[])[0] === "" ? "must name a program" : problem;
};

const isVariable: Check = (value) =>
  isWord(value) ?? (/^[A-Za-z_][A-Za-z0-9_]*=/.test(value as string) ? null : "must be KEY=VALUE, the key of letters, digits and '_'");

const isDirectory: Check = (value) => isWord(value) ?? ((value as string).startsWith("/") ? null : "must be an absolute path");

export const isProgram: Check = isShape(shape({ argv: isArgv }, { env: isListOf(isVariable, wordsLimit), cwd: isDirectory }));

/** The fields in an order of ours: the row's text is compared byte by byte. */
export function programCopy({ argv, env, cwd }: Program): Program {
  return { argv: [...argv], ...(env === undefined ? {} : { env: [...env] }), ...(cwd === undefined ? {} : { cwd }) };
}

/** What is wrong with a workload as one of its kind, said of its field; or null. */
export function kindProblem({ name, run, driver, cpus, diskMib, health, timeoutMs, restart }: VmSpec): string | null {
  const kind = kindOf(name);
  if (kind === "task" && timeoutMs === undefined) return "field spec.timeoutMs is missing: a task needs a timeout";
  if (kind !== "task" && timeoutMs !== undefined) return `field spec.timeoutMs must not be there: a ${kind === "vm" ? "VM" : kind} has no timeout`;
  if (kind === "task" && health !== undefined) return "field spec.health must not be there: a task runs to its end and has no health check";
  if (kind === "task" && restart?.when === "always") return "field spec.restart cannot be always: a task runs to its end and is not started again after it";
  if (kind === "vm") {
    if (run !== undefined) return "field spec.run must not be there: a VM runs an image, no program";
    return cpus === 0 ? "field spec.cpus must be a whole number of at least 1: a VM needs a processor" : null;
  }
  if (run === undefined) return `field spec.run is missing: a ${kind} needs a program`;
  if (driver !== "process") return `field spec.driver must be process: a ${kind} is a process without a disk of its own`;
  if (diskMib !== 0) return `field spec.diskMib must be 0: a ${kind} is a process without a disk of its own`;
  return health?.probe.kind === "exec" ? `field spec.health must not run a command: a ${kind} has no agent that could run it` : null;
}
