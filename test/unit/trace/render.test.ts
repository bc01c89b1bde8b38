import { expect, test } from "vitest";
import { renderLine } from "../../../src/trace/render.ts";
import { sampleLines, stamp } from "./sample-lines.ts";

const names = new Map<string, string>([[stamp.node, "n1"]]);

test("every kind of line becomes one line of text", () => {
  for (const line of sampleLines) {
    const text = renderLine(line, names);
    expect(text).toContain(line.event);
    expect(text).not.toContain("\n");
    expect(text).not.toContain("[object");
  }
});

test("columns, names for ids, entries in short", () => {
  const line = sampleLines.find(({ event }) => event === "ClientRequest");
  expect(renderLine(line!, names)).toBe(
    "       9  n1            meta      ClientRequest                entries=[12×command t3, noop t3, " +
      "configuration t3 voters=[n1, n2] learners=[n3], vm-create t3 web-1] | Leader term=3 last=100 commit=90",
  );
  expect(renderLine(line!, new Map())).toContain("  0b9d2e1c      meta ");
});
