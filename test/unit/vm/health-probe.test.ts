import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { HealthProbe, VmSpec } from "../../../src/machine/records.ts";
import type { VmHandle, VmStatus } from "../../../src/vm/driver.ts";
import type { GuestOutput } from "../../../src/vm/guest-agent.ts";
import { lookAfter } from "../../../src/vm/health-probe.ts";
import { spec } from "../machine/machine-log.ts";

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((step) => step()));
const generousMs = 20_000;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Guest {
  readonly status?: VmStatus;
  readonly exec?: (argv: readonly string[], signal: AbortSignal) => AsyncIterable<GuestOutput>;
}

function looking(probe: HealthProbe, { status = "running", exec }: Guest = {}, vm: VmSpec = spec("web"), wasHealthy = false) {
  const path = mkdtempSync(join(tmpdir(), "blixard-health-"));
  undo.push(() => rmSync(path, { recursive: true }));
  const handle = { status: async () => status, exec } as unknown as VmHandle;
  return { look: lookAfter(vm, probe, handle, { path }, wasHealthy), console: join(path, "console.log") };
}

test("process: what the driver says", async () => {
  expect(await looking({ kind: "process" }).look(generousMs)).toBeNull();
  expect(await looking({ kind: "process" }, { status: "unresponsive" }).look(generousMs)).toContain("unresponsive");
});

test("console: once a whole line has said it, and after a restart of the daemon what was known stays known", async () => {
  const { look, console } = looking({ kind: "console", text: "service up" });
  expect(await look(generousMs)).toContain("service up");
  appendFileSync(console, "boot\n12:00 service");
  expect(await look(generousMs)).not.toBeNull();
  appendFileSync(console, " up again\n");
  expect(await look(generousMs)).toBeNull();
  rmSync(console);
  expect(await look(generousMs)).toBeNull();
  expect(await looking({ kind: "console", text: "service up" }, {}, spec("web"), true).look(generousMs)).toBeNull();
});

test("tcp: a connection that stays open; not one that is closed at once, nor one that is refused", async () => {
  const open = await listening(createServer((socket) => void undo.push(() => socket.destroy())));
  const closing = await listening(createServer((socket) => socket.destroy()));
  expect(await looking({ kind: "tcp", port: open }).look(generousMs)).toBeNull();
  expect(await looking({ kind: "tcp", port: closing }).look(generousMs)).toMatch(/closed|ECONNRESET/);
  const gone = createServer();
  const refused = await listening(gone);
  await new Promise((resolve) => gone.close(resolve));
  expect(await looking({ kind: "tcp", port: refused }).look(generousMs)).toContain("ECONNREFUSED");
});

test("tcp: the published port is asked, not that of the guest", async () => {
  const port = await listening(createServer((socket) => void socket.end("220 hello\r\n")));
  const vm = spec("web", { driver: "qemu", publish: [{ protocol: "tcp", address: "0.0.0.0", port, guestPort: 25 }] });
  expect(await looking({ kind: "tcp", port: 25 }, {}, vm).look(generousMs)).toBeNull();
  expect(await looking({ kind: "tcp", port: 26 }, {}, vm).look(generousMs)).toContain("26");
});

test("http: the status of the answer, at the path that was asked for; silence ends with the timeout", async () => {
  const server = createHttpServer(({ url }, answer) => {
    if (url === "/silent") return;
    answer.statusCode = url === "/ready?all=1" ? 204 : 503;
    answer.end();
  });
  undo.push(() => server.closeAllConnections());
  const port = await listening(server);
  expect(await looking({ kind: "http", port, path: "/ready?all=1" }).look(generousMs)).toBeNull();
  expect(await looking({ kind: "http", port, path: "/" }).look(generousMs)).toContain("503");
  expect(await looking({ kind: "http", port, path: "/silent" }).look(50)).toContain("50 ms");
});

test("exec: the exit code; a command that does not end is given up with the timeout", async () => {
  const ending = (code: number): Guest => ({
    async *exec() {
      yield { kind: "exit", code };
    },
  });
  const probe: HealthProbe = { kind: "exec", argv: ["true"] };
  expect(await looking(probe, ending(0)).look(generousMs)).toBeNull();
  expect(await looking(probe, ending(3)).look(generousMs)).toContain("3");
  let isAborted = false;
  const endless: Guest = {
    async *exec(_, signal) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      isAborted = true;
      yield { kind: "exit", code: 137 };
    },
  };
  expect(await looking(probe, endless).look(50)).toContain("50 ms");
  expect(isAborted).toBe(true);
});
