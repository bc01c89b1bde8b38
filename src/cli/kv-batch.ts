/** `kv batch`: operations from a file, and what came of each. */

import { readFile } from "node:fs/promises";
import { UserError, exitStatus, isErrorCode } from "../errors.ts";
import type { KvBatchOperation, KvBatchResponse } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import type { Answer } from "./answer.ts";
import { detailOf, failureOf } from "./failure.ts";
import type { Paint } from "./paint.ts";
import { shortened } from "./printable.ts";
import { renderTable } from "./table.ts";

type Operation = Init<KvBatchOperation>;
type Fields = Readonly<Record<string, unknown>>;

/** The operations in a file of JSON lines; `-` is stdin. `UserError INVALID_ARGUMENT` names the first line that is wrong. */
export async function readOperations(path: string): Promise<readonly Operation[]> {
  const text = path === "-" ? await readStdin() : await readFile(path, "utf8");
  const operations: Operation[] = [];
  for (const [at, line] of text.split("\n").entries()) if (line.trim() !== "") operations.push(operationOf(line, at + 1));
  if (operations.length > 0) return operations;
  throw new UserError("INVALID_ARGUMENT", `${path === "-" ? "stdin" : path} holds no operation`, { next: 'Give lines like {"op":"put","key":"/a","value":"1"}.' });
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  put: ["key", "value"],
  "put-if-absent": ["key", "value"],
  cas: ["key", "value", "ifVersion", "ifValue"],
  delete: ["key", "ifVersion"],
};

function operationOf(line: string, number: number): Operation {
  const wrong = (what: string): UserError => {
    return new UserError("INVALID_ARGUMENT", `operation in line ${number}: ${what}`, { next: "See `blixard kv batch --help`." });
  };
  const fields = parsed(line);
  if (fields === null) throw wrong("it is no JSON object");
  const { op, ...rest } = fields;
  const known = typeof op === "string" && Object.hasOwn(fieldsOf, op) ? fieldsOf[op] : undefined;
  if (known === undefined) throw wrong(`"op" must be one of ${Object.keys(fieldsOf).join(", ")}`);
  const stranger = Object.keys(rest).find((field) => !known.includes(field));
  if (stranger !== undefined) throw wrong(`${op as string} takes no ${JSON.stringify(stranger)}`);
  const text = (field: string): string => {
    if (typeof rest[field] === "string") return rest[field];
    throw wrong(`${JSON.stringify(field)} must be text`);
  };
  const version = (): { ifVersion?: number } => {
    const { ifVersion } = rest;
    if (ifVersion === undefined) return {};
    if (Number.isSafeInteger(ifVersion) && (ifVersion as number) >= 0) return { ifVersion: ifVersion as number };
    throw wrong('"ifVersion" must be a whole number');
  };
  switch (op) {
    case "put":
      return { operation: { kind: "put", value: { key: text("key"), value: text("value") } } };
    case "put-if-absent":
      return { operation: { kind: "putIfAbsent", value: { key: text("key"), value: text("value") } } };
    case "cas": {
      const byValue = rest["ifValue"] === undefined ? {} : { ifValue: text("ifValue") };
      return { operation: { kind: "compareAndSwap", value: { key: text("key"), value: text("value"), ...version(), ...byValue } } };
    }
    default:
      return { operation: { kind: "delete", value: { key: text("key"), ...version() } } };
  }
}

function parsed(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** What came of it: the answer, how the command ends, and what stderr says of a refusal. */
export function batchOutcome(operations: readonly Operation[], { index, results, refusal }: KvBatchResponse): { answer: Answer; exit: number; complaint: string } {
  const items = results.map((result, at) => ({ key: operations[at]?.operation?.value.key ?? "", ...result }));
  const text = (paint: Paint): string =>
    renderTable(
      [
        { heading: "KEY", cell: ({ key }) => shortened(key, 60) },
        { heading: "RESULT", cell: ({ outcome }) => outcome },
        { heading: "VERSION", cell: ({ version }) => (version === 0 ? "-" : version), right: true },
        { heading: "WHY", cell: ({ code, message }) => (code === "" ? "" : `${code}: ${shortened(message, 100)}`) },
      ],
      items,
      paint,
    );
  const json = { index, written: refusal === null, results: items.map(({ key, outcome, version, code, message }) => ({ key, outcome, version: version || null, code: code || null, message: message || null })) };
  if (refusal === null) return { answer: { json, text }, exit: exitStatus.ok, complaint: "" };
  const code = isErrorCode(refusal.code) ? refusal.code : "FAILED";
  const error = new UserError(code, refusal.message, { node: refusal.node, group: refusal.group });
  const answer = { json: { ...json, error: detailOf(error) }, text: (paint: Paint) => (items.length === 0 ? null : text(paint)) };
  return { answer, exit: error.exit, complaint: failureOf(error, "blixard kv batch").text };
}
