/** How a failed command ends: what, where, why, what next, the code; and the exit status of row O3. */

import { type ErrorPlace, UserError, exitStatus, isErrorCode } from "../errors.ts";
import { printable } from "./printable.ts";

export interface Failure {
  readonly exit: number;
  /** For stderr; empty when there is nothing to say. */
  readonly text: string;
  /** For stdout with `--json`; null when there is nothing to say. */
  readonly json: { readonly error: FailureDetail } | null;
}

/** An error for programs. What is not known is null. */
export interface FailureDetail {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly group: string | null;
  readonly leader: string | null;
  readonly next: string | null;
  readonly retrySafe: boolean;
}

/** What a thrown value means to the user. `command` is what was asked, for the hint to its help. */
export function failureOf(thrown: unknown, command: string): Failure {
  const exit = requestedExit(thrown);
  if (exit !== null) return { exit, text: "", json: null };
  const error = userErrorOf(thrown) ?? usageErrorOf(thrown, command) ?? systemErrorOf(thrown);
  return error === null ? bug(thrown) : { exit: error.exit, text: renderError(error), json: { error: detailOf(error) } };
}

/** The error as an object of the documented form. */
export function detailOf(error: UserError): FailureDetail {
  const { node = null, group = null, leader = null, next = null } = error.place;
  return { code: error.code, message: error.message, node, group, leader, next, retrySafe: mayRepeat(error) };
}

/**
 * Whether the command may be given again. That is a new request with a new id, so where the outcome of the first is open
 * the code alone, which speaks of the same id, would promise too much.
 */
function mayRepeat(error: UserError): boolean {
  return error.retrySafe && error.exit !== exitStatus.outcomeUnknown;
}

function renderError(error: UserError): string {
  const { node, group, leader, next } = error.place;
  const where = [node && `node ${node}`, group && `group ${group}`, leader && `the leader is ${leader}`].filter(Boolean).join(", ");
  const again = mayRepeat(error) ? " (the same command may be given again without harm)" : "";
  return [
    `error: ${multiline(error.message)}`,
    ...(where ? [`  where  ${printable(where)}`] : []),
    ...(next ? [`  next   ${printable(next)}`] : []),
    `  code   ${error.code}${again}`,
  ].join("\n");
}

function multiline(text: string): string {
  return text.split("\n").map(printable).join("\n         ");
}

/**
 * A `UserError`, known by its form: the daemon and the verifier are loaded from files of their own and have their own copy
 * of the class when the command line is one bundle.
 */
export function userErrorOf(thrown: unknown): UserError | null {
  if (!(thrown instanceof Error) || thrown.name !== "UserError") return null;
  const { code, place = {} } = thrown as Error & { code?: unknown; place?: ErrorPlace };
  if (typeof code !== "string" || !isErrorCode(code)) return null;
  const message = thrown.message.replace(/^Parsing (--\S+) \n\t([\s\S]*)\nSee more help with --help$/, "$1: $2");
  return new UserError(code, message, place);
}

/** What oclif says of flags and arguments that it cannot read. */
function usageErrorOf(thrown: unknown, command: string): UserError | null {
  if (!(thrown instanceof Error) || !("oclif" in thrown || "parse" in thrown)) return null;
  const message = thrown.message.replace(/\n?See more help with --help$/, "").replace(/^Parsing (--\S+) \n\t/, "$1: ");
  const plain = message.replace(/^The following errors? occurred:\s*/, "").replaceAll(/\n\s+/g, "\n").trim();
  return new UserError("INVALID_ARGUMENT", plain, { next: `See \`${command} --help\`.` });
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "this user may not use it",
  EPERM: "this user may not do that",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is no directory",
  EEXIST: "it is there already",
  EROFS: "the file system can only be read",
  ENAMETOOLONG: "the name is too long",
};

/** Files that the user named and that cannot be used. */
function systemErrorOf(thrown: unknown): UserError | null {
  if (!(thrown instanceof Error)) return null;
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  if (code === "ENOSPC") return new UserError("DISK_FULL", `the disk is full${path === undefined ? "" : `: ${path}`}`);
  const reason = code === undefined ? undefined : systemReasons[code];
  if (reason === undefined || path === undefined || syscall === undefined) return null;
  return new UserError(code === "ENOENT" ? "NOT_FOUND" : "FAILED", `cannot use ${path}: ${reason}`);
}

/** oclif ends a command early by throwing. */
function requestedExit(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || (thrown as { code?: unknown }).code !== "EEXIT") return null;
  return (thrown as { oclif?: { exit?: number } }).oclif?.exit ?? 0;
}

function bug(thrown: unknown): Failure {
  const stack = thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown);
  const message = `this is a bug of blixard: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  const detail = { code: "FAILED", message, node: null, group: null, leader: null, next: "Report it with the stack on stderr.", retrySafe: false };
  return { exit: exitStatus.failed, text: `${stack}\n\nThis is a bug of blixard; please report it with the lines above.`, json: { error: detail } };
}
