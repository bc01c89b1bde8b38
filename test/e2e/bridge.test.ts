/** VMs on a bridge of their worker (row V1), in a network namespace of the test's own. */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { killIfThere } from "./own-processes.ts";
import { expectRefusal, succeeded } from "./program.ts";
import { missingForQemu } from "./qemu-here.ts";
import { useRun } from "./run.ts";

const run = useRun();
const space = `blixard-bridge-${process.pid}`;
const bootMs = 180_000;
let cluster: Cluster;
let goes: (() => void) | undefined;

const ip = (...args: readonly string[]): string => execFileSync("ip", ["-n", space, ...args], { encoding: "utf8" });
const taps = (): readonly string[] => [...ip("-o", "link", "show").matchAll(/^\d+: (blx[0-9a-f]{12})[:@]/gm)].map(([, name]) => name!);
const inSpace = (...command: readonly string[]) => spawnSync("ip", ["netns", "exec", space, ...command], { encoding: "utf8", timeout: 60_000 });

/** Why there can be no such namespace here; null when there can. */
function missing(): string | null {
  const reason = missingForQemu();
  if (reason !== null) return reason;
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  const made = spawnSync("ip", ["netns", "add", space], { encoding: "utf8" });
  if (made.error !== undefined) return "the program ip is not installed";
  if (made.status !== 0) return `network namespaces cannot be made here: ${made.stderr.trim()}`;
  const tap = spawnSync("ip", ["-n", space, "tuntap", "add", "dev", "try0", "mode", "tap"], { encoding: "utf8" });
  if (tap.status === 0) return null;
  spawnSync("ip", ["netns", "del", space]);
  return `tap devices cannot be made here: ${tap.stderr.trim()}`;
}

const reason = missing();
if (reason !== null) process.stdout.write(`no VM is put on a bridge: ${reason}\n`);

beforeAll(async () => {
  if (reason !== null) return;
  // The namespace goes when this process ends, however it ends.
  const remover = spawn("sh", ["-c", 'cat >/dev/null; ip netns del "$0"', space], { detached: true, cwd: "/", stdio: ["pipe", "ignore", "ignore"] });
  remover.unref();
  goes = () => remover.stdin.end();
  ip("tuntap", "del", "dev", "try0", "mode", "tap");
  ip("link", "set", "lo", "up");
  ip("link", "add", "br0", "type", "bridge");
  ip("link", "set", "br0", "up");
  ip("addr", "add", "10.9.0.1/24", "dev", "br0");
  cluster = await run.cluster(1, { ...patientLeases, under: ["ip", "netns", "exec", space], isolated: true });
});

afterAll(() => goes?.());

test.skipIf(reason !== null)(
  "two VMs on a bridge reach each other and their host; their devices go with them, also after the death of all that knew of them",
  async () => {
    const [n1] = cluster.nodes;
    await n1!.json(["worker", "register"]);
    expect((await n1!.json(["worker", "list", "--consistent"])).workers).toMatchObject([{ bridges: ["br0"] }]);
    expectRefusal(await n1!.cli(["vm", "create", "lost", "--network", "bridge=br9"]), 6, "NO_CAPACITY", /has no bridge br9/);
    expectRefusal(await n1!.cli(["vm", "create", "both", "--network", "bridge=br0", "--publish", "8080:80"]), 2, "INVALID_ARGUMENT", /bridge/);

    const make = (name: string, at: number) => n1!.json(["vm", "create", name, "--memory", "96", "--network", `bridge=br0,address=10.9.0.${at}/24,gateway=10.9.0.1`, "--wait", "--timeout", `${bootMs}ms`]);
    await Promise.all([make("one", 11), make("two", 12)]);
    expect(taps()).toHaveLength(2);
    for (const tap of taps()) expect(ip("-d", "link", "show", "dev", tap)).toMatch(/master br0[^]*alias blixard VM [0-9a-f-]{36}/);

    succeeded(await n1!.cli(["vm", "exec", "one", "--", "sh", "-c", "mkdir /tmp/www; echo hello from one > /tmp/www/index.html; httpd -p 80 -h /tmp/www"]));
    const fetched = inSpace(process.execPath, "-e", "fetch('http://10.9.0.11/').then((r) => r.text()).then((t) => process.stdout.write(t))");
    expect(fetched.stdout, fetched.stderr).toBe("hello from one\n");
    const asked = await n1!.cli(["vm", "exec", "two", "--", "sh", "-c", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc 10.9.0.11 80 | tail -n 1"]);
    expect(asked.stdout, asked.stderr).toBe("hello from one\n");

    // One is stopped in order. Of the other, daemon, watchdog and VM die at once: nobody is left who would tidy up.
    await n1!.json(["vm", "stop", "one", "--wait", "--timeout", `${bootMs}ms`]);
    expect(taps()).toHaveLength(1);
    const { pid, uuid } = await cluster.vm("two");
    const { run: known } = await n1!.json(["vm", "inspect", "two"]);
    await n1!.kill9();
    killIfThere(known.watchdog.pid, "SIGKILL");
    killIfThere(pid, "SIGKILL");
    // A device of the same form that is nobody's: it stays.
    ip("tuntap", "add", "dev", "blxffffffffffff", "mode", "tap");
    await n1!.start();
    await eventually(async () => (await cluster.vm("two")).observed === "failed", 90_000, "the end of the VM is told");
    expect(taps()).toEqual(["blxffffffffffff"]);
    expect(readdirSync(join(n1!.dataDir, "vms", uuid))).not.toContain("tap.json");

    // The bridge goes after the worker has registered with it: a start fails with the truth.
    ip("link", "delete", "br0");
    expectRefusal(await n1!.cli(["vm", "start", "one", "--wait"]), 1, "DRIVER_FAILED", /VM one cannot be put on the bridge br0: this worker has no such bridge/);
    for (const name of ["one", "two"]) await n1!.json(["vm", "delete", name, "--wait"]);
    expect(taps()).toEqual(["blxffffffffffff"]);
  },
  bootMs * 2,
);
