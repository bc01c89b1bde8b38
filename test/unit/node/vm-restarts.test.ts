import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UserError } from "../../../src/errors.ts";
import type { Command } from "../../../src/machine/commands.ts";
import type { VmRecord } from "../../../src/machine/records.ts";
import { VmRestarts } from "../../../src/node/vm-restarts.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const policy = { when: "on-failure", limit: 0, backoffMs: 1_000 };
const vm = (part: Partial<VmRecord>): VmRecord => ({ spec: { name: "web", restart: policy }, uuid: "u", owner: "n1", desired: "running", observed: "running", generation: 3, observedGeneration: 3, attempts: 2, ...part }) as VmRecord;

function started(fails = 0): { restarts: VmRestarts; sent: Command[] } {
  const sent: Command[] = [];
  let left = fails;
  const submit = async ({ command }: { command: Command }): Promise<unknown> => {
    sent.push(command);
    if (left-- > 0) throw new UserError("NO_LEADER", "nobody leads");
    return { ok: true, index: 1, value: {} };
  };
  const log = { info: () => undefined, warn: () => undefined };
  return { restarts: new VmRestarts({ requests: { submit }, log } as unknown as ConstructorParameters<typeof VmRestarts>[0]), sent };
}

test("what runs for a minute after it was started again is called steady, once; nothing is said of what never ended", async () => {
  const { restarts, sent } = started();
  restarts.look([vm({}), vm({ uuid: "calm", attempts: 0 })]);
  await vi.advanceTimersByTimeAsync(59_000);
  restarts.look([vm({})]);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual([{ kind: "steady-report", name: "web", uuid: "u", node: "n1", generation: 3 }]);
  restarts.look([vm({ attempts: 0 })]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(sent).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("what ends before that is started again instead, and its minute begins anew; without a leader it is said later", async () => {
  const { restarts, sent } = started(2);
  restarts.look([vm({})]);
  await vi.advanceTimersByTimeAsync(50_000);
  restarts.look([vm({ observed: "failed" })]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(sent).toMatchObject([{ kind: "vm-start", again: { generation: 3, attempt: 3 } }]);
  restarts.look([vm({ generation: 4, observedGeneration: 4, attempts: 3 })]);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent.slice(1)).toMatchObject([{ kind: "steady-report", generation: 4 }, { kind: "steady-report", generation: 4 }]);
  restarts.stop();
  expect(vi.getTimerCount()).toBe(0);
});
