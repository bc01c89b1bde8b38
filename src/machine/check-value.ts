/** What is wrong with a single value of a command. Each check answers null, or words to be read after the field's name. */

import { identifierProblem, nameProblem, workloadNameProblem } from "./names.ts";

export type Check = (value: unknown) => string | null;

export const keyBytesLimit = 512;
export const valueBytesLimit = 512 * 1024;
const failureLimit = 4_096;

/** `isWellFormed` is ES2024; Node 20 has it. A lone surrogate would come back from the disk as another character. */
function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/** A character takes at most three bytes for each of its UTF-16 units, so short texts need no count. */
function fitsBytes(text: string, limit: number): boolean {
  return text.length * 3 <= limit || (text.length <= limit && Buffer.byteLength(text) <= limit);
}

export const isName: Check = nameProblem;
export const isWorkloadName: Check = workloadNameProblem;
export const isIdentifier: Check = identifierProblem;

export function isBoolean(value: unknown): string | null {
  return typeof value === "boolean" ? null : "must be true or false";
}

/** Whole numbers from `least` to `most`. */
export function isCount(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `must be a whole number from ${least} to ${most}`;
}

export function isOneOf(...words: readonly string[]): Check {
  return (value) => (typeof value === "string" && words.includes(value) ? null : `must be one of ${words.join(", ")}`);
}

export function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

/** A key of the tree: `/services/web`. */
export function isKey(value: unknown): string | null {
  if (typeof value !== "string") return "must be text";
  if (value.charCodeAt(0) !== slash) return "must begin with '/'";
  if (!fitsBytes(value, keyBytesLimit)) return `must not be longer than ${keyBytesLimit} bytes`;
  if (!isWellFormed(value)) return "must be well-formed Unicode";
  let previous = 0;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (unit === slash && previous === slash) return "must not have an empty segment";
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return "must not hold control characters";
    previous = unit;
  }
  return previous === slash ? "must not end with '/'" : null;
}

const slash = 0x2f;

/** A value of the tree. */
export function isValue(value: unknown): string | null {
  if (typeof value !== "string") return "must be text";
  if (!fitsBytes(value, valueBytesLimit)) return `must not be longer than ${valueBytesLimit} bytes`;
  return isWellFormed(value) ? null : "must be well-formed Unicode";
}

/** Words for people: why a VM failed. */
export function isMessage(value: unknown): string | null {
  if (typeof value !== "string") return "must be text";
  if (value.length > failureLimit) return `must not be longer than ${failureLimit} characters`;
  return isWellFormed(value) ? null : "must be well-formed Unicode";
}

export function isSha256(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? null : "must be 64 hexadecimal digits in lower case";
}

/** A list of at least one and at most `most`. */
export function isListOf(check: Check, most: number): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0) return "must be a list that is not empty";
    if (value.length > most) return `must not hold more than ${most}`;
    for (const item of value) {
      const problem = check(item);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** `127.0.0.1`: four numbers, each in its shortest form. */
export function isIpv4(value: unknown): string | null {
  const numbers = typeof value === "string" ? value.split(".") : [];
  const isWhole = numbers.length === 4 && numbers.every((number) => /^(0|[1-9]\d{0,2})$/.test(number) && Number(number) < 256);
  return isWhole ? null : "must be an IPv4 address";
}

/** A list without repetitions, of at least one. */
export function isSetOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0) return "must be a list that is not empty";
    if (new Set(value).size !== value.length) return "must not name anything twice";
    for (const item of value) {
      const problem = check(item);
      if (problem !== null) return problem;
    }
    return null;
  };
}

interface Field {
  readonly name: string;
  readonly check: Check;
  readonly optional: boolean;
}

/** The fields that an object must and may have. */
export type Shape = readonly Field[];

/** `shape({ key: isKey }, { ifVersion: isCount(0) })`: what must be there, and what may. */
export function shape(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Shape {
  const field = (isOptional: boolean) => ([name, check]: [string, Check]): Field => ({ name, check, optional: isOptional });
  return [...Object.entries(required).map(field(false)), ...Object.entries(optional).map(field(true))];
}

/** What is wrong with `value` as such an object, as a sentence without its point. An unknown field is wrong. */
export function shapeProblem(value: object, fields: Shape): string | null {
  let found = 0;
  for (const { name, check, optional } of fields) {
    const item = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (item === undefined) {
      if (!optional) return `field ${name} is missing`;
      if (Object.hasOwn(value, name)) found += 1;
      continue;
    }
    found += 1;
    const problem = check(item);
    if (problem !== null) return problem.startsWith("field ") ? problem.replace("field ", `field ${name}.`) : `field ${name} ${problem}`;
  }
  const names = Object.keys(value);
  if (names.length === found) return null;
  const unknown = names.find((name) => !fields.some((field) => field.name === name));
  return `field ${JSON.stringify(unknown)} is unknown`;
}

/** A check for an object inside of another. */
export function isShape(fields: Shape): Check {
  return (value) => (isObject(value) ? shapeProblem(value, fields) : "must be an object");
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
