/** The charts of the measurements: every value has its place, and every text is what it says. */

import { describe, expect, test } from "vitest";
import { type Chart, drawChart, escapeXml, plainNumber } from "../../../bench/chart.ts";
import { scaleOf } from "../../../bench/scale.ts";

const chart: Chart = {
  title: "Writes & <reads>",
  x: { label: "keys", scale: "log" },
  y: { label: 'writes/s, "all"', scale: "linear" },
  lines: [
    { name: "64 clients", colour: 0, points: [{ x: 1_000, y: 20_000, low: 18_000, high: 21_000 }, { x: 1_000_000, y: 9_000, low: 9_000, high: 9_000 }] },
    { name: "p50 < p99", colour: 3, dashed: true, points: [{ x: 1_000, y: 0 }, { x: 1_000_000, y: 5 }] },
  ],
};

describe("scales", () => {
  test.each([
    ["linear", [3, 7], [0, 1, 2, 3, 4, 5, 6, 7]],
    ["linear", [27_635], [0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000]],
    ["linear", [0.14, 0.05], [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14]],
    ["linear", [0], [0, 1]],
    ["log", [1_000, 1_000_000], [1_000, 10_000, 100_000, 1_000_000]],
    ["log", [1.5, 46.3], [1, 2, 5, 10, 20, 50]],
    ["log", [0.3, 0.4], [0.2, 0.5]],
    ["log", [5], [5, 10]],
  ] as const)("%s, holding %j, is marked at %j", (kind, values, ticks) => {
    const scale = scaleOf(kind, values);
    expect(scale.ticks).toEqual(ticks);
    for (const value of values) {
      expect(scale.at(value)).toBeGreaterThanOrEqual(-1e-9);
      expect(scale.at(value)).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(scale.at(scale.ticks[0] as number)).toBeCloseTo(0);
    expect(scale.at(scale.ticks.at(-1) as number)).toBeCloseTo(1);
  });

  test("a decade is as long as any other", () => {
    const { at } = scaleOf("log", [1, 1_000]);
    expect(at(10) - at(1)).toBeCloseTo(at(1_000) - at(100));
  });

  test.each([["linear", Number.NaN], ["linear", Infinity], ["linear", -1], ["log", 0]] as const)("a %s scale refuses %d", (kind, value) => {
    expect(() => scaleOf(kind, [1, value])).toThrow(RangeError);
  });

  test("there is none of nothing", () => expect(() => scaleOf("linear", [])).toThrow(RangeError));
});

describe("charts", () => {
  const svg = drawChart(chart);

  test("hold numbers only, all of them inside the picture", () => {
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const [, width, height] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) as RegExpExecArray).map(Number);
    const inside = (pattern: RegExp, most: number): void => {
      const found = [...svg.matchAll(pattern)].map(([, value]) => Number(value));
      expect(found.length).toBeGreaterThan(0);
      for (const value of found) expect(value >= 0 && value <= most, `${value} of ${most}`).toBe(true);
    };
    inside(/\b(?:x|x1|x2|cx)="([^"]*)"/g, width as number);
    inside(/\b(?:y|y1|y2|cy)="([^"]*)"/g, height as number);
  });

  test("are well-formed XML, whatever the texts hold", () => {
    const open: string[] = [];
    for (const [, closing, name, own] of svg.matchAll(/<(\/?)([a-z]+)\b(?:"[^"]*"|[^">])*?(\/?)>/g)) {
      if (closing !== "") expect(open.pop()).toBe(name);
      else if (own === "") open.push(name as string);
    }
    expect(open).toEqual([]);
    expect(svg).toContain(">Writes &amp; &lt;reads&gt;<");
    expect(svg).toContain(">writes/s, &quot;all&quot;<");
    expect(svg).toContain(">p50 &lt; p99<");
    expect(svg.replace(/<(?:"[^"]*"|[^">])*>/g, "")).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
  });

  test("have a line for each series, a bar where measurements differ, and both grounds", () => {
    const lines = [...svg.matchAll(/<polyline [^>]*points="([^"]*)"/g)].map(([, points]) => points?.split(" ").map((point) => point.split(",").map(Number)));
    expect(lines.map((points) => points?.length)).toEqual([2, 2]);
    const [[first, second] = []] = lines as number[][][];
    expect((first as number[])[0]).toBeLessThan((second as number[])[0] as number);
    // What is more lies higher, where y is less.
    expect((first as number[])[1]).toBeLessThan((second as number[])[1] as number);
    expect(svg.match(/ bar"/g)).toHaveLength(1);
    expect(svg).toContain("prefers-color-scheme:dark");
  });

  test("are not drawn from what was not measured", () => {
    const lines = [{ name: "w", colour: 0, points: [{ x: 1, y: Number.NaN }] }];
    expect(() => drawChart({ ...chart, lines })).toThrow(RangeError);
  });
});

test("numbers are written for people", () => {
  expect([0, 0.05, 0.123456, 7, 27_635, 1_000_000].map(plainNumber)).toEqual(["0", "0.05", "0.123", "7", "27,600", "1,000,000"]);
});

test("escapes", () => expect(escapeXml(`a<b>&"c"`)).toBe("a&lt;b&gt;&amp;&quot;c&quot;"));
