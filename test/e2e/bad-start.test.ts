/** Daemons that must not start, and disks that must not be believed (issue: Bad input; rows R10, O3; reliability 6). */

import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { freeAddress } from "./free-port.ts";
import { type Outcome, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;
let n1: TestNode;

const needle = "needle-in-the-database";
const written = 20;

beforeAll(async () => {
  cluster = await run.cluster(1);
  n1 = cluster.node("n1");
  for (let at = 0; at < written; at++) await n1.json(["kv", "put", `/needle/${at}`, `${needle}-${at}`]);
});

/** A daemon that is expected not to start: in the foreground, so that its exit status is its own. */
async function start(dataDir: string, options: { readonly id?: string; readonly listen?: string; readonly daemon?: boolean } = {}): Promise<Outcome> {
  const { id = "n1", listen = await freeAddress(), daemon = false } = options;
  const args = ["node", "start", "--id", id, "--listen", listen, "--data-dir", dataDir];
  return run.cli(daemon ? [...args, "--daemon", "--timeout", "60s"] : args, { deadlineMs: 120_000 });
}

test("a second daemon on the same directory, in the foreground and in the background", async () => {
  for (const daemon of [false, true]) {
    expectRefusal(await start(n1.dataDir, { daemon }), 6, "DATA_DIR_LOCKED", new RegExp(`pid ${n1.pid}`));
  }
  expect((await n1.json(["kv", "get", "/needle/3", "--consistent"])).value).toBe(`${needle}-3`);
});

test("a port that somebody has", async () => {
  const directory = join(run.directory, "no-port");
  expectRefusal(await start(directory, { id: "n2", listen: n1.address }), 6, "PORT_IN_USE", new RegExp(n1.address));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  expectRefusal(await start(directory, { id: "n2", listen: `127.0.0.1:${port}`, daemon: true }), 6, "PORT_IN_USE");
  server.close();
});

test("names, addresses and directories that cannot be", async () => {
  const file = join(run.directory, "a-file");
  writeFileSync(file, "no directory");
  const anywhere = join(run.directory, "anywhere");
  expectRefusal(await start(anywhere, { id: "No Name" }), 2, "INVALID_ARGUMENT");
  expectRefusal(await start(anywhere, { listen: "0.0.0.0:7100" }), 2, "INVALID_CONFIG", /listen/);
  expectRefusal(await start(anywhere, { listen: "nowhere" }), 2, "INVALID_ARGUMENT");
  expectRefusal(await start(file), 2, "INVALID_CONFIG", /a-file cannot be used/);
  expectRefusal(await start(join(file, "below")), 2, "INVALID_CONFIG", /cannot be used/);
  // Nobody may make a directory there, not even root.
  expectRefusal(await start("/sys/blixard"), 2, "INVALID_CONFIG", /cannot be used/);
  expectRefusal(await run.cli(["node", "start", "--id", "n1"]), 2, "INVALID_ARGUMENT", /data-dir/);
  for (const daemon of [false, true]) expectRefusal(await start("/proc/none", { daemon }), 2, "INVALID_CONFIG", /cannot be used/);
});

test("the directory of another node, and one that others can read", async () => {
  const other = await (await cluster.make("other")).start();
  await other.stop();
  expectRefusal(await start(other.dataDir, { id: "n7" }), 6, "DATA_DIR_FOREIGN", /belongs to node other/);
  chmodSync(other.dataDir, 0o755);
  expectRefusal(await start(other.dataDir, { id: "other" }), 2, "INVALID_CONFIG", /chmod 700/);
  chmodSync(other.dataDir, 0o700);
  await other.start();
  expect(statSync(other.dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(other.dataDir, "blixard.db")).mode & 0o777).toBe(0o600);
  await other.stop();
});

test("a member of one cluster cannot join another, nor found one", async () => {
  const elsewhere = await run.cluster(1);
  const stranger = elsewhere.any;
  const { token } = await n1.json(["cluster", "token", "n1"]);
  expectRefusal(await stranger.cli(["cluster", "join", n1.address, "--token", token]), 6, ["ALREADY_EXISTS", "DATA_DIR_FOREIGN"]);
  expectRefusal(await stranger.cli(["cluster", "init"]), 6, "ALREADY_EXISTS");
  const { members } = await n1.json(["cluster", "members"]);
  expect(members).toHaveLength(1);
});

/** A copy of the database of n1, which is stopped, with some damage. */
function damaged(name: string, damage: (path: string, bytes: Buffer) => void): string {
  const directory = join(run.directory, `damaged-${name}`);
  mkdirSync(directory, { mode: 0o700 });
  for (const file of ["blixard.db", "staging.db"]) copyFileSync(join(n1.dataDir, file), join(directory, file));
  const path = join(directory, "blixard.db");
  damage(path, readFileSync(path));
  return directory;
}

function flip(path: string, bytes: Buffer, at: number): void {
  bytes[at]! ^= 0x10;
  writeFileSync(path, bytes);
}

/** Places of the database at which a value stands. */
function places(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) found.push(at);
  return found;
}

test("a damaged database is refused and left as it is", async () => {
  await n1.stop();
  const damages: Record<string, (path: string, bytes: Buffer) => void> = {
    header: (path, content) => flip(path, content, 3),
    shorter: (path, content) => truncateSync(path, Math.floor(content.length / 2)),
    "no-database": (path) => writeFileSync(path, "this is no database\n".repeat(500)),
  };
  for (const [name, damage] of Object.entries(damages)) {
    const directory = damaged(name, damage);
    const before = readFileSync(join(directory, "blixard.db"));
    expectRefusal(await start(directory), 1, "DATABASE_DAMAGED", /damaged-/);
    expect(readFileSync(join(directory, "blixard.db")).equals(before), name).toBe(true);
  }
});

/** True when the daemon refuses to start; false when it starts and has every value as it was written. */
async function isRefused(directory: string): Promise<boolean> {
  const listen = await freeAddress();
  const outcome = await start(directory, { listen, daemon: true });
  if (outcome.status !== 0) {
    expectRefusal(outcome, 1, "DATABASE_DAMAGED");
    return true;
  }
  const { json } = succeeded(await run.cli(["kv", "ls", "/needle/", "--consistent", "--json", "--addr", listen]));
  for (const { key, value } of json.items) expect(value).toBe(`${needle}-${key.slice("/needle/".length)}`);
  expect(json.items).toHaveLength(written);
  succeeded(await run.cli(["node", "stop", "--addr", listen]));
  return false;
}

test("no flipped bit of a value is ever served: it is found, or it lies where nobody reads any more", async () => {
  const bytes = readFileSync(join(n1.dataDir, "blixard.db"));
  const all = places(bytes);
  expect(all.length).toBeGreaterThan(0);
  const chosen = all.filter((_, at) => at % Math.ceil(all.length / 6) === 0);
  const refused: boolean[] = [];
  for (const at of chosen) refused.push(await isRefused(damaged(`value-${at}`, (path, content) => flip(path, content, at + 3))));
  expect(refused).toContain(true);
  await n1.start();
  await cluster.leader(90_000, [n1]);
  for (let at = 0; at < written; at += 5) expect((await n1.json(["kv", "get", `/needle/${at}`, "--consistent"])).value).toBe(`${needle}-${at}`);
});

test("in the background: the address that answers is told, the daemon outlives the command, stop ends it", async () => {
  const address = await freeAddress();
  const dataDir = join(run.directory, "background");
  const started = succeeded(await run.cli(["node", "start", "--id", "bg", "--listen", address, "--data-dir", dataDir, "--daemon", "--json"]));
  expect(started.json).toMatchObject({ name: "bg", address, clusterId: null });
  const at = ["--addr", address];
  expect(succeeded(await run.cli(["node", "identity", ...at, "--json"])).json).toMatchObject({ nodeId: started.json.nodeId, name: "bg" });
  succeeded(await run.cli(["cluster", "init", ...at]));
  succeeded(await run.cli(["node", "stop", ...at]));
  expectRefusal(await run.cli(["node", "status", ...at]), 7, "UNREACHABLE");
  expectRefusal(await run.cli(["node", "start", "--id", "bg", "--listen", "127.0.0.1:0", "--data-dir", dataDir, "--daemon"]), 2, "INVALID_ARGUMENT");
});
