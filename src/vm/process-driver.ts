/**
 * The process driver: a plain child process that obeys the guest contract, for machines without QEMU; and the programs of
 * services and tasks, each with a parent that is told of its exit. It isolates nothing, and its probe says so.
 */

import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { UserError } from "../errors.ts";
import type { Program } from "../machine/records.ts";
import type { RunDir, VmDriver, VmIdentity } from "./driver.ts";
import { localDriver } from "./local-driver.ts";
import type { Mechanism, VmCommand, VmControl } from "./mechanism.ts";
import { readJson, writeJson } from "./run-directory.ts";
import type { Testimony } from "./vm-exit.ts";
import { endStragglers, processState, signalVm } from "./vm-process.ts";

export interface ProcessDriverOptions {
  /** Further words for the guest, such as `blixard.test=ignore-stop`. For tests: no VmSpec can name them. */
  readonly guestArguments?: readonly string[];
  /** The guest program; default: `process-guest` beside this file. */
  readonly guestProgram?: string;
}

/** A driver whose VMs are plain processes. */
export function processDriver(options: ProcessDriverOptions = {}): VmDriver {
  const program = options.guestProgram ?? fileURLToPath(new URL(`./process-guest${extension()}`, import.meta.url));
  return localDriver({
    name: "process",
    probe: async () =>
      existsSync(program)
        ? { available: true, reason: "plain processes, not microVMs", version: process.version, accel: "none" }
        : { available: false, reason: `the guest program ${program} is missing`, accel: "none" },
    prepare: async (spec, uuid, dir) => {
      const argv = ["--input-type=module", "-", "-uuid", uuid, "-name", spec.name, ...(options.guestArguments ?? [])];
      if (spec.run !== undefined) return prepareProgram(spec.run, argv, dir, spec.timeoutMs === undefined ? calmMs : 0);
      if (spec.image !== "default") throw unknownImage(spec.image);
      return { file: process.execPath, argv, stdin: program } satisfies VmCommand;
    },
    control: (identity, dir) => processControl(identity, join(dir.path, "paused")),
    testimony: async (dir, asked) => readTestimony(await readJson(dir, "guest-exit.json"), asked),
    isUp: (dir) => (isProgram(dir) ? async () => existsSync(join(dir.path, "up")) : null),
    sweep: async (dir) => (isProgram(dir) ? endStragglers(dir.path) : undefined),
  } satisfies Mechanism);
}

/** A service counts as running when its program has lasted for so long; a task, which may be quick, at once. */
const calmMs = 1_000;

async function prepareProgram({ argv, env = [], cwd = "." }: Program, words: readonly string[], dir: RunDir, lastsMs: number): Promise<VmCommand> {
  const environment = Object.fromEntries(env.map((variable) => [variable.slice(0, variable.indexOf("=")), variable.slice(variable.indexOf("=") + 1)]));
  await writeJson(dir, "program.json", { argv, environment, cwd, calmMs: lastsMs });
  return { file: process.execPath, argv: words, stdin: fileURLToPath(new URL(`./program-runner${extension()}`, import.meta.url)) };
}

function isProgram(dir: RunDir): boolean {
  return existsSync(join(dir.path, "program.json"));
}

/** `mark` tells a process that was paused from one that somebody else has stopped. */
function processControl(identity: VmIdentity, mark: string): VmControl {
  return {
    pause: async () => {
      await writeFile(mark, "", { mode: 0o600 });
      signalVm(identity, "SIGSTOP");
    },
    resume: async () => {
      signalVm(identity, "SIGCONT");
      await rm(mark, { force: true });
    },
    askToStop: async () => void signalVm(identity, "SIGTERM"),
    quit: async () => undefined, // SIGTERM follows
    status: async () => {
      if (processState(identity.pid)?.state !== "T") return "running";
      return existsSync(mark) ? "paused" : "unresponsive";
    },
    close: () => undefined,
  };
}

/** A SIGTERM that the driver sent as a request to stop is what the power button is to QEMU. */
function readTestimony(it: Readonly<Record<string, unknown>> | null, asked: "stop" | "kill" | null): Testimony {
  switch (it?.["shutdown"]) {
    case "guest-shutdown":
    case "guest-panic":
      return { shutdown: it["shutdown"], signal: null };
    case "host-signal":
      if (asked === "stop") return { shutdown: "guest-shutdown", signal: null };
      return { shutdown: "host-signal", signal: typeof it["signal"] === "string" ? it["signal"] : null };
    case "exited": {
      const { code, signal } = it;
      return { shutdown: "exited", signal: typeof signal === "string" ? signal : null, code: typeof code === "number" ? code : null };
    }
    default:
      return { shutdown: null, signal: null };
  }
}

function unknownImage(image: string): UserError {
  return new UserError("NOT_FOUND", `the process driver knows no image ${image}`, { next: "Use the image default." });
}

/** `.ts` when run from the sources, `.js` when built. */
function extension(): string {
  return import.meta.url.endsWith(".ts") ? ".ts" : ".js";
}
