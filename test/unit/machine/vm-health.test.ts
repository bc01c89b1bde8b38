import { describe, expect, test } from "vitest";
import { eventsAfter } from "../../../src/machine/events.ts";
import { healthOf } from "../../../src/machine/health.ts";
import type { Command, HealthReport } from "../../../src/machine/commands.ts";
import { getVm } from "../../../src/machine/query.ts";
import type { HealthCheck, HealthProbe, VmRecord } from "../../../src/machine/records.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

const web = (log: MachineLog) => getVm(log.state, "web") as VmRecord;
const check = (probe: HealthProbe = { kind: "process" }): HealthCheck => ({ probe, intervalMs: 1_000, timeoutMs: 500, threshold: 3 });

function found(health: HealthReport["health"], generation: number, more: Partial<HealthReport> = {}): Command {
  return { kind: "health-report", name: name("web"), uuid: "uuid-web", node: "n1", generation, health, detail: health === "healthy" ? "" : "it does not answer", ...more };
}

function running(health?: HealthCheck): MachineLog {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(create("web", health === undefined ? {} : { health }));
  log.accept(report("web", "running", 1));
  return log;
}

function told(log: MachineLog): readonly string[] {
  return eventsAfter(log.state, 0, Infinity).events.filter(({ kind }) => kind === "vm").map(({ what, text }) => (text.includes("answer") ? `${what}: ${text}` : what));
}

test("health is unknown until it is told, told on change only, and changes neither wish nor observation", () => {
  const log = running(check());
  expect(healthOf(web(log))).toBe("unknown");
  const { health: _, changedIndex: __, ...before } = web(log);
  expect(log.accept(found("healthy", 1))).toMatchObject({ changed: true, generation: 1 });
  expect(log.accept(found("healthy", 1))).toMatchObject({ changed: false });
  expect(log.accept(found("unhealthy", 1))).toMatchObject({ changed: true });
  expect(healthOf(web(log))).toBe("unhealthy");
  expect(web(log)).toMatchObject(before);
  expect(told(log)).toEqual(["created", "running", "healthy", "unhealthy: it does not answer"]);
});

test("what was found of one generation says nothing of the next", () => {
  const log = running(check());
  log.accept(found("healthy", 1));
  log.accept({ kind: "vm-restart", name: name("web"), force: false });
  expect(healthOf(web(log))).toBe("unknown");
  expect(log.refuse(found("unhealthy", 1))).toContain("CONFLICT");
  expect(log.refuse(found("healthy", 2))).toContain("WRONG_STATE");
  log.accept(report("web", "running", 2));
  expect(healthOf(web(log))).toBe("unknown");
  log.accept(found("healthy", 2));
  expect([healthOf(web(log)), told(log).filter((what) => what === "healthy").length]).toEqual(["healthy", 2]);
});

test("only the owner tells, of the VM that is there and runs, and that has a check", () => {
  const log = running(check());
  expect(log.refuse(found("healthy", 1, { node: "n2" }))).toContain("CONFLICT");
  expect(log.refuse(found("healthy", 1, { uuid: "uuid-other" }))).toContain("CONFLICT");
  expect(log.refuse(found("healthy", 1, { name: name("db") }))).toContain("NOT_FOUND");
  expect(log.refuse({ ...found("healthy", 1), health: "unknown" } as unknown as Command)).toContain("INVALID_ARGUMENT");
  log.accept(report("web", "failed", 1, { exit: { how: "crash", code: 1, signal: null }, failure: "it crashed" }));
  expect(log.refuse(found("healthy", 1))).toContain("WRONG_STATE");
  const without = running();
  expect(healthOf(web(without))).toBeNull();
  expect(without.refuse(found("healthy", 1))).toContain("WRONG_STATE");
});

describe("a check", () => {
  test.each<readonly [string, unknown]>([
    ["of no kind", check({ kind: "ping" } as unknown as HealthProbe)],
    ["with a field of another kind", check({ kind: "process", port: 1 } as unknown as HealthProbe)],
    ["without its port", check({ kind: "tcp" } as unknown as HealthProbe)],
    ["of port 0", check({ kind: "tcp", port: 0 })],
    ["of a path that ends the line", check({ kind: "http", port: 80, path: "/\r\nhost:x" })],
    ["of a path with a blank", check({ kind: "http", port: 80, path: "/a b" })],
    ["of a relative path", check({ kind: "http", port: 80, path: "a" })],
    ["of no text", check({ kind: "console", text: "" })],
    ["of two lines", check({ kind: "console", text: "a\nb" })],
    ["of no command", check({ kind: "exec", argv: [] })],
    ["all the time", { ...check(), intervalMs: 0 }],
    ["without a timeout", { ...check(), timeoutMs: 0 }],
    ["without a threshold", { ...check(), threshold: 0 }],
    ["with more", { ...check(), shell: true }],
  ])("%s is refused", (_, health) => {
    const log = MachineLog.started();
    log.accept(worker("n1"));
    expect(log.refuse(create("web", { health: health as HealthCheck }))).toContain("INVALID_ARGUMENT");
  });

  test.each<HealthProbe>([
    { kind: "process" },
    { kind: "console", text: "up and running" },
    { kind: "tcp", port: 80 },
    { kind: "http", port: 80, path: "/ready?all=1" },
    { kind: "exec", argv: ["test", "-e", "/run/ready"] },
  ])("%o is kept as it was asked for", (probe) => {
    expect(web(running(check(probe))).spec.health).toEqual(check(probe));
  });

  test("over the network needs a port that leads to the guest, unless the guest is a process of the worker", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { drivers: ["qemu"] }));
    const health = check({ kind: "tcp", port: 80 });
    const publish = [{ protocol: "tcp" as const, address: "127.0.0.1", port: 8_080, guestPort: 80 }];
    expect(log.refuse(create("web", { driver: "qemu", health }))).toMatch(/INVALID_ARGUMENT.*port 80/s);
    expect(log.refuse(create("web", { driver: "qemu", health, publish: [{ ...publish[0]!, protocol: "udp" }] }))).toContain("INVALID_ARGUMENT");
    log.accept(create("web", { driver: "qemu", health, publish }));
  });
});
