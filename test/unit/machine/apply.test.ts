import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BrokenLaw } from "../../../src/assert.ts";
import { apply, validateCommand } from "../../../src/machine/apply.ts";
import { decodeEnvelope, encodeEnvelope } from "../../../src/machine/envelope.ts";
import type { Command, Envelope } from "../../../src/machine/commands.ts";
import { quote } from "../../../src/machine/kv-row.ts";
import { isName, parseName } from "../../../src/machine/names.ts";
import { SortedKeys } from "../../../src/machine/sorted-keys.ts";
import { digest, emptyState, stateFromRows } from "../../../src/machine/state.ts";
import { create, MachineLog, worker } from "./machine-log.ts";

const envelope: Envelope = { client: "c", sequence: 1, acknowledged: 1, command: { kind: "kv-put", key: "/a", value: "1" } };

describe("bytes in the log", () => {
  const refusal = (document: unknown) => {
    const log = MachineLog.started();
    const before = digest(log.state);
    const applied = log.append(Buffer.from(typeof document === "string" ? document : JSON.stringify(document)));
    expect(applied).toMatchObject({ reply: { ok: false, index: 2, code: "INVALID_ARGUMENT" }, changes: [], vmChanges: [], writes: [] });
    expect(digest(log.state)).toBe(before);
    return applied.reply.ok ? "" : applied.reply.message;
  };

  test.each([
    ["", "no JSON text"],
    ["{", "no JSON text"],
    ["null", "must be an object"],
    ["[]", "must be an object"],
    ["{}", "field client is missing"],
    [{ ...envelope, client: "../x" }, "field client must be"],
    [{ ...envelope, sequence: 0 }, "field sequence must be"],
    [{ ...envelope, sequence: 1e300 }, "field sequence must be"],
    [{ ...envelope, extra: 1 }, 'field "extra" is unknown'],
    [{ ...envelope, command: [] }, "field command must be an object"],
    [{ ...envelope, command: { kind: "constructor" } }, 'field command has the unknown kind "constructor"'],
    [{ ...envelope, command: { kind: "vm-start" } }, "field command.name is missing"],
    [{ ...envelope, command: { kind: "kv-put", key: "/a" } }, "field command.value is missing"],
  ])("%j is refused", (document, why) => {
    expect(refusal(document)).toContain(why);
  });

  test("__proto__ in JSON is an unknown field and nothing else", () => {
    const text = JSON.stringify(envelope);
    expect(refusal(text.replace("{", '{"__proto__":{"opened":1},'))).toContain('"__proto__" is unknown');
    expect(refusal(text.replace('"value":"1"', '"__proto__":{"value":"1"}'))).toContain("field command.value is missing");
    expect(refusal(text.replace('"kind":"kv-put"', '"__proto__":{"kind":"kv-put"}'))).toContain("unknown kind");
  });

  test("what is encoded is decoded", () => {
    expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
  });

  test("never make apply throw", () => {
    const log = MachineLog.started();
    const document = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.record({ client: fc.string(), sequence: fc.anything(), acknowledged: fc.anything(), command: fc.anything() }).map(textOf),
      fc.record({ kind: fc.constantFrom("kv-put", "kv-batch", "vm-create", "vm-report", "token-use", "toString"), name: fc.anything(), spec: fc.object() })
        .map((command) => textOf({ ...envelope, command })),
    );
    fc.assert(fc.property(document, (bytes) => {
      const { reply } = log.append(bytes);
      expect(reply.index).toBe(log.index);
    }));
  });
});

function textOf(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? "");
}

test("an entry is applied once, in order: anything else is a broken law", () => {
  const state = emptyState();
  const payload = encodeEnvelope({ ...envelope, command: { kind: "cluster-init", clusterId: "c" } });
  apply(state, { index: 5, term: 1, timeMs: 0, payload });
  expect(() => apply(state, { index: 5, term: 1, timeMs: 0, payload })).toThrow(BrokenLaw);
});

test("what is refused at propose is what is refused at apply, and nothing is written", () => {
  const log = MachineLog.started();
  log.accept(worker("n1", { memoryMib: 256 }));
  const before = digest(log.state);
  expect(validateCommand(log.state, create("a"), 0)).toBeUndefined();
  expect(digest(log.state)).toBe(before);
  log.accept(create("a"));
  for (const command of [create("a"), create("b"), { kind: "vm-start", name: "B" } as unknown as Command]) {
    const refused = validateCommand(log.state, command, 0);
    const applied = log.run(command);
    expect(applied.ok ? undefined : applied.code).toBe(refused?.code);
  }
});

test("rows that cannot be read are told, not guessed", () => {
  const load = (table: string, value: string | null) => () => stateFromRows([{ table, key: "k/0", value }]);
  expect(load("kv", "{")).toThrow(/row k\/0 of table kv cannot be read/);
  expect(load("session", "[1")).toThrow(expect.objectContaining({ code: "DATABASE_DAMAGED" }));
  expect(load("future", "1")).toThrow(/no such table/);
  expect(load("vm", null)).toThrow(/cannot be read/);
});

test("names", () => {
  for (const good of ["a", "0", "web-1", "a".repeat(63), "constructor"]) expect(parseName(good)).toBe(good);
  for (const bad of ["", "-", "a-", "-a", "A", "a_b", "a".repeat(64), "a\n", "ä", "__proto__", 1, null, undefined, {}]) {
    expect(isName(bad)).toBe(false);
    expect(() => parseName(bad, "name of the VM")).toThrow(/^name of the VM /);
  }
});

test("a quoted text is what JSON.stringify answers", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    expect(quote(text)).toBe(JSON.stringify(text));
  }));
  for (let unit = 0; unit < 0x10000; unit += 1) {
    const text = String.fromCharCode(unit);
    if (quote(text) !== JSON.stringify(text)) expect.fail(`unit ${unit}`);
  }
});

test("keys in order are the keys of a set, sorted", () => {
  const step = fc.tuple(fc.boolean(), fc.string({ maxLength: 3 }));
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), fc.string({ maxLength: 2 }), (steps, start) => {
    const [model, keys] = [new Set<string>(), new SortedKeys()];
    for (const [isAdd, key] of steps) {
      if (isAdd && !model.has(key)) keys.add(key);
      if (!isAdd) keys.remove(key);
      if (isAdd) model.add(key);
      else model.delete(key);
    }
    expect([...keys.from(start)]).toEqual([...model].filter((key) => key >= start).sort());
  }));
});
