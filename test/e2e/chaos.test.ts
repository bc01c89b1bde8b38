/**
 * Real daemons on hosts of their own under faults drawn from a seed (rows T4, R10, W6; reliability.md): kill -9, SIGSTOP,
 * partitions, one-way drops, loss, delay, full disks, EIO on fsync, slow disks, clocks that are wrong, members replaced.
 * `npm run chaos -- --minutes N --seed S` is the long form.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { ChaosReport } from "../chaos/chaos-run.ts";
import { whyNoHosts } from "../chaos/hosts.ts";

const why = whyNoHosts();
const seed = process.env["BLIXARD_SEED"] ?? String(Math.floor(Math.random() * 1e6));
const program = fileURLToPath(new URL("../chaos/chaos.ts", import.meta.url));

it.skipIf(why !== null)(`faults of every kind: nothing is lost, nothing is done twice${why === null ? ` (seed ${seed})` : ` (skipped: ${why})`}`, async () => {
  const args = ["--import", "tsx", program, "--minutes", "0.5", "--nodes", "3", "--every", "1", "--seed", seed, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  expect(status, `${stderr}\n${stdout}`).toBe(0);
  const report = JSON.parse(stdout) as ChaosReport;
  expect(report.problems).toEqual([]);
  expect(report.totalFaults).toBeGreaterThanOrEqual(10);
  expect(report.acknowledged).toBeGreaterThan(500);
  process.stdout.write(`chaos: ${report.totalFaults} faults, ${report.acknowledged} answers, ${report.linearizability}\n${report.traces}\n`);
}, 900_000);
