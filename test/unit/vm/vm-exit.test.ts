import { describe, expect, test } from "vitest";

import { shutdownReason, terminatingSignal } from "../../../src/vm/qemu-driver.ts";
import { type Evidence, tellExit } from "../../../src/vm/vm-exit.ts";

type Row = readonly [
  what: string,
  asked: Evidence["asked"],
  shutdown: Evidence["testimony"]["shutdown"],
  waited: Evidence["waited"],
  how: string,
];

const zero = { code: 0, signal: null };

describe("how a VM ended", () => {
  test.each<Row>([
    ["the guest obeyed", "stop", "guest-shutdown", zero, "host-stop"],
    ["the guest rebooted when asked to stop", "stop", "guest-reset", zero, "host-stop"],
    ["the guest obeyed at the last moment", "kill", "guest-shutdown", zero, "host-stop"],
    ["the guest powered off by itself", null, "guest-shutdown", zero, "guest-shutdown"],
    ["the guest rebooted by itself", null, "guest-reset", zero, "guest-reset"],
    ["the guest panicked", null, "guest-panic", zero, "crash"],
    ["the guest panicked while it was asked to stop", "stop", "guest-panic", zero, "crash"],
    ["the guest was asked by SIGTERM before it could hear", "stop", null, { code: null, signal: "SIGTERM" }, "host-stop"],
    ["QEMU was told to quit", "kill", "host-quit", zero, "host-kill"],
    ["the driver sent SIGTERM", "kill", "host-signal", zero, "host-kill"],
    ["somebody sent SIGTERM", null, "host-signal", zero, "signal"],
    ["somebody sent SIGTERM while the guest was asked", "stop", "host-signal", zero, "signal"],
    ["the driver sent SIGKILL", "kill", null, { code: null, signal: "SIGKILL" }, "host-kill"],
    ["the driver sent SIGKILL to an adopted VM", "kill", null, null, "host-kill"],
    ["somebody sent SIGKILL", null, null, { code: null, signal: "SIGKILL" }, "signal"],
    ["QEMU aborted", null, null, { code: null, signal: "SIGABRT" }, "crash"],
    ["the sandbox ended QEMU", null, null, { code: null, signal: "SIGSYS" }, "crash"],
    ["QEMU refused to start", null, null, { code: 1, signal: null }, "crash"],
    ["an adopted VM is gone without a word", null, null, null, "unknown"],
    ["exit code 0 without a word proves nothing", null, null, zero, "unknown"],
  ])("%s", (_, asked, shutdown, waited, how) => {
    expect(tellExit({ asked, testimony: { shutdown, signal: null }, waited, fenced: false }).how).toBe(how);
  });

  test.each<Row>([
    ["nobody knows more than that the watchdog killed it", null, null, null, "lease-expired"],
    ["the daemon saw the SIGKILL of the watchdog", null, null, { code: null, signal: "SIGKILL" }, "lease-expired"],
    ["daemon and watchdog killed at once", "kill", null, { code: null, signal: "SIGKILL" }, "lease-expired"],
    ["the guest had gone before the watchdog struck", "stop", "guest-shutdown", zero, "host-stop"],
    ["QEMU aborted before the watchdog struck", null, null, { code: null, signal: "SIGABRT" }, "crash"],
  ])("%s", (_, asked, shutdown, waited, how) => {
    expect(tellExit({ asked, testimony: { shutdown, signal: null }, waited, fenced: true }).how).toBe(how);
  });

  test("the signal is told by whoever knows it", () => {
    const testimony = { shutdown: "host-signal", signal: "SIGTERM" } as const;
    expect(tellExit({ asked: null, testimony, waited: zero, fenced: false })).toEqual({ how: "signal", code: 0, signal: "SIGTERM" });
  });

  test("QEMU's record and its stderr are read", () => {
    const record = [
      '{"QMP": {"version": {}}}',
      '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "POWERDOWN"}',
      '{"timestamp": {"seconds": 1, "microseconds": 3}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}',
      "",
    ].join("\r\n");
    expect(shutdownReason(record)).toBe("guest-shutdown");
    expect(shutdownReason("")).toBeNull();
    expect(shutdownReason('{"event": "SHUTDOWN", "da')).toBeNull();
    expect(terminatingSignal("qemu-system-x86_64: terminating on signal 15 from pid 1 (init)\n")).toBe("SIGTERM");
    expect(terminatingSignal("")).toBeNull();
  });
});
