import { expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import { getVm } from "../../../src/machine/query.ts";
import type { RestartPolicy, VmRecord } from "../../../src/machine/records.ts";
import { restartDelayMs, steadyAfterMs } from "../../../src/machine/restart-policy.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

const off = { exit: { how: "guest-shutdown", code: 0, signal: null } } as const;
const crash = { exit: { how: "crash", code: 1, signal: null }, failure: "it crashed" } as const;
const web = (log: MachineLog) => getVm(log.state, "web") as VmRecord;
const again = (generation: number, attempt: number, uuid = "uuid-web"): Command => ({ kind: "vm-start", name: name("web"), again: { uuid, generation, attempt } });

function running(restart?: RestartPolicy): MachineLog {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(create("web", restart === undefined ? {} : { restart }));
  log.accept(report("web", "running", 1));
  return log;
}

test.each([
  [undefined, "failed", null],
  [{ when: "never", limit: 0, backoffMs: 100 }, "failed", null],
  [{ when: "on-failure", limit: 0, backoffMs: 100 }, "failed", 100],
  [{ when: "on-failure", limit: 0, backoffMs: 100 }, "stopped", null],
  [{ when: "always", limit: 0, backoffMs: 100 }, "stopped", 100],
] as const)("policy %o, %s by itself: wait %s", (restart, observed, delayMs) => {
  const log = running(restart);
  expect(restartDelayMs(web(log))).toBeNull();
  log.accept(report("web", observed, 1, observed === "failed" ? crash : off));
  expect(restartDelayMs(web(log))).toBe(delayMs);
  log.accept({ kind: "vm-stop", name: name("web"), force: false });
  log.accept(report("web", "stopped", 2, off));
  expect(restartDelayMs(web(log))).toBeNull();
});

test("the wait doubles, ends at five minutes, and the limit counts from the last start that somebody asked for", () => {
  const log = running({ when: "on-failure", limit: 12, backoffMs: 1_000 });
  for (let attempt = 1; attempt <= 12; attempt++) {
    log.accept(report("web", "failed", attempt, crash));
    expect(restartDelayMs(web(log))).toBe(Math.min(1_000 * 2 ** (attempt - 1), 300_000));
    log.accept(again(attempt, attempt));
  }
  log.accept(report("web", "failed", 13, crash));
  expect([web(log).attempts, restartDelayMs(web(log))]).toEqual([12, null]);
  log.accept({ kind: "vm-start", name: name("web") });
  expect(web(log)).not.toHaveProperty("attempts");
  log.accept(report("web", "failed", 14, crash));
  expect(restartDelayMs(web(log))).toBe(1_000);
});

test("a start by policy undoes nothing that was asked for meanwhile", () => {
  const log = running({ when: "always", limit: 0, backoffMs: 1 });
  expect(log.refuse(again(1, 1))).toContain("CONFLICT");
  log.accept(report("web", "failed", 1, crash));
  expect(log.refuse(again(1, 1, "uuid-other"))).toContain("CONFLICT");
  log.accept({ kind: "vm-stop", name: name("web"), force: false });
  log.accept(report("web", "stopped", 2, off));
  expect(log.refuse(again(1, 1))).toContain("CONFLICT");
  expect(web(log)).toMatchObject({ desired: "stopped", generation: 2 });
});

const steady = (generation: number, more: object = {}): Command => ({ kind: "steady-report", name: name("web"), uuid: "uuid-web", node: "n1", generation, ...more });

test("what has run for long enough has its starts counted anew, and waits as at first when it ends again", () => {
  const log = running({ when: "on-failure", limit: 3, backoffMs: 20_000 });
  expect(steadyAfterMs(web(log))).toBeNull();
  expect(log.accept(steady(1))).toMatchObject({ changed: false });
  for (const attempt of [1, 2, 3]) {
    log.accept(report("web", "failed", attempt, crash));
    log.accept(again(attempt, attempt));
    expect(steadyAfterMs(web(log))).toBeNull();
    log.accept(report("web", "running", attempt + 1));
    expect(steadyAfterMs(web(log))).toBe([60_000, 80_000, 160_000][attempt - 1]);
  }
  expect(log.refuse(steady(3))).toMatch(/^CONFLICT/);
  expect(log.refuse(steady(4, { node: "n2" }))).toMatch(/^CONFLICT/);
  expect(log.accept(steady(4))).toMatchObject({ changed: true });
  expect(log.accept(steady(4))).toMatchObject({ changed: false });
  expect([web(log).attempts, web(log).generation, log.vmChanges]).toEqual([undefined, 4, []]);
  log.accept(report("web", "failed", 4, crash));
  expect(restartDelayMs(web(log))).toBe(20_000);
  log.accept(again(4, 1));
  expect(log.refuse(steady(5))).toMatch(/^WRONG_STATE/);
});
