import { expect, test } from "vitest";
import { parseDrift } from "../../../src/cli/drift.ts";
import { parseConfig } from "../../../src/node/config.ts";
import type { DaemonOptions } from "../../../src/node/config.ts";

const given: DaemonOptions = { name: "n1", listen: "127.0.0.1:7100", dataDir: "/tmp/n1" };

test("times have defaults that fit together, and no leases are held", () => {
  const { raft, diskStallMs } = parseConfig(given);
  expect(raft).toMatchObject({ heartbeatMs: 50, electionTimeoutMs: 300, clockDriftPpm: null });
  expect(diskStallMs).toBe(900);
  expect(parseConfig({ ...given, electionTimeoutMs: 1_000 }).diskStallMs).toBe(3_000);
});

test.each<readonly [string, Partial<DaemonOptions>]>([
  ["a heartbeat longer than half the election timeout", { heartbeatMs: 200 }],
  ["a bound on writes shorter than the election timeout", { diskStallMs: 299 }],
  ["a bound on writes of more than a minute", { diskStallMs: 60_001 }],
  ["clocks that do not drift at all", { clockDriftPpm: 0 }],
  ["clocks that drift by more than a fifth", { clockDriftPpm: 200_001 }],
  ["half a millionth", { clockDriftPpm: 1.5 }],
])("%s is refused", (_what, options) => {
  expect(() => parseConfig({ ...given, ...options })).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
});

test("drift is written as a percentage, and rounded up", () => {
  expect([parseDrift("0.1%"), parseDrift("20%"), parseDrift("0.00015%")]).toEqual([1_000, 200_000, 2]);
  for (const wrong of ["0%", "21%", "1", "-1%", "1 %", "", "NaN%"]) {
    expect(() => parseDrift(wrong), wrong).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});
