/**
 * Services and tasks on real daemons (rows S4, W10): what ends is started again, what loses its worker comes up on another,
 * what takes too long is tried elsewhere, what is cancelled ends; and at no moment do two of one run. Processes are looked
 * at all the time, on the one machine that all nodes share here.
 */

import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { atThisPace, eventually } from "./eventually.ts";
import { type OwnProcess, processesIn } from "./own-processes.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;

// Short leases are not renewed in time by a busy machine: the slower, the longer.
const pace = Math.min(6, atThisPace(1));
const times = { lease: Math.ceil(3_000 * pace), budget: Math.ceil(1_500 * pace), failover: Math.ceil(5_000 * pace) };
const patienceMs = 90_000;

beforeAll(async () => {
  cluster = await run.cluster(3, {
    flags: ["--worker-lease", `${times.lease}ms`, "--kill-budget", `${times.budget}ms`, "--failover-after", `${times.failover}ms`],
  });
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
});

/** The processes of a program that sleeps so long: its number is its mark. */
function sleepersOf(mark: string): readonly OwnProcess[] {
  return processesIn(run.directory).filter(({ commandLine }) => commandLine.join(" ") === `sleep ${mark}`);
}

/** Looks at the processes of a program until it is told to stop; what it saw of two at once. */
function watch(mark: string): () => readonly string[] {
  const seen: string[] = [];
  const timer = setInterval(() => {
    const all = sleepersOf(mark);
    if (all.length > 1) seen.push(all.map(({ pid, directory }) => `${pid} in ${directory}`).join(" and "));
  }, 20);
  return () => {
    clearInterval(timer);
    return seen;
  };
}

/** Behind `--` everything is the program's. */
async function json(node: TestNode, args: readonly string[], program: readonly string[]): Promise<Json> {
  return succeeded(await node.cli([...args, "--json", "--", ...program])).json;
}

const statusOf = (kind: "service" | "task", name: string): Promise<Json> => cluster.any.json([kind, "status", name, "--consistent"]);

test("an attempt that takes too long is followed by one on another worker, and the last one decides", async () => {
  const two = watch("222222");
  const node = cluster.any;
  await json(node, ["task", "submit", "--name", "slow", "--node", "n2", "--attempts", "2", "--time-limit", "500ms", "--retry-backoff", "100ms"], ["sleep", "222222"]);
  expectRefusal(await node.cli(["task", "wait", "slow", "--timeout", "90s"]), 1, "DRIVER_FAILED");
  const task = await statusOf("task", "slow");
  expect(task).toMatchObject({ state: "timed-out", attempt: 2, exit: { how: "timed-out" }, failure: expect.stringContaining("longer than 500 ms") });
  expect(task.ownerId).not.toBe(cluster.node("n2").id);
  expect([two(), sleepersOf("222222")]).toEqual([[], []]);
});

test("a task is submitted once by its request id, tells how it ended and what it wrote, and a cancelled one ends", async () => {
  const node = cluster.any;
  const id = ["--request-id", "0b8f3c52-7d2e-4a53-9c1e-2f6d3a1b4c5d"];
  const submit = (by: TestNode): Promise<Json> => json(by, ["task", "submit", "--name", "once", ...id], ["sh", "-c", "echo said; exit 0"]);
  const first = await submit(node);
  const [other] = await cluster.followers();
  expect((await submit(other!)).task.uuid).toBe(first.task.uuid);
  await node.json(["task", "wait", "once", "--timeout", "90s"]);
  expect(await statusOf("task", "once")).toMatchObject({ state: "completed", exit: { how: "exited", code: 0 }, output: "said\n" });
  expectRefusal(await node.cli(["task", "cancel", "once"]), 6, "WRONG_STATE");

  await json(node, ["task", "submit", "--name", "long"], ["sleep", "333333"]);
  await eventually(() => sleepersOf("333333").length === 1, patienceMs, "the task runs");
  await node.json(["task", "cancel", "long", "--wait", "--timeout", "90s"]);
  expect([(await statusOf("task", "long")).state, sleepersOf("333333")]).toEqual(["cancelled", []]);
});

test("a service whose program is killed runs again; one whose worker is killed runs elsewhere, and never twice", async () => {
  const [owner] = await cluster.followers();
  const two = watch("111111");
  await json(owner!, ["service", "start", "web", "--node", owner!.name, "--restart-backoff", "100ms", "--wait", "--timeout", "90s"], ["sleep", "111111"]);
  const before = sleepersOf("111111");
  expect(before).toHaveLength(1);
  process.kill(before[0]!.pid, "SIGKILL");
  await eventually(async () => ((await statusOf("service", "web")).attempts ?? 0) > 0 && (await statusOf("service", "web")).state === "running", patienceMs, "the service runs again");
  expect(sleepersOf("111111").map(({ pid }) => pid)).not.toEqual([before[0]!.pid]);

  await owner!.kill9();
  await eventually(
    async () => {
      const { state, ownerId } = await statusOf("service", "web");
      return state === "running" && ownerId !== owner!.id;
    },
    patienceMs,
    `the service runs without ${owner!.name}`,
  );
  expect(sleepersOf("111111")).toHaveLength(1);
  expect((await cluster.any.json(["vm", "list"])).vms).toEqual([]);
  expect((await cluster.any.json(["service", "list", "--consistent"])).services).toMatchObject([{ name: "web", state: "running" }]);
  succeeded(await cluster.any.cli(["service", "remove", "web", "--wait", "--timeout", "90s"]));
  expect([two(), sleepersOf("111111")]).toEqual([[], []]);
  await owner!.start();
});
