/** One real microVM under QEMU, through the whole path (rows V1, V2, V4, P5). */

import { spawn, spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually, within } from "./eventually.ts";
import { guestsIn } from "./evidence.ts";
import { freeAddress } from "./free-port.ts";
import { isAlive } from "./own-processes.ts";
import { type Json, expectRefusal, programFile, succeeded } from "./program.ts";
import { missingForQemu } from "./qemu-here.ts";
import { useRun } from "./run.ts";

const run = useRun();
let cluster: Cluster;
/** Ten times and more what it takes on an idle machine. */
const bootMs = 180_000;

const reason = missingForQemu();

/** Pipes words into a command and ends its stdin when it has answered; it must end well then. */
async function converse(address: string, args: readonly string[], words: string, answer: RegExp): Promise<void> {
  const child = spawn(process.execPath, [programFile, ...args], { env: { ...process.env, BLIXARD_ADDR: address }, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stdin.write(words);
  try {
    await eventually(() => answer.test(said), bootMs, `an answer like ${answer}`);
    child.stdin.end();
    expect(await within(ended, bootMs, "the command ends with its input")).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
}

/** Sits at a terminal of the command's own: waits for what it says, types the answer; it must end with `status`. */
async function atTerminal(address: string, args: readonly string[], talk: readonly (readonly [RegExp, string])[], status: number): Promise<void> {
  const command = [process.execPath, programFile, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"], { env: { ...process.env, BLIXARD_ADDR: address }, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  let heard = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  try {
    for (const [heardOf, typed] of talk) {
      await eventually(() => heardOf.test(said.slice(heard)), bootMs, `${args.join(" ")} says ${heardOf}, it said: ${said.slice(-500)}`);
      heard = said.length;
      child.stdin.write(typed);
    }
    expect(await within(ended, bootMs, `${args.join(" ")} ends`), said).toBe(status);
  } finally {
    child.kill("SIGKILL");
  }
}

beforeAll(async () => {
  cluster = await run.cluster(1, patientLeases);
  await cluster.work();
});

test.skipIf(reason !== null)(
  "a microVM boots, outlives its daemon, shuts down when asked to, and is gone",
  async () => {
    const [n1] = cluster.nodes;
    const { drivers } = await n1!.json(["node", "status"]);
    expect(drivers.find(({ name }: Json) => name === "qemu")).toMatchObject({ available: true });

    const web = await freeAddress();
    const created = await n1!.json(["vm", "create", "micro", "--driver", "qemu", "--memory", "192", "--publish", `${web}:80`, "--wait", "--timeout", `${bootMs}ms`]);
    expect(created.vm).toMatchObject({ observed: "running", driver: "qemu" });
    const { pid, uuid } = await cluster.vm("micro");
    const [guest] = guestsIn(run.directory, uuid);
    expect(guest?.pid).toBe(pid);
    expect(guest?.commandLine.join(" ")).toMatch(/qemu-system-x86_64 .*microvm/);
    expect(succeeded(await n1!.cli(["vm", "logs", "micro"])).stdout).toMatch(/blixard-guest: ready/);

    const kernel = succeeded(await n1!.cli(["vm", "exec", "micro", "--", "uname", "-nr"])).stdout;
    expect(kernel).toMatch(/^micro \d+\..*cloud-amd64\n$/);

    const piped = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at % 251));
    const through = spawnSync(process.execPath, [programFile, "vm", "exec", "-i", "micro", "--", "sh", "-c", "base64; exit 9"], { input: piped, env: { ...process.env, BLIXARD_ADDR: n1!.address } });
    expect([Buffer.from(through.stdout.toString(), "base64").equals(piped), through.status]).toEqual([true, 9]);

    const serve = "mkdir /tmp/www; echo hello > /tmp/www/index.html; httpd -p 80 -h /tmp/www";
    succeeded(await n1!.cli(["vm", "exec", "micro", "--", "sh", "-c", serve]));
    expect(await (await fetch(`http://${web}/`)).text()).toBe("hello\n");

    expectRefusal(await n1!.cli(["vm", "console", "micro"]), 2, "INVALID_ARGUMENT", /terminal/);
    await converse(n1!.address, ["vm", "console", "micro"], "\necho $((40 + 2))\n", /^42\r?$/m);

    await atTerminal(n1!.address, ["vm", "console", "micro", "--show-log"], [
      [/blixard-guest: ready[^]*Ctrl-\]|Ctrl-\][^]*blixard-guest: ready/, "\r"],
      [/# (\u001b\[6n)?$/m, "echo $((40 + 3))\r"], // the shell asks where the cursor is
      [/^43\r?$/m, "\u001d"],
    ], 0);
    await atTerminal(n1!.address, ["vm", "delete", "micro"], [[/Type micro to go on: /, "no\r"]], 2);
    expect(await cluster.vm("micro")).toMatchObject({ observed: "running", desired: "running" });

    await n1!.kill9();
    await n1!.start();
    expect(await cluster.vm("micro")).toMatchObject({ pid, observed: "running" });
    expect(isAlive(pid)).toBe(true);

    await n1!.json(["vm", "stop", "micro", "--wait", "--timeout", `${bootMs}ms`]);
    expect(await cluster.vm("micro")).toMatchObject({ observed: "stopped", pid: null, exit: { how: "host-stop" } });
    expect(isAlive(pid)).toBe(false);
    await n1!.json(["vm", "delete", "micro", "--wait"]);
    expect((await n1!.json(["vm", "list", "--consistent"])).vms).toEqual([]);
  },
  bootMs * 2 + 60_000,
);
