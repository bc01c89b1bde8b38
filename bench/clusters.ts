/** The two systems that are measured, each of several processes on this machine, in its default settings. */

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
  /** Process of the node at `port`. */
  pidOf(port: number): number;
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
/** The directory of the program. */
export const programRoot = fileURLToPath(new URL("..", import.meta.url));
const programIn = (root: string): string => join(root, "bin", "blixard.js");
const program = programIn(programRoot);

/** `start`: starts the process of one node. */
function clusterOf(ports: readonly number[], children: ChildProcess[], start: (node: number) => ChildProcess, leader: () => Promise<number>): Cluster {
  const childOf = (port: number): ChildProcess => children[ports.indexOf(port)] as ChildProcess;
  return {
    get pids() {
      return children.filter(isRunning).map((child) => child.pid ?? 0);
    },
    ports,
    pidOf: (port) => childOf(port).pid ?? 0,
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
export async function startJoiner(directory: string, seed: number, name: string, nodeOptions: readonly string[] = []): Promise<{ readonly port: number; readonly join: () => Promise<void>; readonly stop: () => Promise<void> }> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const log = join(directory, `${name}.log`);
  mkdirSync(directory, { recursive: true });
  const child = startChild(process.execPath, [...nodeOptions, program, "node", "start", "--id", name, "--listen", address, "--data-dir", join(directory, name)], log);
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

export interface BlixardOptions {
  /** How many; 3 when not said. */
  readonly nodes?: number;
  /** For the daemon. */
  readonly options?: readonly string[];
  /** Another program than this one: the directory that holds its `bin`. */
  readonly root?: string;
}

/** Daemons that form a cluster, through the command line. `nodeOptions` are for Node. */
export async function startBlixard(directory: string, nodeOptions: readonly string[], { nodes: count = 3, options = [], root = programRoot }: BlixardOptions = {}): Promise<Cluster> {
  const members = Array.from({ length: count }, (_, node) => node);
  const ports = await freePorts(count);
  const address = (node: number): string => `127.0.0.1:${ports[node]}`;
  const log = join(directory, "blixard.log");
  mkdirSync(directory, { recursive: true });
  const start = (node: number): ChildProcess => {
    const own = ["--id", `n${node + 1}`, "--listen", address(node), "--data-dir", join(directory, `n${node + 1}`)];
    return startChild(process.execPath, [...nodeOptions, programIn(root), "node", "start", ...own, ...options], log);
  };
  const children = members.map(start);
  const leader = (): Promise<number> => until("a blixard leader", log, async () => {
    const node = members.find((one) => isRunning(children[one] as ChildProcess) && leadsHere(address(one)));
    return node === undefined ? undefined : ports[node];
  });
  await until("the start of the daemons", log, async () => {
    return members.every((node) => readFileSync(log, "utf8").includes(`"address":"${address(node)}"`)) ? true : undefined;
  });
  formCluster(members.map(address));
  return clusterOf(ports, children, start, leader);
}

/** What the command line prints, asked of the daemon at `address`. */
function blixard(address: string, ...words: string[]): string {
  return run(process.execPath, [program, ...words, "--addr", address, "--json"]);
}

function leadsHere(address: string): boolean {
  try {
    return (JSON.parse(blixard(address, "raft", "status")) as RaftStatus).groups[0]?.role === "leader";
  } catch {
    // It has just been started again: another look comes soon, and there are others.
    return false;
  }
}

function formCluster([first, ...others]: readonly string[]): void {
  if (first === undefined) throw new RangeError("a cluster has a node");
  blixard(first, "cluster", "init");
  for (const [at, other] of others.entries()) {
    const { token } = JSON.parse(blixard(first, "cluster", "token", `n${at + 2}`)) as { token: string };
    blixard(other, "cluster", "join", first, "--token", token);
  }
  blixard(first, "cluster", "wait", "--formed", String(others.length + 1), "--leader");
}
