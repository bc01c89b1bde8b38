import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/cli/duration.ts";
import { parseKey, parseName, parseWholeNumber } from "../../../src/cli/name.ts";
import { nearest } from "../../../src/cli/nearest.ts";
import { printable, shortened } from "../../../src/cli/printable.ts";
import { formatBytes, formatMebibytes, memoryBounds, parseMebibytes } from "../../../src/cli/size.ts";
import { renderFields, renderTable } from "../../../src/cli/table.ts";
import { plain } from "../../../src/cli/paint.ts";

const refused = expect.objectContaining({ code: "INVALID_ARGUMENT", exit: 2 });

describe("a duration", () => {
  test.each([
    ["500ms", 500],
    ["5s", 5000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
  ])("%s is %i ms", (text, durationMs) => expect(parseDuration(text)).toBe(durationMs));

  test.each(["", "5", "s", "-5s", "5 s", "5S", "0s", "0.1ms", "1e3s", "8d", "5s ", "Infinitys", "99999999999999999999h"])("%j is refused", (text) => {
    expect(() => parseDuration(text)).toThrow(refused);
  });

  test.each([
    [7, "7 ms"],
    [12_345, "12.3 s"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [97_200_000, "1 d 3 h"],
  ])("%i ms reads %s", (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));
});

describe("a size", () => {
  test.each([
    ["128", 128],
    ["512MiB", 512],
    ["2GiB", 2048],
    ["1T", 1024 * 1024],
    ["4 g", 4096],
  ])("%s is %i MiB", (text, value) => expect(parseMebibytes(text, memoryBounds)).toBe(value));

  test.each(["", "0", "-1", "1.5G", "128KB", "1e3", "99999999T", "128,foo=bar"])("%j is refused", (text) => {
    expect(() => parseMebibytes(text, memoryBounds)).toThrow(refused);
  });

  test("reads as people write it", () => {
    expect([512, 2048, 1536].map(formatMebibytes)).toEqual(["512 MiB", "2 GiB", "1.5 GiB"]);
    expect([12, 2048, 3_565_158].map(formatBytes)).toEqual(["12 B", "2 KiB", "3.4 MiB"]);
  });
});

describe("a name", () => {
  test.each(["a", "web-1", "0", "a".repeat(63)])("%s is taken", (text) => expect(parseName(text, "VM")).toBe(text));

  test.each(["", "Web", "-a", "a-", "a_b", "a.b", "a".repeat(64), "a\n", "a,b=c", "é", "../a"])("%j is refused", (text) => {
    expect(() => parseName(text, "VM")).toThrow(refused);
  });
});

test("a whole number is within its bounds", () => {
  expect(parseWholeNumber("7", "a number", 1, 9)).toBe(7);
  for (const text of ["0", "10", "7.5", "-1", "", "0x7", "7 "]) expect(() => parseWholeNumber(text, "a number", 1, 9)).toThrow(refused);
});

test("a key is there and short", () => {
  expect(parseKey("/a/b")).toBe("/a/b");
  for (const text of ["", "x".repeat(1025)]) expect(() => parseKey(text)).toThrow(refused);
});

describe("a table", () => {
  const columns = [
    { heading: "NAME", cell: (row: { name: string; size: number | null }) => row.name },
    { heading: "SIZE", cell: (row: { name: string; size: number | null }) => row.size, right: true },
  ];

  test("stands in columns, numbers at the right, nothing as a dash", () => {
    const rows = [
      { name: "web", size: 5 },
      { name: "database", size: 1000 },
      { name: "", size: null },
    ];
    expect(renderTable(columns, rows, plain)).toBe("NAME      SIZE\nweb          5\ndatabase  1000\n-            -");
  });

  test("is painted without moving its columns", () => {
    const painted = renderTable(columns, [{ name: "web", size: 5 }], (tone, text) => (tone === "heading" ? `<${text}>` : text));
    expect(painted).toBe("<NAME>  <SIZE>\nweb      5");
  });

  test("of fields leaves out what is null", () => {
    expect(renderFields([["name", "web"], ["failure", null], ["pid", 7]], plain)).toBe("name  web\npid   7");
  });
});

property.prop([fc.string({ unit: "binary" })])("printable text holds no control character", (text) => {
  // oxlint-disable-next-line no-control-regex
  expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
});

test("a long value is cut with a sign of it", () => {
  expect(shortened("abcdef", 4)).toBe("abc…");
  expect(shortened("a\nb", 10)).toBe("a\\nb");
});

test("a mistyped command is near to what was meant", () => {
  expect(nearest("vm lst", ["vm list", "vm logs", "kv ls"])).toBe("vm list");
  expect(nearest("something", ["vm list"])).toBeNull();
});
