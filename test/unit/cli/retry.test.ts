import { describe, expect, test } from "vitest";
import { type RequestKind, withRetries } from "../../../src/cli/retry.ts";
import { type ErrorCode, UserError } from "../../../src/errors.ts";
import { FakeClock } from "./fake-clock.ts";

/** Fails with the codes one after the other, then answers; the last code is repeated for ever when `forever`. */
function scripted(codes: readonly ErrorCode[], forever = false) {
  const clock = new FakeClock();
  const timeouts: number[] = [];
  const waits: string[] = [];
  const attempt = async (timeoutMs: number): Promise<string> => {
    timeouts.push(timeoutMs);
    const code = codes[timeouts.length - 1] ?? (forever ? codes.at(-1) : undefined);
    if (code === undefined) return "done";
    throw new UserError(code, `it is ${code}`, { group: "meta" });
  };
  const run = (kind: RequestKind, timeoutMs = 10_000) =>
    withRetries(attempt, { kind, timeoutMs, clock, onWait: ({ code }) => waits.push(code) });
  return { clock, timeouts, waits, run };
}

describe("a request", () => {
  test("that is answered is sent once", async () => {
    const { run, timeouts } = scripted([]);
    expect(await run("write")).toBe("done");
    expect(timeouts).toEqual([10_000]);
  });

  test("waits for a leader, longer each time, and tells of each reason once", async () => {
    const { run, clock, waits, timeouts } = scripted(["NO_LEADER", "NO_LEADER", "NOT_LEADER", "NOT_LEADER"]);
    expect(await run("write")).toBe("done");
    expect(clock.sleeps).toEqual([50, 100, 200, 400]);
    expect(waits).toEqual(["NO_LEADER", "NOT_LEADER"]);
    expect(timeouts.at(-1)).toBe(10_000 - 750);
  });

  test.each(["read", "write", "once"] as const)("without a leader to the end is NO_LEADER (%s)", async (kind) => {
    const { run, clock } = scripted(["NO_LEADER"], true);
    await expect(run(kind)).rejects.toMatchObject({ code: "NO_LEADER", exit: 4 });
    expect(clock.timeMs).toBeLessThanOrEqual(10_000);
    expect(clock.timeMs).toBeGreaterThan(8000);
  });

  test("that nobody listens to fails at once", async () => {
    const { run, timeouts } = scripted(["UNREACHABLE"], true);
    await expect(run("write")).rejects.toMatchObject({ code: "UNREACHABLE", exit: 7 });
    expect(timeouts).toHaveLength(1);
  });

  test("whose answer was lost is sent again, and a daemon that restarts is waited for", async () => {
    const { run } = scripted(["OUTCOME_UNKNOWN", "UNREACHABLE", "UNREACHABLE", "NO_LEADER"]);
    expect(await run("write")).toBe("done");
  });

  test("whose answer was lost is unknown to the end, whatever came last", async () => {
    const { run } = scripted(["OUTCOME_UNKNOWN", "UNREACHABLE"], true);
    await expect(run("write")).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN", exit: 5, message: expect.stringContaining("may or may not") });
  });

  test("whose session is gone after a lost answer is unknown", async () => {
    const { run } = scripted(["TIMEOUT", "SESSION_EXPIRED"]);
    await expect(run("write")).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN", place: { group: "meta" } });
  });

  test("a definite answer after a lost one is the answer", async () => {
    const { run } = scripted(["OUTCOME_UNKNOWN", "ALREADY_EXISTS"]);
    await expect(run("write")).rejects.toMatchObject({ code: "ALREADY_EXISTS", exit: 6 });
  });

  test("no quorum stays no quorum", async () => {
    const { run } = scripted(["NO_QUORUM"], true);
    await expect(run("write")).rejects.toMatchObject({ code: "NO_QUORUM", exit: 5 });
  });

  test("without an id is not sent again once it may have been done", async () => {
    const { run, timeouts } = scripted(["NOT_LEADER", "OUTCOME_UNKNOWN"]);
    await expect(run("once")).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(timeouts).toHaveLength(2);
  });

  test("a read that timed out is a timeout, not an unknown outcome", async () => {
    const { run } = scripted(["TIMEOUT"], true);
    await expect(run("read")).rejects.toMatchObject({ code: "TIMEOUT", exit: 5, message: "it is TIMEOUT" });
  });

  test.each(["NOT_FOUND", "CONFLICT", "NO_CAPACITY", "INVALID_ARGUMENT", "NOT_INITIALIZED", "REMOVED"] as const)(
    "%s is told at once",
    async (code) => {
      const { run, timeouts } = scripted([code], true);
      await expect(run("write")).rejects.toMatchObject({ code });
      expect(timeouts).toHaveLength(1);
    },
  );

  test("our own bugs pass through", async () => {
    const broken = async (): Promise<never> => {
      throw new TypeError("x is undefined");
    };
    await expect(withRetries(broken, { kind: "write", timeoutMs: 1000, clock: new FakeClock() })).rejects.toBeInstanceOf(TypeError);
  });
});
