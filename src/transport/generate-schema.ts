/**
 * Reads `blixard.proto` for the generator. The loader gives the compiled descriptor (google/protobuf/descriptor.proto) as
 * bytes; its few fields that matter here are read by our own reader, since the loader's objects do not tell a field
 * outside every oneof from one in the first.
 */

import { loadSync } from "@grpc/proto-loader";
import { assert, present } from "../assert.ts";
import { Reader } from "./wire-buffer.ts";
import { protoPath } from "./wire.ts";

export interface Field {
  readonly name: string;
  readonly number: number;
  /** FieldDescriptorProto.Type. */
  readonly type: number;
  /** The message or enum, without its package. */
  readonly typeName: string;
  readonly repeated: boolean;
  readonly optional: boolean;
  readonly oneof: string | undefined;
}

export interface MessageType {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly oneofs: readonly string[];
}

export interface Schema {
  readonly packageName: string;
  readonly messages: readonly MessageType[];
  readonly enums: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly services: readonly { readonly name: string; readonly methods: readonly ServiceMethod[] }[];
}

export interface ServiceMethod {
  readonly name: string;
  readonly request: string;
  readonly response: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** A message of the descriptor by field number. */
type Raw = ReadonlyMap<number, readonly (number | Buffer)[]>;

function readRaw(bytes: Buffer): Raw {
  const reader = new Reader(bytes);
  const fields = new Map<number, (number | Buffer)[]>();
  while (reader.at < bytes.length) {
    const tag = reader.uint();
    assert((tag & 7) === 0 || (tag & 7) === 2, "the descriptor holds numbers and bytes");
    const values = fields.get(tag >> 3) ?? [];
    values.push((tag & 7) === 0 ? reader.uint() : reader.bytes());
    fields.set(tag >> 3, values);
  }
  return fields;
}

function texts(raw: Raw, field: number): readonly string[] {
  return (raw.get(field) ?? []).map((value) => value.toString());
}

function text(raw: Raw, field: number): string {
  return texts(raw, field)[0] ?? "";
}

function numberOf(raw: Raw, field: number): number | undefined {
  return raw.get(field)?.map(Number)[0];
}

function children(raw: Raw, field: number): readonly Raw[] {
  return (raw.get(field) ?? []).map((value) => {
    assert(typeof value !== "number", "a child of the descriptor is a message");
    return readRaw(value);
  });
}

const lastPart = (name: string): string => name.split(".").at(-1) ?? "";
const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function toField(raw: Raw, oneofs: readonly string[]): Field {
  const oneof = oneofs[numberOf(raw, 9) ?? -1];
  // An `optional` field is written as a oneof of its own, whose name begins with an underscore.
  const optional = oneof?.startsWith("_") === true;
  const number = present(numberOf(raw, 3), "a field has a number");
  const type = present(numberOf(raw, 5), "a field has a type");
  const repeated = numberOf(raw, 4) === 3;
  return { name: camel(text(raw, 1)), number, type, typeName: lastPart(text(raw, 6)), repeated, optional, oneof: optional ? undefined : oneof };
}

function toMessage(raw: Raw): MessageType {
  const oneofs = children(raw, 8).map((oneof) => text(oneof, 1)).map((name) => (name.startsWith("_") ? name : camel(name)));
  const fields = children(raw, 2).map((field) => toField(field, oneofs));
  return { name: text(raw, 1), fields, oneofs: oneofs.filter((oneof) => fields.some((field) => field.oneof === oneof)) };
}

function toMethod(raw: Raw): ServiceMethod {
  return {
    name: text(raw, 1),
    request: lastPart(text(raw, 2)),
    response: lastPart(text(raw, 3)),
    requestStream: numberOf(raw, 5) === 1,
    responseStream: numberOf(raw, 6) === 1,
  };
}

function toEnum(raw: Raw): Schema["enums"][number] {
  const values = children(raw, 2);
  assert(values.every((value, i) => (numberOf(value, 2) ?? 0) === i), "the numbers of an enum count from 0");
  return { name: text(raw, 1), values: values.map((value) => text(value, 1)) };
}

/** Parses the proto. */
export function readSchema(): Schema {
  const definition = loadSync(protoPath, { longs: Number, defaults: true, oneofs: true });
  const anyMessage = present(definition["blixard.v1.Hello"], "the proto has a message Hello");
  assert(Array.isArray(anyMessage["fileDescriptorProtos"]), "Hello is a message");
  const bytes: unknown = anyMessage["fileDescriptorProtos"][0];
  assert(Buffer.isBuffer(bytes), "a message knows its file");
  const file = readRaw(bytes);
  return {
    packageName: text(file, 2),
    messages: children(file, 4).map(toMessage),
    enums: children(file, 5).map(toEnum),
    services: children(file, 6).map((service) => ({ name: text(service, 1), methods: children(service, 2).map(toMethod) })),
  };
}
