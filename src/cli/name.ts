/** Names on the command line. The daemon checks them again, as it checks everything. */

import { UserError } from "../errors.ts";

const form = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name in `text`; `what` says of what. Ids of nodes have the form of a name too. */
export function parseName(text: string, what: string): string {
  if (form.test(text)) return text;
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} is not the name of a ${what}: ${problem(text)}`, {
    next: "Use 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends.",
  });
}

/** Names with commas between them: at least one, none twice. */
export function parseNames(text: string, what: string): readonly string[] {
  const names = text.split(",").map((name) => parseName(name.trim(), what));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return names;
  throw new UserError("INVALID_ARGUMENT", `${twice} is named twice`, { next: "Name each node once." });
}

function problem(text: string): string {
  if (text === "") return "it is empty";
  if (text.length > 63) return `it is ${text.length} characters long, at most 63 are allowed`;
  const wrong = /[^a-z0-9-]/u.exec(text);
  if (wrong !== null) return `it holds ${JSON.stringify(wrong[0])}`;
  return "it must begin and end with a letter or a digit";
}

/** A whole number from `least` to `most`. */
export function parseWholeNumber(text: string, what: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 40))} is not ${what}: it must be a whole number from ${least} to ${most}`);
}

/** A key of the tree. The one rule that holds here: it must be there and short enough for one line. */
export function parseKey(text: string): string {
  if (text !== "" && Buffer.byteLength(text) <= 1024) return text;
  throw new UserError("INVALID_ARGUMENT", text === "" ? "the key is empty" : "the key is longer than 1024 bytes", {
    next: "Give a key like /config/limits/memory.",
  });
}

/** A UUID in lower case. */
export function parseUuid(text: string, what: string): string {
  const lower = text.toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower)) return lower;
  throw new UserError("INVALID_ARGUMENT", `${what} ${JSON.stringify(text.slice(0, 80))} is no UUID`, { next: "Make one with `uuidgen`." });
}
