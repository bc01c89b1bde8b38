/** The charts of what growth costs are those of the figures beside them, and stand in the text. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ClusterPoint, type Figures, type GroupsPoint, axes, groupsSettings, settings } from "../../../bench/growth-axes.ts";
import { chartsIn } from "../../../bench/growth-files.ts";

const bench = fileURLToPath(new URL("../../../bench", import.meta.url));
const growth = join(bench, "growth");
const figuresOf = <Point>(axis: string): Figures<Point> => JSON.parse(readFileSync(join(growth, `${axis}.json`), "utf8")) as Figures<Point>;

test("every chart is drawn from the figures as they are now", () => {
  const charts = chartsIn(growth);
  for (const { name, svg } of charts) expect(readFileSync(join(growth, `${name}.svg`), "utf8") === svg, `${name}.svg: npm run bench:growth:draw`).toBe(true);
  const names = charts.map(({ name }) => `${name}.svg`).sort();
  expect(readdirSync(growth).filter((name) => name.endsWith(".svg")).sort()).toEqual(names);
});

test("every chart stands in the text", () => {
  const text = readFileSync(join(bench, "README.md"), "utf8");
  for (const { name } of chartsIn(growth)) expect(text).toContain(`(growth/${name}.svg)`);
});

test("every point of every axis was measured, at every number of clients", () => {
  for (const axis of axes) {
    const { points } = figuresOf<ClusterPoint & GroupsPoint>(axis);
    const clients = [...new Set(points.map((point) => point.clients))];
    const wanted: readonly object[] = axis === "groups" ? groupsSettings : settings[axis];
    expect(points).toHaveLength(wanted.length * clients.length);
    for (const setting of wanted) for (const count of clients) expect(points).toContainEqual(expect.objectContaining({ ...setting, clients: count }));
  }
});

test("the axes reach as far as they should", () => {
  expect(settings.nodes.map(({ nodes }) => nodes)).toEqual([3, 5, 7]);
  expect(settings.values.map(({ valueBytes }) => valueBytes)).toEqual(expect.arrayContaining([256, 4_096, 65_536]));
  expect(settings.keys.map(({ keys }) => keys)).toEqual([1_000, 10_000, 100_000, 1_000_000]);
  expect(new Set(groupsSettings.map(({ groups }) => groups))).toEqual(new Set([1, 4, 16]));
});
