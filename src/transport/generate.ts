/**
 * Makes `messages.generated.ts` from `blixard.proto`: types, writers and readers of all messages, and the methods of all
 * services. Run it after a change of the proto: `npx tsx src/transport/generate.ts`. A test fails when it was forgotten.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { present } from "../assert.ts";
import { type Field, type MessageType, type Schema, readSchema } from "./generate-schema.ts";

interface Scalar {
  readonly type: string;
  readonly zero: string;
  readonly call: string;
  readonly wire: number;
}

/** By the numbers of FieldDescriptorProto.Type. */
const scalars: ReadonlyMap<number, Scalar> = new Map([
  [1, { type: "number", zero: "0", call: "double", wire: 1 }],
  [4, { type: "number", zero: "0", call: "uint", wire: 0 }],
  [8, { type: "boolean", zero: "false", call: "bool", wire: 0 }],
  [9, { type: "string", zero: '""', call: "string", wire: 2 }],
  [12, { type: "Buffer", zero: "noBytes", call: "bytes", wire: 2 }],
  [13, { type: "number", zero: "0", call: "uint", wire: 0 }],
]);
const messageType = 11;
const enumType = 14;

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lines = (parts: readonly string[]): string => parts.join("\n");

function scalarOf(field: Field): Scalar {
  return present(scalars.get(field.type), `the generator knows the type of ${field.name}`);
}

function valueType(field: Field): string {
  return field.type === messageType || field.type === enumType ? field.typeName : scalarOf(field).type;
}

function fieldType(field: Field): string {
  if (field.repeated) return `readonly ${valueType(field)}[]`;
  return field.optional || field.type === messageType ? `${valueType(field)} | null` : valueType(field);
}

function zeroOf(field: Field, schema: Schema): string {
  if (field.optional || field.type === messageType) return "null";
  if (field.type !== enumType) return scalarOf(field).zero;
  const values = schema.enums.find((candidate) => candidate.name === field.typeName)?.values;
  return JSON.stringify(present(values?.[0], "an enum has a zero value"));
}

function tagOf(field: Field): number {
  const wire = field.type === messageType ? 2 : field.type === enumType ? 0 : scalarOf(field).wire;
  return field.number * 8 + wire;
}

function writeCall(field: Field, value: string): string {
  if (field.type === messageType) return `writer.nested(${tagOf(field)}, write${field.typeName}, ${value});`;
  if (field.type === enumType) return `writer.uint(${tagOf(field)}, ${lower(field.typeName)}Numbers[${value}]);`;
  return `writer.${scalarOf(field).call}(${tagOf(field)}, ${value});`;
}

function readCall(field: Field): string {
  if (field.type === messageType) return `reader.nested(read${field.typeName})`;
  if (field.type === enumType) return `${lower(field.typeName)}Of(reader.uint())`;
  return `reader.${scalarOf(field).call}()`;
}

function single(message: MessageType): readonly Field[] {
  return message.fields.filter((field) => field.oneof === undefined);
}

function choices(message: MessageType, oneof: string): readonly Field[] {
  return message.fields.filter((field) => field.oneof === oneof);
}

function typeText(message: MessageType): string {
  const unions = message.oneofs.map((oneof) => {
    const kinds = choices(message, oneof).map(
      (field) => `\n  | { readonly kind: "${field.name}"; readonly value: ${valueType(field)} }`,
    );
    return `export type ${message.name}${upper(oneof)} =${kinds.join("")};\n\n`;
  });
  const fields = single(message).map((field) => `  readonly ${field.name}: ${fieldType(field)};`);
  const oneofs = message.oneofs.map((oneof) => `  readonly ${oneof}: ${message.name}${upper(oneof)} | null;`);
  const body = [...fields, ...oneofs];
  if (body.length === 0) return `export type ${message.name} = Readonly<Record<string, never>>;\n`;
  return `${unions.join("")}export interface ${message.name} {\n${lines(body)}\n}\n`;
}

function writeField(field: Field): string {
  const value = `message.${field.name}`;
  if (field.repeated) return `  for (const item of ${value} ?? []) ${writeCall(field, "item")}`;
  if (field.optional || field.type === messageType) {
    return `  if (${value} !== undefined && ${value} !== null) ${writeCall(field, value)}`;
  }
  if (field.type === 12) return `  if (${value} !== undefined && ${value}.length > 0) ${writeCall(field, value)}`;
  return `  if (${value}) ${writeCall(field, value)}`;
}

function writeOneof(message: MessageType, oneof: string): string {
  const cases = choices(message, oneof).map(
    (field) => `    case "${field.name}":\n      ${writeCall(field, `${oneof}.value`)}\n      break;`,
  );
  return lines([
    `  const ${oneof} = message.${oneof};`,
    `  switch (${oneof}?.kind) {`,
    ...cases,
    `    case undefined:\n      break;\n  }`,
  ]);
}

function writerText(message: MessageType): string {
  const body = [...single(message).map(writeField), ...message.oneofs.map((oneof) => writeOneof(message, oneof))];
  const parameters = body.length === 0 ? "_writer: Writer, _message" : "writer: Writer, message";
  return lines([
    `export function write${message.name}(${parameters}: Init<${message.name}>): void {`,
    ...body,
    "}\n",
  ]);
}

function declaration(field: Field, schema: Schema): string {
  if (field.repeated) return `  let ${field.name}: ${valueType(field)}[] | undefined;`;
  return `  let ${field.name}: ${fieldType(field)} = ${zeroOf(field, schema)};`;
}

function readCase(field: Field): string {
  const head = `      case ${tagOf(field)}:\n        `;
  if (field.repeated) return `${head}(${field.name} ??= []).push(${readCall(field)});\n        break;`;
  if (field.oneof === undefined) return `${head}${field.name} = ${readCall(field)};\n        break;`;
  return `${head}${field.oneof} = { kind: "${field.name}", value: ${readCall(field)} };\n        break;`;
}

function readerText(message: MessageType, schema: Schema): string {
  const results = [
    ...single(message).map((field) => (field.repeated ? `${field.name}: ${field.name} ?? none` : field.name)),
    ...message.oneofs,
  ];
  const cases = message.fields.map(readCase);
  const loop =
    cases.length === 0
      ? ["    reader.unknown(reader.uint());"]
      : ["    const tag = reader.uint();", "    switch (tag) {", ...cases, "      default:\n        reader.unknown(tag);", "    }"];
  return lines([
    `export function read${message.name}(reader: Reader, end: number): ${message.name} {`,
    ...single(message).map((field) => declaration(field, schema)),
    ...message.oneofs.map((oneof) => `  let ${oneof}: ${message.name}${upper(oneof)} | null = null;`),
    "  while (reader.at < end) {",
    ...loop,
    "  }",
    "  reader.ended(end);",
    `  return {${results.length > 0 ? ` ${results.join(", ")} ` : ""}};`,
    "}\n",
  ]);
}

function enumText({ name, values }: Schema["enums"][number]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return lines([
    `export type ${name} =${quoted.map((value) => `\n  | ${value}`).join("")};\n`,
    `const ${lower(name)}Numbers: Readonly<Record<${name}, number>> = {`,
    ...values.map((value, i) => `  ${value}: ${i},`),
    "};\n",
    `const ${lower(name)}Names: readonly ${name}[] = [${quoted.join(", ")}];\n`,
    `/** A number that this version does not know reads as zero. */`,
    `function ${lower(name)}Of(number: number): ${name} {\n  return ${lower(name)}Names[number] ?? ${quoted[0]};\n}\n`,
  ]);
}

function serviceText({ name, methods }: Schema["services"][number], packageName: string): string {
  const members = methods.map((method) =>
    lines([
      `  ${lower(method.name)}: method(`,
      `    "/${packageName}.${name}/${method.name}",`,
      `    [${method.requestStream}, ${method.responseStream}] as const,`,
      `    [write${method.request}, read${method.request}],`,
      `    [write${method.response}, read${method.response}],`,
      `  ),`,
    ]),
  );
  return lines([`export const ${lower(name)}Methods = {`, ...members, "};\n"]);
}

/** The text of `messages.generated.ts`. */
export function generateMessages(): string {
  const schema = readSchema();
  return lines([
    "// Generated from blixard.proto by `npx tsx src/transport/generate.ts`. Do not edit.\n",
    'import { type Init, method } from "./wire.ts";',
    'import type { Reader, Writer } from "./wire-buffer.ts";\n',
    "const none: readonly never[] = [];",
    "const noBytes = Buffer.alloc(0);\n",
    ...schema.enums.map(enumText),
    ...schema.messages.flatMap((message) => [typeText(message), writerText(message), readerText(message, schema)]),
    ...schema.services.map((service) => serviceText(service, schema.packageName)),
  ]);
}

/** Where the generated file lies. */
export const generatedPath = fileURLToPath(new URL("messages.generated.ts", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(generatedPath, generateMessages());
