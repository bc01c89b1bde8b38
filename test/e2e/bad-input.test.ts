/** What a user can get wrong: a clear error, a stable code, an exit status, no stack; the daemon goes on (issue: Bad input; O3, R9). */

import { type AddressInfo, createConnection, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { connectClient } from "../../src/transport/client.ts";
import type { Cluster } from "./cluster.ts";
import { atThisPace, within } from "./eventually.ts";
import { freeAddress } from "./free-port.ts";
import { expectRefusal } from "./program.ts";
import { useRun } from "./run.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(1);
  await cluster.work("--cpus", "2", "--memory", "512", "--disk", "512");
  await cluster.any.json(["kv", "put", "/kept", "as it was"]);
});

type Refused = readonly [args: string, exit: number, code: string];

/** Words of a command line, split at blanks; `''` is an empty word, `LONG` and `LONGER` are too long for what they stand for. */
function words(args: string): readonly string[] {
  const long = "x".repeat(64);
  return args.split(" ").map((word) => word.replace("''", "").replace("LONGER", "x".repeat(1200)).replace("LONG", long));
}

const usage: readonly Refused[] = [
  ["frobnicate", 2, "INVALID_ARGUMENT"],
  ["vm", 0, ""],
  ["vm explode web", 2, "INVALID_ARGUMENT"],
  ["kv put /a", 2, "INVALID_ARGUMENT"],
  ["kv put /a b c", 2, "INVALID_ARGUMENT"],
  ["kv get /a --frobnicate", 2, "INVALID_ARGUMENT"],
  ["kv cas /a b", 2, "INVALID_ARGUMENT"],
  ["kv cas /a b --if-version 1 --if-value x", 2, "INVALID_ARGUMENT"],
  ["kv cas /a b --if-version one", 2, "INVALID_ARGUMENT"],
  ["kv delete /a --if-version -1", 2, "INVALID_ARGUMENT"],
  ["kv ls / --limit 0", 2, "INVALID_ARGUMENT"],
  ["kv get /a --timeout soon", 2, "INVALID_ARGUMENT"],
  ["kv get /a --timeout -5s", 2, "INVALID_ARGUMENT"],
  ["vm create web --cpus 0", 2, "INVALID_ARGUMENT"],
  ["vm create web --memory lots", 2, "INVALID_ARGUMENT"],
  ["vm create web --driver xen", 2, "INVALID_ARGUMENT"],
  ["vm create web --image ../etc", 2, "INVALID_ARGUMENT"],
  ["vm create Web", 2, "INVALID_ARGUMENT"],
  ["vm create -- -web", 2, "INVALID_ARGUMENT"],
  ["vm create web,accel=kvm", 2, "INVALID_ARGUMENT"],
  ["vm create $(reboot)", 2, "INVALID_ARGUMENT"],
  ["vm create LONG", 2, "INVALID_ARGUMENT"],
  ["vm create ''", 2, "INVALID_ARGUMENT"],
  ["vm status ../../etc/passwd", 2, "INVALID_ARGUMENT"],
  ["vm status nothing", 3, "NOT_FOUND"],
  ["vm logs nothing", 3, "NOT_FOUND"],
  ["vm stop nothing --force", 3, "NOT_FOUND"],
  ["cluster wait", 2, "INVALID_ARGUMENT"],
  ["cluster wait --formed none", 2, "INVALID_ARGUMENT"],
  ["cluster token UPPER", 2, "INVALID_ARGUMENT"],
  ["cluster token n2 --ttl 2h", 2, "INVALID_ARGUMENT"],
  ["cluster transfer n9", 3, "NOT_FOUND"],
  ["worker register --memory 0", 2, "INVALID_ARGUMENT"],
];

const keys: readonly Refused[] = [
  ["kv put '' x", 2, "INVALID_ARGUMENT"],
  ["kv put no-slash x", 2, "INVALID_ARGUMENT"],
  ["kv put /a//b x", 2, "INVALID_ARGUMENT"],
  ["kv put /a/ x", 2, "INVALID_ARGUMENT"],
  ["kv put /a\u0007b x", 2, "INVALID_ARGUMENT"],
  ["kv put /LONGER x", 2, "INVALID_ARGUMENT"],
  [`kv put /${"k".repeat(600)} x`, 2, "INVALID_ARGUMENT"],
];

const addresses: readonly Refused[] = [
  ["vm list --addr nonsense", 2, "INVALID_ARGUMENT"],
  ["vm list --addr 127.0.0.1", 2, "INVALID_ARGUMENT"],
  ["vm list --addr 127.0.0.1:0", 2, "INVALID_ARGUMENT"],
  ["vm list --addr 127.0.0.1:70000", 2, "INVALID_ARGUMENT"],
  ["vm list --addr http://127.0.0.1:7100", 2, "INVALID_ARGUMENT"],
  ["vm list --addr 127.0.0.1:7100,127.0.0.1:7101", 2, "INVALID_ARGUMENT"],
];

test("commands, flags, names, numbers", async () => {
  await expectAll(usage);
});

test("keys", async () => {
  await expectAll(keys);
});

test("addresses", async () => {
  await expectAll(addresses);
});

/** Two at a time, for there are two cores. */
async function expectAll(cases: readonly Refused[]): Promise<void> {
  const left = [...cases];
  const take = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [args, exit, code] = next;
      const outcome = await cluster.any.cli(words(args));
      if (exit === 0) expect(outcome.status, args).toBe(0);
      else expectRefusal(outcome, exit, code);
    }
  };
  await Promise.all([take(), take()]);
}

test("a value that is too large is refused before it is taken; one that just fits is kept", async () => {
  const client = connectClient(cluster.any.address, { timeoutMs: 60_000 });
  // What is far over the limit may cost its sender the connection.
  const another = connectClient(cluster.any.address, { timeoutMs: 60_000 });
  const put = (key: string, value: string, by = client) => by.kv.put({ request: { client: `large-${key.slice(1)}`, sequence: 1, acknowledged: 1 }, key, value });
  const code = (work: Promise<unknown>) => work.then(() => "taken", (error: unknown) => (error instanceof UserError ? error.code : String(error)));
  try {
    const limit = 512 * 1024;
    const farOver = put("/far-over", "x".repeat(64 * 1024 * 1024), another);
    expect(["MESSAGE_TOO_LARGE", "INVALID_ARGUMENT"]).toContain(await code(farOver));
    expect(await code(put("/fits", "x".repeat(limit)))).toBe("taken");
    expect(await code(put("/over", "x".repeat(limit + 1)))).toBe("INVALID_ARGUMENT");
    expect((await client.kv.get({ key: "/fits", read: { consistent: true } })).item?.value).toHaveLength(limit);
    for (const key of ["/over", "/far-over"]) expect(await code(client.kv.get({ key, read: { consistent: true } }))).toBe("NOT_FOUND");
  } finally {
    client.close();
    another.close();
  }
});

test("nobody at the address: told at once, exit 7", async () => {
  const nobody = await freeAddress();
  for (const command of ["vm list", "kv put /a b", "node stop", "cluster status --json", "raft status"]) {
    const outcome = await run.cli([...command.split(" "), "--addr", nobody]);
    expectRefusal(outcome, 7, "UNREACHABLE", new RegExp(nobody));
    expect(outcome.tookMs).toBeLessThan(atThisPace(3_000));
  }
});

async function listening(answer: (socket: Socket) => void): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((socket) => answer(socket.on("error", () => undefined)));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a port that speaks something else, or nothing: an error in time, exit 7", async () => {
  const kinds: Readonly<Record<string, (socket: Socket) => void>> = {
    "another protocol": (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    "closes at once": (socket) => socket.destroy(),
    silent: () => undefined,
  };
  for (const [kind, answer] of Object.entries(kinds)) {
    const { server, address } = await listening(answer);
    const outcome = await run.cli(["vm", "list", "--addr", address, "--timeout", "2s"]);
    expectRefusal(outcome, 7, "UNREACHABLE");
    expect(outcome.tookMs, kind).toBeLessThan(atThisPace(6_000));
    server.close();
  }
});

test("a daemon that is sent garbage ends that connection and nothing else", async () => {
  const [host = "", port = ""] = cluster.any.address.split(":");
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const garbage = [Buffer.alloc(4096, 0xff), Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.concat([Buffer.from(preface), Buffer.alloc(100_000, 0x41)])];
  for (const bytes of garbage) {
    const socket = createConnection({ host, port: Number(port) });
    socket.on("error", () => undefined);
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.resume().end(bytes);
    await within(closed, 90_000, "the daemon closes the connection");
  }
  expect((await cluster.any.json(["kv", "get", "/kept", "--consistent"])).value).toBe("as it was");
});

test("after all of it nothing was lost and nothing was added", async () => {
  const { items } = await cluster.any.json(["kv", "ls", "/", "--consistent"]);
  expect(items.map(({ key }: { key: string }) => key)).toEqual(["/fits", "/kept"]);
  expect((await cluster.any.json(["vm", "list"])).vms).toEqual([]);
  expect(cluster.any.log).not.toMatch(/"level":"error"/);
});
