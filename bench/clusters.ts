/** The two systems that are measured, each of three processes on this machine, in its default settings. */

import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endChild, freePorts, run, startChild } from "./children.ts";
import { Http2Connection } from "./http2-connection.ts";
import { etcdLeads, etcdStatusPath } from "./messages.ts";

export interface Cluster {
  /** Of the nodes that run. */
  readonly pids: readonly number[];
  /** Where clients reach the nodes, running or not. */
  readonly ports: readonly number[];
  /** Port of the node that leads now. */
  leader(): Promise<number>;
  /** Sends a signal to the node at `port`; the promise fulfils when its process is gone. */
  end(port: number, signal: NodeJS.Signals): Promise<void>;
  /** Starts the node at `port` again, on its directory. */
  revive(port: number): void;
  stop(): Promise<void>;
}

const nodes = [0, 1, 2] as const;
const patienceMs = 20_000;
const program = fileURLToPath(new URL("../bin/blixard.js", import.meta.url));

/** `start`: starts the process of one node. */
function clusterOf(ports: readonly number[], children: ChildProcess[], start: (node: number) => ChildProcess, leader: () => Promise<number>): Cluster {
  const childOf = (port: number): ChildProcess => children[ports.indexOf(port)] as ChildProcess;
  return {
    get pids() {
      return children.filter(isRunning).map((child) => child.pid ?? 0);
    },
    ports,
    leader,
    end(port, signal) {
      const child = childOf(port);
      const gone = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
      child.kill(signal);
      return gone;
    },
    revive(port) {
      children[ports.indexOf(port)] = start(ports.indexOf(port));
    },
    async stop() {
      await Promise.all(children.map(endChild));
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Asks until there is an answer; an error that lasts is thrown, with the end of the log. */
async function until<T>(what: string, log: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not happen in ${patienceMs / 1000} s:\n${readFileSync(log, "utf8").slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Three etcd members; everything that is no address or directory, and not in `options`, is left as it is. */
export async function startEtcd(directory: string, options: readonly string[] = []): Promise<Cluster> {
  const ports = await freePorts(6);
  const client = (node: number): string => `http://127.0.0.1:${ports[node]}`;
  const peer = (node: number): string => `http://127.0.0.1:${ports[node + 3]}`;
  const initial = nodes.map((node) => `e${node + 1}=${peer(node)}`).join(",");
  const log = join(directory, "etcd.log");
  const start = (node: number): ChildProcess => {
    const own = ["--name", `e${node + 1}`, "--data-dir", join(directory, `e${node + 1}`)];
    const clients = ["--listen-client-urls", client(node), "--advertise-client-urls", client(node)];
    const peers = ["--listen-peer-urls", peer(node), "--initial-advertise-peer-urls", peer(node)];
    return startChild("etcd", [...own, ...clients, ...peers, "--initial-cluster", initial, ...options], log);
  };
  const children = nodes.map(start);
  const leader = (): Promise<number> => until("an etcd leader", log, async () => {
    for (const node of nodes) if (await leads(ports[node] as number)) return ports[node];
    return undefined;
  });
  await leader();
  return clusterOf(ports.slice(0, 3), children, start, leader);
}

/** One more daemon, which joins the cluster at `seed`. Fulfils once it answers; the cluster has the token's name for it. */
export async function startJoiner(directory: string, seed: number, name: string): Promise<{ readonly port: number; readonly join: () => Promise<void>; readonly stop: () => Promise<void> }> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const log = join(directory, `${name}.log`);
  mkdirSync(directory, { recursive: true });
  const child = startChild(process.execPath, [program, "node", "start", "--id", name, "--listen", address, "--data-dir", join(directory, name)], log);
  await until("the start of the joiner", log, async () => (readFileSync(log, "utf8").includes(`"address":"${address}"`) ? true : undefined));
  const { token } = JSON.parse(run(process.execPath, [program, "cluster", "token", name, "--addr", `127.0.0.1:${seed}`, "--json"])) as { token: string };
  return {
    port: port as number,
    join: () => ended(startChild(process.execPath, [program, "cluster", "join", `127.0.0.1:${seed}`, "--token", token, "--addr", address, "--timeout", "120s"], log), log),
    stop: () => endChild(child),
  };
}

function ended(child: ChildProcess, log: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}:\n${readFileSync(log, "utf8").slice(-2000)}`))));
  });
}

function leads(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = new Http2Connection(port, etcdStatusPath, () => resolve(false));
    connection.call(Buffer.alloc(0), (status) => {
      resolve(status !== undefined && etcdLeads(status));
      connection.close();
    });
  });
}

interface RaftStatus {
  readonly groups: readonly { readonly role: string }[];
}

/** Three daemons through the command line. `nodeOptions` are for Node, `options` for the daemon. */
export async function startBlixard(directory: string, nodeOptions: readonly string[], options: readonly string[] = []): Promise<Cluster> {
  const ports = await freePorts(3);
  const address = (node: number): string => `127.0.0.1:${ports[node]}`;
  const log = join(directory, "blixard.log");
  mkdirSync(directory, { recursive: true });
  const start = (node: number): ChildProcess => {
    const own = ["--id", `n${node + 1}`, "--listen", address(node), "--data-dir", join(directory, `n${node + 1}`)];
    return startChild(process.execPath, [...nodeOptions, program, "node", "start", ...own, ...options], log);
  };
  const children = nodes.map(start);
  const blixard = (node: number, ...words: string[]): string => run(process.execPath, [program, ...words, "--addr", address(node), "--json"]);
  const leader = (): Promise<number> => until("a blixard leader", log, async () => {
    for (const node of nodes) {
      if (!isRunning(children[node] as ChildProcess)) continue;
      try {
        const { groups } = JSON.parse(blixard(node, "raft", "status")) as RaftStatus;
        if (groups[0]?.role === "leader") return ports[node];
      } catch {
        // It has just been started again: another look comes soon, and there are others.
      }
    }
    return undefined;
  });
  await until("the start of the daemons", log, async () => {
    return nodes.every((node) => readFileSync(log, "utf8").includes(`"address":"${address(node)}"`)) ? true : undefined;
  });
  blixard(0, "cluster", "init");
  for (const node of [1, 2]) {
    const { token } = JSON.parse(blixard(0, "cluster", "token", `n${node + 1}`)) as { token: string };
    blixard(node, "cluster", "join", address(0), "--token", token);
  }
  blixard(0, "cluster", "wait", "--formed", "3", "--leader");
  return clusterOf(ports, children, start, leader);
}
