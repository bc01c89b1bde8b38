/** Our own encoding of blixard.proto against protobufjs, which other gRPC programs trust: every message, both ways. */

import { loadSync } from "@grpc/proto-loader";
import { describe, expect, test } from "vitest";
import { type Field, type MessageType, readSchema } from "../../../src/transport/generate-schema.ts";
import * as generated from "../../../src/transport/messages.generated.ts";
import { type AnyMethod, protoPath } from "../../../src/transport/wire.ts";

interface Codec {
  serialize(message: object): Buffer;
  deserialize(bytes: Buffer): object;
}

const schema = readSchema();
const loaded = loadSync(protoPath, { longs: Number, enums: String, defaults: true, oneofs: true });
const messageNamed = new Map(schema.messages.map((message) => [message.name, message]));
/** As `messages.generated.ts` exports them: `vmMethods` are those of the service `Vm`. */
function methodsOf(service: string): Readonly<Record<string, AnyMethod>> {
  const exported: Readonly<Record<string, unknown>> = generated;
  const methods = exported[`${service.charAt(0).toLowerCase()}${service.slice(1)}Methods`];
  if (methods === undefined) throw new Error(`the generated code lacks the service ${service}`);
  return methods as Readonly<Record<string, AnyMethod>>;
}

const numbers = [0, 1, 127, 128, 2 ** 21, 2 ** 32 - 1];
const large = [...numbers, 2 ** 32, 2 ** 45 + 7, Number.MAX_SAFE_INTEGER];
const texts = ["", "a", "ä€😀", "x".repeat(63), "x".repeat(64), "x".repeat(200), `${"x".repeat(130)}ü`];

function valueOf(field: Field, variant: number, depth: number): unknown {
  switch (field.type) {
    case 1:
      return [0, 1.5, -1e300][variant % 3];
    case 4:
      return large[variant % large.length];
    case 8:
      return variant % 2 === 1;
    case 9:
      return texts[variant % texts.length];
    case 11:
      return depth === 0 ? undefined : sample(messageNamed.get(field.typeName), variant + 1, depth - 1);
    case 12:
      return Buffer.alloc((variant * 37) % 300, variant);
    case 13:
      return numbers[variant % numbers.length];
    case 14:
      return schema.enums.find(({ name }) => name === field.typeName)?.values[variant % 10];
    default:
      throw new Error(`no sample for type ${field.type}`);
  }
}

/** The message number `variant`, as protobufjs writes it: of each oneof one choice, of each optional field all cases. */
function sample(message: MessageType | undefined, variant: number, depth: number): object {
  const filled: Record<string, unknown> = {};
  for (const [i, field] of (message?.fields ?? []).entries()) {
    const choices = message?.fields.filter(({ oneof }) => oneof === field.oneof) ?? [];
    if (field.oneof !== undefined && choices[variant % choices.length] !== field) continue;
    if (field.optional && variant % 3 === 0) continue;
    const value = valueOf(field, variant + i, depth);
    if (value === undefined) continue;
    filled[field.name] = field.repeated ? Array.from({ length: variant % 4 }, () => value) : value;
  }
  return filled;
}

describe.each(schema.services)("$name", ({ name: service, methods }) => {
  test.each(methods)("$name", ({ name, request, response }) => {
    const ours = methodsOf(service)[name.charAt(0).toLowerCase() + name.slice(1)];
    if (ours === undefined) throw new Error("the generated code lacks the method");
    const sides = [
      [request, ours.requestDeserialize, ours.requestSerialize],
      [response, ours.responseDeserialize, ours.responseSerialize],
    ] as const;
    for (const [type, read, write] of sides) {
      const theirs = loaded[`${schema.packageName}.${type}`] as unknown as Codec;
      for (let variant = 0; variant < 40; variant++) {
        const bytes = theirs.serialize(sample(messageNamed.get(type), variant, 3));
        const back = write(read(bytes) as never);
        expect(theirs.deserialize(back)).toEqual(theirs.deserialize(bytes));
      }
    }
  });
});
