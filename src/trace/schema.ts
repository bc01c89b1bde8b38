/** The JSON Schema of a line, compiled. The schema is a file of its own, so that other tools can use it. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { assert } from "../assert.ts";
import type { TraceLine } from "./event.ts";

let compiled: ValidateFunction<TraceLine> | undefined;

/** Where the schema lies: beside this file, or in `src/` when only the sources hold it. */
export function traceSchemaPath(): string {
  const places = ["./trace.schema.json", "../../src/trace/trace.schema.json"];
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path));
  assert(found !== undefined, "trace.schema.json is installed with the program");
  return found;
}

/** Null when `value` is a line of a trace, else one sentence about the first thing that is wrong with it. */
export function lineProblem(value: unknown): string | null {
  compiled ??= compile();
  if (compiled(value)) return null;
  return sentence(compiled.errors ?? []);
}

function compile(): ValidateFunction<TraceLine> {
  const schema = JSON.parse(readFileSync(traceSchemaPath(), "utf8")) as object;
  return new Ajv2020({ discriminator: true, strict: true, strictRequired: false }).compile<TraceLine>(schema);
}

function sentence(errors: readonly ErrorObject[]): string {
  const error = errors[0];
  if (error === undefined) return "it is not a line of a trace";
  const where = error.instancePath === "" ? "the line" : `"${error.instancePath.slice(1).replaceAll("/", ".")}"`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return `${where} lacks the field "${String(params["missingProperty"])}"`;
    case "unevaluatedProperties":
      return `${where} has the field "${String(params["unevaluatedProperty"])}", which the schema does not know`;
    case "discriminator":
      return unknownKind(where, params);
    case "enum":
      return `${where} must be one of ${(params["allowedValues"] as unknown[]).map(String).join(", ")}`;
    case "const":
      return `${where} must be ${JSON.stringify(params["allowedValue"])}`;
    default:
      return `${where} ${error.message ?? "is wrong"}`;
  }
}

function unknownKind(where: string, params: Record<string, unknown>): string {
  const tag = String(params["tag"]);
  if (params["error"] === "tag") return `${where} needs the text field "${tag}"`;
  return `${where} has the unknown ${tag} ${JSON.stringify(params["tagValue"])}`;
}
