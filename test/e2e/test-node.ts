/** One daemon as a process of its own: started by the real command line, killed, paused and started again. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectClient } from "../../src/transport/client.ts";
import type { GroupStatus } from "../../src/transport/messages.generated.ts";
import { eventually, within } from "./eventually.ts";
import { killIfThere } from "./own-processes.ts";
import { type Json, type Outcome, blixard, programFile, succeeded } from "./program.ts";

/** How a daemon's process ended. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: string | null;
}

/** Ten times and more what a start takes on an idle machine; likewise a stop. */
const startMs = 60_000;

/** In what surroundings the daemon runs; read at each start. */
export interface Surroundings {
  /** A program and its arguments that becomes the daemon: `ip netns exec NAME`. */
  readonly under?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Nobody outside reaches it: its commands run `under` the same. */
  readonly isolated?: boolean;
  /** Further flags of `node start`. */
  readonly flags?: readonly string[];
}

export class TestNode {
  readonly name: string;
  readonly address: string;
  readonly dataDir: string;
  surroundings: Surroundings = {};
  readonly #directory: string;
  #child: ChildProcess | null = null;
  #end: Promise<ProcessEnd> | null = null;
  #id = "";
  #startedAt = 0;

  /** `directory` is that of the run: the daemon works there, so that the run finds it. */
  constructor(name: string, address: string, directory: string, dataDir = join(directory, name)) {
    this.name = name;
    this.address = address;
    this.dataDir = dataDir;
    this.#directory = directory;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  /** The node's id, known once it has started. */
  get id(): string {
    return this.#id;
  }

  get isUp(): boolean {
    return this.#child !== null;
  }

  get traces(): string {
    return join(this.dataDir, "traces");
  }

  /** What the daemon said on stderr since its last start. */
  get log(): string {
    return readFileSync(this.#logPath, "utf8").slice(this.#startedAt);
  }

  get #logPath(): string {
    return join(this.#directory, `${this.name}.log`);
  }

  /** Starts it and returns when it says that it listens; fails with its words when it does not. */
  async start(): Promise<this> {
    const { pid, stdout } = this.#spawn();
    const ended = this.ended.then(({ status, signal }) => {
      throw new Error(`${this.name} ended with ${status ?? signal} instead of starting\n${this.log}`);
    });
    const said = eventually(() => stdout().endsWith("}\n"), startMs, `${this.name} (pid ${pid}) listens`);
    await Promise.race([said, ended]);
    ended.catch(() => undefined);
    this.#id = (JSON.parse(stdout()) as { nodeId: string }).nodeId;
    return this;
  }

  /** Starts it without waiting: for a daemon that is expected to end by itself. */
  launch(): void {
    this.#spawn();
  }

  #spawn(): { readonly pid: number; readonly stdout: () => string } {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    const log = openSync(this.#logPath, "a");
    this.#startedAt = readFileSync(this.#logPath).length;
    const args = ["node", "start", "--id", this.name, "--listen", this.address, "--data-dir", this.dataDir, "--json"];
    const { under = [], environment = {}, flags = [] } = this.surroundings;
    const [command = process.execPath, ...rest] = [...under, process.execPath, programFile, ...args, ...flags];
    const env = { ...process.env, ...environment };
    const child = spawn(command, rest, { cwd: this.#directory, stdio: ["ignore", "pipe", log], env });
    closeSync(log);
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    this.#child = child;
    this.#end = new Promise((resolve) => {
      child.once("exit", (status, signal) => {
        this.#child = null;
        resolve({ status, signal });
      });
    });
    return { pid: child.pid ?? 0, stdout: () => stdout };
  }

  /** How it ended; pending while it runs. */
  get ended(): Promise<ProcessEnd> {
    return this.#end ?? Promise.reject(new Error(`${this.name} was never started`));
  }

  async kill9(): Promise<void> {
    killIfThere(this.pid, "SIGKILL");
    await this.ended;
  }

  /** Stops it in order; returns its exit status. */
  async stop(): Promise<number | null> {
    killIfThere(this.pid, "SIGTERM");
    return (await within(this.ended, 90_000, `${this.name} stops when asked to`)).status;
  }

  async restart(): Promise<void> {
    if (this.isUp) await this.stop();
    await this.start();
  }

  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** A command that asks this daemon. */
  cli(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const under = this.surroundings.isolated === true ? (this.surroundings.under ?? []) : [];
    return blixard([...args], { under, directory: this.#directory, environment: { BLIXARD_ADDR: this.address, ...environment } });
  }

  /** A command that must succeed; its JSON. */
  async json(args: readonly string[]): Promise<Json> {
    const outcome = succeeded(await this.cli([...args, "--json"]));
    if (outcome.json === null) throw new Error(`${outcome.command} printed no JSON:\n${outcome.stdout}`);
    return outcome.json;
  }

  /** The group as the daemon sees it, asked without a process: for conditions that are looked at again and again. */
  async look(): Promise<GroupStatus> {
    const client = connectClient(this.address, { timeoutMs: 60_000 });
    try {
      const { groups } = await client.cluster.nodeStatus({});
      const [group] = groups;
      if (group === undefined) throw new Error(`${this.name} has no group`);
      return group;
    } finally {
      client.close();
    }
  }
}
