/** One look at a running VM: does it do its work? Each is bound by a deadline and asks no shell. */

import { request } from "node:http";
import { connect } from "node:net";

import type { HealthProbe, VmSpec } from "../machine/records.ts";
import { consoleWatch } from "./console-log.ts";
import type { RunDir, VmHandle } from "./driver.ts";

/** How long a connection must stay open: the user network of QEMU accepts it first, and asks the guest then. */
const openMs = 500;

/** Where a port of the guest is reached from its worker. */
interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Null when it does its work, or why not. Never rejects, and settles soon after `timeoutMs`. */
export type Look = (timeoutMs: number) => Promise<string | null>;

/** A way to look at this VM. `wasHealthy`: the console has said its text, of which nothing may be left by now. */
export function lookAfter(spec: VmSpec, probe: HealthProbe, handle: VmHandle, dir: RunDir, wasHealthy: boolean): Look {
  const ask = asker(spec, probe, handle, dir, wasHealthy);
  return async (timeoutMs) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const late = new Promise<string>((resolve) => {
      signal.addEventListener("abort", () => resolve(`there was no answer within ${timeoutMs} ms`), { once: true });
    });
    try {
      return await Promise.race([ask(timeoutMs, signal), late]);
    } catch (error) {
      return signal.aborted ? await late : error instanceof Error ? error.message : String(error);
    }
  };
}

type Asker = (timeoutMs: number, signal: AbortSignal) => Promise<string | null>;

function asker(spec: VmSpec, probe: HealthProbe, handle: VmHandle, dir: RunDir, wasHealthy: boolean): Asker {
  switch (probe.kind) {
    case "process":
      return async (timeoutMs) => {
        const status = await handle.status(timeoutMs);
        return status === "running" ? null : `the VM is ${status}`;
      };
    case "console": {
      const said = consoleWatch(dir, (line) => line.includes(probe.text));
      return async () => (wasHealthy || (await said()) ? null : `the console has not said ${JSON.stringify(probe.text)}`);
    }
    case "tcp":
      return (timeoutMs, signal) => connects(endpointOf(spec, probe.port), Math.min(openMs, timeoutMs / 2), signal);
    case "http":
      return (_, signal) => answers(endpointOf(spec, probe.port), probe.path, signal);
    case "exec":
      return (_, signal) => succeeds(handle, probe.argv, signal);
  }
}

/** A guest of the process driver has the ports of its worker; others have those that are published. */
function endpointOf({ driver, publish = [] }: VmSpec, port: number): Endpoint {
  const published = publish.find(({ protocol, guestPort }) => protocol === "tcp" && guestPort === port);
  if (published !== undefined) return { host: published.address === "0.0.0.0" ? "127.0.0.1" : published.address, port: published.port };
  if (driver !== "process") throw new Error(`no port leads to port ${port} of the guest`);
  return { host: "127.0.0.1", port };
}

/** The connection stays open for `stayMs`, or something comes over it. */
function connects({ host, port }: Endpoint, stayMs: number, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    let stay: NodeJS.Timeout | undefined;
    const settle = (found: string | null): void => {
      clearTimeout(stay);
      resolve(found);
      socket.destroy();
    };
    // What came while this process stood still is read before the time is said to be over.
    socket.once("connect", () => (stay = setTimeout(() => setImmediate(() => settle(null)), stayMs)));
    socket.once("data", () => settle(null));
    for (const end of ["end", "close"]) socket.once(end, () => settle("the connection was closed at once"));
    socket.once("error", (error) => settle(error.message));
  });
}

function answers({ host, port }: Endpoint, path: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path, signal, agent: false, headers: { connection: "close" } }, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 400 ? null : `the answer had the status ${statusCode}`);
      asked.destroy(); // the body may be long
    });
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}

async function succeeds(handle: VmHandle, argv: readonly string[], signal: AbortSignal): Promise<string | null> {
  for await (const piece of handle.exec(argv, signal)) {
    if (piece.kind === "exit") return piece.code === 0 ? null : `the command ended with ${piece.code}`;
  }
  return "the command did not end";
}
