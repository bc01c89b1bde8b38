/** Commands as bytes of the log. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../../../src/machine/commands.ts";
import { decodeEnvelope, encodeEnvelope } from "../../../src/machine/envelope.ts";

const inJson = (envelope: unknown) => decodeEnvelope(Buffer.from(JSON.stringify(envelope)));

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.constant("\ud800"));
const key = fc.oneof(text, fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`), fc.constant("/a/b"));
const number = fc.oneof(fc.nat({ max: 300 }), fc.nat(), fc.maxSafeNat(), fc.constantFrom(-1, -0, 1.5, Number.NaN, 2 ** 53));
const operation = fc.oneof(
  fc.record({ kind: fc.constantFrom("kv-put", "kv-put-if-absent"), key, value: text }),
  fc.record({ kind: fc.constant("kv-cas"), key, value: text, ifVersion: number, ifValue: text }, { requiredKeys: ["kind", "key", "value"] }),
  fc.record({ kind: fc.constant("kv-delete"), key, ifVersion: number }, { requiredKeys: ["kind", "key"] }),
  // What no client of ours sends.
  fc.record({ kind: fc.constantFrom("kv-put", "kv-delete", "vm-start"), key, value: fc.anything(), extra: fc.anything() }, { requiredKeys: ["kind"] }),
);
const envelope = fc.record(
  { client: fc.oneof(fc.constantFrom("c", "d"), fc.uuid(), text), sequence: number, acknowledged: number, opened: number, command: operation },
  { requiredKeys: ["client", "sequence", "acknowledged", "command"] },
);

describe("an envelope", () => {
  test("means the same packed as in JSON, be it sound or not", () => {
    fc.assert(
      fc.property(envelope, (given) => {
        expect(decodeEnvelope(encodeEnvelope(given as never))).toEqual(inJson(given));
      }),
      { numRuns: 2_000 },
    );
  });

  test("of an operation on the tree is packed, and smaller", () => {
    const put: Envelope = { client: "c", sequence: 300, acknowledged: 299, command: { kind: "kv-put", key: "/ä", value: "€".repeat(100) } };
    const bytes = encodeEnvelope(put);
    expect(bytes[0]).toBe(1);
    expect(bytes.length).toBeLessThan(Buffer.byteLength(JSON.stringify(put)) - 50);
    expect(decodeEnvelope(bytes)).toEqual(put);
  });

  test("keeps a large value, in memory of its own", () => {
    const of = (value: string): Envelope => ({ client: "c", sequence: 1, acknowledged: 1, command: { kind: "kv-put", key: "/a", value } });
    const [first, second] = [of("x".repeat(300_000)), of("y".repeat(300_000))];
    const [one, other] = [encodeEnvelope(first), encodeEnvelope(second)];
    expect([decodeEnvelope(one), decodeEnvelope(other)]).toEqual([first, second]);
  });

  test("that is cut short, or of bytes by chance, is refused and never thrown at", () => {
    const put: Envelope = { client: "client", sequence: 3, acknowledged: 3, opened: 2 ** 40, command: { kind: "kv-cas", key: "/a", value: "v", ifVersion: 7, ifValue: "w" } };
    const bytes = encodeEnvelope(put);
    for (let length = 0; length < bytes.length - 1; length += 1) expect(decodeEnvelope(bytes.subarray(0, length))).toMatchObject({ refused: "INVALID_ARGUMENT" });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (rest) => {
        const decoded = decodeEnvelope(Uint8Array.of(1, ...rest));
        expect("refused" in decoded || decoded.sequence >= 1).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
