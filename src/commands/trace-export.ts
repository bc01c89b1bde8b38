/** What `trace export` and `trace check-export` do and say. */

import { existsSync } from "node:fs";
import type { Answer } from "../cli/answer.ts";
import { notify } from "../cli/output.ts";
import { UserError } from "../errors.ts";
import { checkEvidence, type Evidence, writeEvidence } from "../trace/evidence.ts";
import { openRun } from "../trace/merge.ts";
import { findRuns } from "../trace/trace-files.ts";
import { Unpacking } from "../trace/unpack.ts";
import { exportTla } from "../verify/tla-export.ts";

export interface ExportOptions {
  readonly paths: readonly string[];
  readonly specDirectory: string;
  readonly allowTorn: boolean;
  readonly group?: string | undefined;
  readonly redact: boolean;
  readonly tla?: string | undefined;
  readonly audit?: string | undefined;
}

export function exportTrace(options: ExportOptions): Answer {
  return options.tla === undefined ? exportEvidence(options) : exportForTlc(options, options.tla);
}

function exportForTlc({ paths, specDirectory, allowTorn, group }: ExportOptions, directory: string): Answer {
  const groups = exportTla({ paths, directory, specDirectory, allowTorn, warn: notify, ...(group === undefined ? {} : { group }) });
  return {
    json: { ok: true, groups },
    text: () => groups.map((one) => `group ${one.group}: ${one.lines} lines in ${one.directory}; its README.md says how to run TLC`).join("\n"),
  };
}

function exportEvidence({ paths, allowTorn, group, redact, audit = "" }: ExportOptions): Answer {
  const [run, another] = findRuns(paths);
  if (run === undefined || another !== undefined) {
    throw new UserError("INVALID_ARGUMENT", "evidence is of one run of one cluster", { next: "Name the traces of one run." });
  }
  if (existsSync(audit)) throw new UserError("ALREADY_EXISTS", `${audit} is there already.`, { next: "Name a new file." });
  const { lines } = openRun(run, { schema: true, allowTorn, warn: notify });
  return told(writeEvidence(audit, lines, { group, redact }), `written to ${audit}. Keep the hash elsewhere: it stands for the whole file`);
}

export function checkExport(path: string, unpack: string | undefined): Answer {
  if (!existsSync(path)) throw new UserError("NOT_FOUND", `There is no file ${path}.`, { next: "Name a file that `trace export --audit` wrote." });
  const unpacking = unpack === undefined ? undefined : new Unpacking(unpack);
  const evidence = checkEvidence(path, (line) => unpacking?.take(line));
  unpacking?.finish();
  const where = unpack === undefined ? "" : `; the traces are in ${unpack}, for \`blixard verify\``;
  return told(evidence, `every hash, every line and the count are right${where}. Compare the hash with the one that was kept elsewhere`);
}

function told(evidence: Evidence, what: string): Answer {
  const { lines, hash, redacted } = evidence;
  return { json: { ok: true, ...evidence }, text: () => `${lines} lines${redacted ? ", names redacted" : ""}: ${what}.\nsha256 ${hash}` };
}
