// What the demo is made of: commands run as an operator would, steps told with their time, conditions waited for.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./blixard.js", import.meta.url));

/** Something that should have been true is not. */
export class DemoFailure extends Error {}

/** Runs a command with --json; resolves to what it prints, rejects with what it says when it fails. */
export function blixard(args) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args, "--json"], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const answer = parse(stdout);
      if (error === null && answer !== undefined) return resolve(answer);
      const said = answer?.error?.message ?? (stderr.trim() || stdout.trim());
      return reject(new DemoFailure(`blixard ${args.join(" ")}: ${said} (exit ${error?.code ?? 0})`));
    });
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asks until `condition` answers something, at most `deadlineMs`. */
export async function eventually(what, deadlineMs, condition) {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new DemoFailure(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Ports of loopback that nobody uses now. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** False also for a process that has ended and that its parent has not asked for yet. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export async function kill9(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
  await eventually(`pid ${pid} ends`, 5_000, () => (isAlive(pid) ? undefined : true));
}

/** Tells each step, how long it took and what came of it. */
export class Narrator {
  #startedMs = performance.now();
  #steps = [];

  say(text) {
    console.log(`           ${text}`);
  }

  async step(title, work) {
    const from = performance.now();
    const result = await work();
    const took = performance.now() - from;
    const { text, value } = typeof result === "object" ? result : { text: result, value: undefined };
    this.#steps.push({ title, took });
    console.log(`${(took / 1000).toFixed(2).padStart(7)} s  ${title}\n           ${text}`);
    return value;
  }

  summary(driver) {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const slowest = this.#steps.reduce((most, step) => (step.took > most.took ? step : most));
    console.log("");
    console.log(`All of it held: ${this.#steps.length} steps in ${seconds.toFixed(1)} s, driver ${driver}.`);
    console.log(`The longest was "${slowest.title}" with ${(slowest.took / 1000).toFixed(1)} s.`);
  }

  failed(error, root) {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    console.log("");
    console.log(`Failed after ${seconds.toFixed(1)} s, in step ${this.#steps.length + 1}:`);
    console.log(error instanceof DemoFailure ? error.message : error);
    console.log(`Data, logs and traces are kept in ${root}.`);
  }
}
