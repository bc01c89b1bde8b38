/** The one type of name, checked at every entry: command line, request, log, snapshot. */

import { UserError } from "../errors.ts";
import { fullName, shortName, type WorkloadKind } from "../workload-name.ts";
import type { Name } from "./records.ts";

const namePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const identifierPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** True when `text` may be the name of a VM, a worker, an image. */
export function isName(text: unknown): text is Name {
  return typeof text === "string" && namePattern.test(text);
}

/** The name in `text`; `UserError INVALID_ARGUMENT` says what is wrong with it. `what`: "name of the VM". */
export function parseName(text: unknown, what = "name"): Name {
  if (isName(text)) return text;
  throw new UserError("INVALID_ARGUMENT", `${what} ${nameProblem(text) ?? "is not a name"}`, {
    next: "Use 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends.",
  });
}

/** The name of a workload of this kind, of which the user gave `text`. Throws like `parseName`. */
export function parseWorkload(kind: WorkloadKind, text: unknown): Name {
  return fullName(kind, parseName(text, `${kind === "vm" ? "VM" : kind} name`)) as Name;
}

/** What is wrong with `text` as the name of a workload, its kind included; null when nothing is. */
export function workloadNameProblem(text: unknown): string | null {
  return typeof text === "string" ? nameProblem(shortName(text)) : "must be text";
}

/** What is wrong with `text` as a name, to be read after the word for it; null when nothing is. */
export function nameProblem(text: unknown): string | null {
  if (isName(text)) return null;
  if (typeof text !== "string") return "must be text";
  if (text === "") return "is empty";
  if (text.length > 63) return `is ${text.length} characters long, at most 63 are allowed`;
  const wrong = /[^a-z0-9-]/u.exec(text);
  if (wrong !== null) return `holds ${JSON.stringify(wrong[0])}; only a-z, 0-9 and '-' are allowed`;
  return "must begin and end with a letter or a digit";
}

/** What is wrong with `text` as an id (of a node, a session, a VM, a token); null when nothing is. */
export function identifierProblem(text: unknown): string | null {
  if (typeof text !== "string") return "must be text";
  return identifierPattern.test(text) ? null : "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', ':' and '-', and begin with a letter or digit";
}
