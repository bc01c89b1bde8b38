import { expect, test } from "vitest";
import type { VmRecord } from "../../../src/machine/records.ts";
import { isElsewhere } from "../../../src/node/left-behind.ts";

const vm = (part: Partial<VmRecord> = {}): VmRecord => ({ owner: "n2", observed: "running", generation: 4, observedGeneration: 4, ...part }) as VmRecord;

test("what a VM left is removed once it has answered elsewhere, and not while it may be coming here", () => {
  expect(isElsewhere(vm(), "n1")).toBe(true);
  expect(isElsewhere(vm({ observed: "stopped" }), "n1")).toBe(true);
  expect(isElsewhere(vm(), "n2")).toBe(false);
  expect(isElsewhere(vm({ observedGeneration: 3 }), "n1")).toBe(false);
  expect(isElsewhere(vm({ observed: "starting" }), "n1")).toBe(false);
  expect(isElsewhere(vm({ observed: "pending" }), "n1")).toBe(false);
  expect(isElsewhere(vm({ owner: "" }), "n1")).toBe(false);
  expect(isElsewhere(vm({ migration: { to: "n1", restart: true, sinceIndex: 1 } }), "n1")).toBe(false);
});
