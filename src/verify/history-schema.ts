/** The JSON Schema of a line of a history. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { HistoryOperation } from "./history-operation.ts";

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const name: Schema = { type: "string", minLength: 1 };
const count: Schema = { type: "integer", minimum: 0 };
const positive: Schema = { type: "integer", minimum: 1 };

/** One shape of a union: `kind`, what else must be there, and what may. */
function shape(kind: string, required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return {
    type: "object",
    required: ["kind", ...Object.keys(required)],
    properties: { kind: { const: kind }, ...required, ...optional },
    additionalProperties: false,
  };
}

function oneOf(...shapes: readonly Schema[]): Schema {
  return { type: "object", required: ["kind"], discriminator: { propertyName: "kind" }, oneOf: shapes };
}

const index = { index: positive };
const refused = shape("refused", { code: { enum: ["ALREADY_EXISTS", "NOT_FOUND", "CONFLICT"] } }, index);

/** What each kind of request can be answered with. */
const results: Readonly<Record<string, Schema>> = {
  write: oneOf(shape("written", { version: positive }, index), refused),
  delete: oneOf(shape("deleted", { version: count }, index), refused),
  get: oneOf(shape("found", { value: text, version: positive }, { changedIndex: positive, ...index }), shape("absent", {}, index)),
};

function resultOf(kinds: readonly string[], result: Schema): Schema {
  return {
    if: { properties: { operation: { properties: { kind: { not: { enum: kinds } } } } } },
    else: { properties: { result: { if: { type: "null" }, else: result } } },
  };
}

/** Exported so that other tools can write histories. */
export const historySchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "https://blixard.dev/schema/history-1.json",
  title: "An operation of a client of blixard, schema 1",
  type: "object",
  required: ["client", "operation", "invokedAt", "returnedAt", "result"],
  properties: {
    client: name,
    node: name,
    operation: oneOf(
      shape("put", { key: name, value: text }),
      shape("put-if-absent", { key: name, value: text }),
      shape("cas", { key: name, value: text }, { ifVersion: count, ifValue: text }),
      shape("delete", { key: name }, { ifVersion: count }),
      shape("get", { key: name }, { stale: { type: "boolean" } }),
    ),
    invokedAt: { type: "number" },
    returnedAt: { type: ["number", "null"] },
    result: { type: ["object", "null"] },
  },
  additionalProperties: false,
  allOf: [
    resultOf(["put", "put-if-absent", "cas"], results["write"] as Schema),
    resultOf(["delete"], results["delete"] as Schema),
    resultOf(["get"], results["get"] as Schema),
  ],
};

let compiled: ValidateFunction<HistoryOperation> | undefined;

/** Null when `value` is an operation of a history, else one sentence about the first thing that is wrong with it. */
export function operationProblem(value: unknown): string | null {
  compiled ??= new Ajv2020({ discriminator: true, strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile<HistoryOperation>(historySchema);
  if (!compiled(value)) return sentence(compiled.errors ?? []);
  const { invokedAt, returnedAt, result } = value;
  if ((returnedAt === null) !== (result === null)) return "returnedAt and result must both be null (the outcome is unknown) or both be there";
  if (returnedAt !== null && returnedAt < invokedAt) return `it returned at ${returnedAt}, before it was invoked at ${invokedAt}`;
  return null;
}

function sentence(errors: readonly ErrorObject[]): string {
  const error = errors[0];
  if (error === undefined) return "it is not an operation of a history";
  const where = error.instancePath === "" ? "the operation" : `"${error.instancePath.slice(1).replaceAll("/", ".")}"`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return `${where} lacks the field "${String(params["missingProperty"])}"`;
    case "additionalProperties":
      return `${where} has the field "${String(params["additionalProperty"])}", which the schema does not know`;
    case "discriminator":
      return params["error"] === "tag" ? `${where} needs the text field "kind"` : `${where} has the kind ${JSON.stringify(params["tagValue"])}, which cannot be there`;
    case "enum":
      return `${where} must be one of ${(params["allowedValues"] as unknown[]).map(String).join(", ")}`;
    default:
      return `${where} ${error.message ?? "is wrong"}`;
  }
}
