/** The axes of growth: what was measured again takes the place of what was measured before. */

import { expect, test } from "vitest";
import { type ClusterPoint, type GroupsPoint, inOrder, valueOn } from "../../../bench/growth-axes.ts";

test("points stand in the order of the axis, the later of two in place of the earlier", () => {
  const point = (nodes: number, clients: number, lowest: number) => ({ nodes, clients, lowest, valueBytes: 256, keys: 10_000 }) as ClusterPoint;
  const points = inOrder("nodes", [point(7, 64, 1), point(3, 256, 2), point(3, 64, 3), point(9, 64, 4), point(7, 64, 5)]);
  expect(points.map(({ nodes, clients, lowest }) => [nodes, clients, lowest])).toEqual([[3, 64, 3], [3, 256, 2], [7, 64, 5]]);
});

test("groups with one database and with their own are told apart", () => {
  const point = (groups: number, storage: "shared" | "own") => ({ groups, storage, clients: 64 }) as GroupsPoint;
  const points = inOrder("groups", [point(1, "own"), point(16, "shared"), point(1, "shared")]);
  expect(points.map(({ groups, storage }) => [groups, storage])).toEqual([[1, "shared"], [16, "shared"], [1, "own"]]);
});

test("each axis has its measure", () => {
  const setting = { nodes: 3, valueBytes: 256, keys: 1_000 };
  expect([valueOn("nodes", setting), valueOn("values", setting), valueOn("keys", setting)]).toEqual([3, 256, 1_000]);
});
