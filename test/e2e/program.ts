/** The command line as a user gives it: a process, its exit status and its two streams. */

import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The directory of the program: this checkout, or the installation that is to be tested. */
export const programUnderTest = resolve(process.env["BLIXARD_UNDER_TEST"] ?? fileURLToPath(new URL("../..", import.meta.url)));

export const programFile = `${programUnderTest}/bin/blixard.js`;

/** How a command ended. */
export interface Outcome {
  readonly command: string;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What stands on stdout as JSON; null when it is none. */
  readonly json: Json;
  readonly tookMs: number;
}

/** JSON whose form the test knows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** A program and its arguments that becomes the command: `ip netns exec NAME`. */
  readonly under?: readonly string[];
  /** No command may take longer, whatever its own --timeout says. */
  readonly deadlineMs?: number;
}

/** Runs `blixard ARGS…` to its end. */
export function blixard(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const { environment = {}, directory = process.cwd(), deadlineMs = 240_000, under = [] } = options;
  const command = `blixard ${args.join(" ")}`.slice(0, 300);
  const start = performance.now();
  const [file = "", ...rest] = [...under, process.execPath, programFile, ...args];
  const child = spawn(file, rest, {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
    child.once("error", reject);
    child.once("close", (status, signal) => {
      clearTimeout(timer);
      if (status === null) reject(new Error(`${command} was ended by ${signal} after ${Math.round(performance.now() - start)} ms\n${stderr}`));
      else done({ command, status, stdout, stderr, json: parsed(stdout), tookMs: performance.now() - start });
    });
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Exit status of a success, or an error that shows all that the command said. */
export function succeeded(outcome: Outcome): Outcome {
  const { command, status, stdout, stderr } = outcome;
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stderr}\n${stdout}`);
  return outcome;
}

const stack = /^\s+at .+[:(].*\d+/m;

/**
 * A refusal as every refusal must be: the exit status, the stable code at the end of stderr, a message, no stack. With
 * --json the same as an object on stdout, else nothing there.
 */
export function expectRefusal(outcome: Outcome, exit: number, code: string | readonly string[], message?: RegExp): void {
  const { command, status, stdout, stderr, json } = outcome;
  const all = `${command}\n${stderr}\n${stdout}`;
  assert.equal(status, exit, all);
  assert.doesNotMatch(stderr, stack, all);
  assert.doesNotMatch(stderr, /this is a bug/i, all);
  const said = /^ {2}code {3}([A-Z_]+)/m.exec(stderr)?.[1] ?? "";
  assert.ok([code].flat().includes(said), `expected ${[code].flat().join(" or ")}, got ${said}\n${all}`);
  assert.match(stderr, /^error: \S/m, all);
  if (message !== undefined) assert.match(stderr, message, all);
  if (command.includes("--json")) {
    assert.equal(json?.error?.code, said, all);
    assert.equal(typeof json?.error?.message, "string", all);
  } else if (!command.startsWith("blixard verify")) assert.equal(stdout, "", all);
}
