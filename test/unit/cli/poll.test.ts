import { describe, expect, test } from "vitest";
import { type Look, pollUntil } from "../../../src/cli/poll.ts";
import { UserError } from "../../../src/errors.ts";
import { FakeClock } from "./fake-clock.ts";

function poll(looks: readonly (Look<string> | Error)[], timeoutMs = 1000) {
  const clock = new FakeClock();
  const states: string[] = [];
  let count = 0;
  const look = async (): Promise<Look<string>> => {
    const seen = looks[Math.min(count, looks.length - 1)];
    count += 1;
    if (seen === undefined || seen instanceof Error) throw seen ?? new Error("no look");
    return seen;
  };
  const result = pollUntil(look, { goal: "VM web to run", timeoutMs, clock, onState: (state) => states.push(state) });
  return { result, clock, states };
}

const standing = (state: string): Look<string> => ({ done: false, state });

describe("waiting for a state", () => {
  test("ends when it is reached and tells each state once", async () => {
    const { result, states } = poll([standing("pending"), standing("pending"), standing("starting"), { done: true, value: "running" }]);
    expect(await result).toBe("running");
    expect(states).toEqual(["pending", "starting"]);
  });

  test("ends at its time with the last known state", async () => {
    const { result, clock } = poll([standing("pending"), standing("starting")]);
    await expect(result).rejects.toMatchObject({
      code: "TIMEOUT",
      exit: 5,
      message: "waited 1 s for VM web to run; the last known state: starting",
    });
    expect(clock.timeMs).toBe(1000);
  });

  test("goes on where a look fails in passing", async () => {
    const { result, states } = poll([new UserError("NO_LEADER", "no leader"), { done: true, value: "running" }]);
    expect(await result).toBe("running");
    expect(states).toEqual(["no leader"]);
  });

  test("ends where a look fails for good", async () => {
    await expect(poll([new UserError("NOT_FOUND", "there is no VM web")]).result).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
