/**
 * A leader whose disk hangs makes way (rows R10, R4): its processor and network are well, so nothing but the disk says that
 * no write will ever be its own. The system calls that make a write durable are delayed in the live daemon.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { eventually, within } from "./eventually.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

/** Tracing a process that is no child of the tracer takes root, or a kernel without that restriction. */
const mayAttach = process.getuid?.() === 0 || readIfThere("/proc/sys/kernel/yama/ptrace_scope").trim() === "0";
const canTrace = mayAttach && spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_enter=1", "true"]).status === 0;

const run = useRun();
let cluster: Cluster;
let tracer: ChildProcess | null = null;

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "0";
}

function linesOf({ traces }: TestNode): string {
  return readdirSync(traces).map((file) => readFileSync(join(traces, file), "utf8")).join("");
}

/** From now on each sync of the node's disk takes a minute longer. */
async function stall(node: TestNode): Promise<void> {
  const syncs = "fsync,fdatasync";
  const args = ["-f", "-p", String(node.pid), "-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_enter=60000000`];
  const child = spawn("strace", args, { cwd: run.directory, stdio: ["ignore", "ignore", "pipe"] });
  tracer = child;
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  await eventually(() => said.includes(`Process ${node.pid} attached`), 90_000, "strace is attached");
}

/** The tracer goes, and with it the delays. */
async function unstall(): Promise<void> {
  const child = tracer;
  if (child === null) return;
  tracer = null;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await within(ended, 90_000, "strace ends");
}

describe.skipIf(!canTrace)(`a disk that hangs${canTrace ? "" : " (skipped: strace or ptrace is not there)"}`, () => {
  beforeAll(async () => {
    cluster = await run.cluster(3);
  });
  afterEach(unstall);

  test("ends the leadership of its node; the others write and read; then it comes back as a follower", async () => {
    const stalled = await cluster.leader();
    const others = cluster.nodes.filter((node) => node !== stalled);
    const [other] = others as [TestNode, TestNode];
    await other.json(["kv", "put", "/before", "1"]);
    await stall(stalled);
    // Something must be on its way to the disk: an idle leader needs none. Whether this is applied is left open.
    const started = performance.now();
    const write = other.cli(["kv", "put", "/during", "1", "--timeout", "30s"]);
    // Usually under two seconds.
    const next = await cluster.leader(90_000, others);
    process.stdout.write(`another leads ${((performance.now() - started) / 1000).toFixed(1)} s after the disk began to hang\n`);
    expect(next).not.toBe(stalled);
    // It said so itself, before it could hear of the other.
    expect(linesOf(stalled)).toMatch(/"event":"StepDown",[^\n]*"reason":"the disk stalled"/);
    await other.json(["kv", "put", "/after", "1"]);
    await other.json(["kv", "get", "/after", "--consistent"]);
    await write;
    await unstall();
    await cluster.converged();
    expect((await stalled.json(["kv", "get", "/after", "--consistent"])).value).toBe("1");
  });
});
