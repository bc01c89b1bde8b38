import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { generateMessages, generatedPath } from "../../../src/transport/generate.ts";
import { readPeerFrame, readSessionRequest, writeSessionRequest } from "../../../src/transport/messages.generated.ts";
import { decode, encode } from "../../../src/transport/wire.ts";
import { WireError } from "../../../src/transport/wire-buffer.ts";

test("the generated messages are those of the proto (else run: npx tsx src/transport/generate.ts)", () => {
  expect(readFileSync(generatedPath, "utf8")).toBe(generateMessages());
});

property.prop([fc.uint8Array({ maxLength: 300 })])("random bytes are a message or a WireError, nothing else", (bytes) => {
  for (const read of [readPeerFrame, readSessionRequest]) {
    try {
      decode<unknown>(read, Buffer.from(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
});

property.prop([fc.string({ unit: "grapheme", maxLength: 200 }), fc.maxSafeNat()])(
  "any text and any safe number come back",
  (text, number) => {
    const operation = { kind: "put", value: { request: null, key: text, value: text } } as const;
    const message = { sequence: number, acknowledged: 0, operation, more: [], opened: number };
    expect(decode(readSessionRequest, encode(writeSessionRequest, message))).toEqual(message);
  },
);

test("a message that is cut short anywhere is refused or shorter, never read beyond its end", () => {
  const whole = encode(writeSessionRequest, { sequence: 300, operation: { kind: "put", value: { key: "key", value: "v".repeat(200) } } });
  for (let length = 0; length < whole.length; length++) {
    const cut = Buffer.from(whole.subarray(0, length));
    try {
      expect(decode(readSessionRequest, cut).operation).toBe(null);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
});

test("messages nested without end are refused", () => {
  let bytes = Buffer.alloc(0);
  for (let depth = 0; depth < 100; depth++) {
    bytes = Buffer.concat([Buffer.from([(9 << 3) | 2]), lengthOf(bytes.length), bytes]);
  }
  expect(() => decode(readSessionRequest, bytes)).toThrow("nested too deeply");
});

test("a number beyond 2^53 is refused, fields of a later version are passed over", () => {
  const tooLarge = Buffer.from([8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
  expect(() => decode(readSessionRequest, tooLarge)).toThrow(WireError);
  const later = Buffer.from([8, 5, (100 << 3) & 127 | 128 | 2, 6, 2, 1, 2]);
  expect(decode(readSessionRequest, later).sequence).toBe(5);
});

function lengthOf(length: number): Buffer {
  return length < 128 ? Buffer.from([length]) : Buffer.from([(length & 127) | 128, length >> 7]);
}
