/**
 * Chaos with real daemons: `npm run chaos -- --minutes N --seed S`. Hosts are network namespaces, disks small file systems;
 * faults are drawn from the seed. Ends with 0 when every judge accepts, 1 when not, 2 when this machine cannot do it.
 */

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { endProcessesIn, guardProcessesIn } from "../e2e/own-processes.ts";
import { ChaosNode, canSkewClocks } from "./chaos-node.ts";
import { type ChaosReport, ChaosRun } from "./chaos-run.ts";
import { Hosts, clientHost, whyNoHosts } from "./hosts.ts";
import { type FaultKind, faultKinds } from "./schedule.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "6" },
    seed: { type: "string", default: process.env["BLIXARD_SEED"] ?? "1" },
    nodes: { type: "string", default: "5" },
    every: { type: "string", default: "1.5" },
    faults: { type: "string", default: faultKinds.join(",") },
    json: { type: "boolean", default: false },
    // Said by the first process to the second, which runs on the host of the clients.
    inside: { type: "string" },
    prefix: { type: "string", default: `blx${process.pid}` },
  },
});

const sizes = { members: Number(values.nodes), spare: 3 + Math.min(12, Math.ceil(2 * Number(values.minutes))) };
const hostCount = 1 + sizes.members + sizes.spare;
const diskMib = 320;
const here = fileURLToPath(import.meta.url);

function refuse(message: string): never {
  process.stderr.write(`chaos: ${message}\n`);
  process.exit(2);
}

function kindsNamed(): readonly FaultKind[] {
  const kinds = values.faults.split(",").map((word) => faultKinds.find((kind) => kind === word) ?? refuse(`there is no fault ${word}; known are ${faultKinds.join(", ")}`));
  if (canSkewClocks || !kinds.includes("clock-skew")) return kinds;
  process.stderr.write("chaos: clocks are not skewed: libfaketime is not installed (apt-get install libfaketime)\n");
  return kinds.filter((kind) => kind !== "clock-skew");
}

const diskOf = (directory: string, host: number): string => join(directory, `disk-${host}`);

/** Makes hosts and disks, and runs this program again on the host of the clients. */
async function outside(): Promise<number> {
  const why = whyNoHosts();
  if (why !== null) refuse(why);
  kindsNamed();
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "blixard-chaos-")));
  const lastWill = guardProcessesIn(directory);
  const hosts = new Hosts(values.prefix, hostCount);
  const disks = Array.from({ length: hostCount }, (_, host) => diskOf(directory, host));
  const removeHosts = hosts.make();
  let status = 1;
  try {
    for (const disk of disks) {
      mkdirSync(disk);
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskMib}m,mode=700`, "tmpfs", disk], { encoding: "utf8" });
      if (mounted.status !== 0) refuse(`a small disk cannot be made: ${mounted.stderr}`);
    }
    status = await runInside(hosts, directory);
  } finally {
    await endProcessesIn(directory);
    if (status === 0 || status === 2) {
      for (const disk of disks) spawnSync("umount", ["-l", disk]);
      rmSync(directory, { recursive: true, force: true });
    } else {
      process.stderr.write(`chaos: the data of this run is kept in ${directory} (its disks are mounted there)\n`);
    }
    removeHosts();
    lastWill();
  }
  return status;
}

function runInside(hosts: Hosts, directory: string): Promise<number> {
  const proxy = delayProxy(hosts, directory);
  const [command = "", ...rest] = [...hosts.under(clientHost), process.execPath, ...process.execArgv, here, ...process.argv.slice(2), "--inside", directory, "--prefix", values.prefix];
  const child = spawn(command, rest, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once("exit", (code) => {
      proxy.stdin?.end();
      resolve(code ?? 1);
    });
  });
}

function delayProxy(hosts: Hosts, directory: string): ReturnType<typeof spawn> {
  const [command = "", ...rest] = [...hosts.underBridge, process.execPath, ...process.execArgv, join(here, "../delay-proxy.ts"), String(hostCount)];
  return spawn(command, rest, { stdio: ["pipe", "inherit", "inherit"], cwd: directory });
}

async function inside(directory: string): Promise<number> {
  const hosts = new Hosts(values.prefix, hostCount);
  const nodes = Array.from({ length: hostCount - 1 }, (_, at) => new ChaosNode(at + 1, hosts, directory, diskOf(directory, at + 1)));
  const began = performance.now();
  const say = (line: string): void => void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
  const run = new ChaosRun(
    {
      directory, seed: Number(values.seed), nodes: sizes.members, durationMs: Number(values.minutes) * 60_000,
      everyMs: Number(values.every) * 1_000, kinds: kindsNamed(), say,
    },
    hosts,
    nodes.slice(0, sizes.members),
    nodes.slice(sizes.members),
  );
  const report = await run.run();
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : textOf(report));
  return report.problems.length === 0 ? 0 : 1;
}

function textOf(report: ChaosReport): string {
  const { seed, seconds, faults, totalFaults, acknowledged, unknown, longestSilenceMs, silenceEndedAtMs, wholeAfterMs, linearizability, traces, problems } = report;
  return [
    `seed ${seed}: ${totalFaults} faults in ${seconds} s: ${Object.entries(faults).map(([kind, count]) => `${kind} ${count}`).join(", ")}`,
    `clients       ${acknowledged} answered, ${unknown} of unknown outcome; longest time without a write ${longestSilenceMs} ms, until ${(silenceEndedAtMs / 1_000).toFixed(1)} s`,
    `whole again   after ${wholeAfterMs} ms, equal digests everywhere`,
    `history       ${linearizability}`,
    `traces        ${traces}`,
    problems.length === 0 ? "nothing was lost, nothing was done twice" : `BROKEN:\n${problems.join("\n")}`,
    "",
  ].join("\n");
}

process.exitCode = values.inside === undefined ? await outside() : await inside(values.inside);
