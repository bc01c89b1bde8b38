/**
 * Commands in a guest, over its agent channel: a socket that QEMU ties to a virtio port, or that the guest of the process
 * driver opens itself. Lines of ASCII, for the guest's end is a shell script:
 *
 *     ID hello                          the agent answers the same
 *     ID run .ARGUMENT .ARGUMENT …      each in base64, behind a point so that an empty one is there too
 *     ID pipe .ARGUMENT …               the same for a command that gets stdin
 *     ID a                              the guest takes one more piece of it
 *     ID i DATA, ID z                   a piece, in base64; and its end
 *     ID kill
 *     ID o DATA, ID e DATA              what the command writes on stdout and stderr, in base64
 *     ID x CODE                         it has ended: 128 + number where a signal ended it
 */

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { UserError } from "../errors.ts";
import type { RunDir } from "./driver.ts";
import { connectIn } from "./run-directory.ts";

export type GuestOutput =
  | { readonly kind: "stdout" | "stderr"; readonly data: Buffer }
  /** The last one. */
  | { readonly kind: "exit"; readonly code: number };

/** Where a command's stdin comes from. */
export interface GuestInput {
  /** The next bytes, 16 KiB at most: what the guest holds. Null: there are no more. */
  next(): Promise<Buffer | null>;
}

export const agentSocket = "agent.sock";
/** How long the agent may take to say hello: it looks once a second for a daemon. */
const helloMs = 15_000;
const retryMs = 100;
const argumentBytes = 64 * 1024;
const lineLimitBytes = 256 * 1024;
/** What a reader has not taken yet; beyond it the guest waits. */
const heldBytes = 1024 * 1024;

/** One command that is under way. */
interface Run {
  readonly pieces: GuestOutput[];
  held: number;
  failure: UserError | null;
  wake: () => void;
  /** The guest takes one more piece of stdin. */
  more: () => void;
}

/** The one connection to the agent of a VM: the channel serves one client at a time. */
export class GuestAgent {
  readonly #dir: RunDir;
  readonly #name: string;
  readonly #runs = new Map<string, Run>();
  #socket: Socket | null = null;
  #buffer = "";
  #closed = false;

  constructor(name: string, dir: RunDir) {
    this.#name = name;
    this.#dir = dir;
  }

  /**
   * Runs a command and gives what it writes as it comes, then its exit code; without `input` it gets no stdin. It is
   * killed when `signal` aborts or the reader stops. Throws `UserError TIMEOUT` when no agent answers, `INVALID_ARGUMENT` for what no command line holds.
   */
  async *run(argv: readonly string[], signal: AbortSignal, input?: GuestInput): AsyncGenerator<GuestOutput> {
    checkArguments(argv);
    await this.#ask("hello", [], signal).next();
    const words = argv.map((argument) => `.${Buffer.from(argument).toString("base64")}`);
    yield* this.#ask(input === undefined ? "run" : "pipe", words, signal, input);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#fail("the daemon lets go of the VM");
  }

  async *#ask(verb: "hello" | "run" | "pipe", words: readonly string[], signal: AbortSignal, input?: GuestInput): AsyncGenerator<GuestOutput> {
    const id = randomBytes(8).toString("hex");
    const run: Run = { pieces: [], held: 0, failure: null, wake: () => undefined, more: () => undefined };
    const deaf = input === undefined ? undefined : this.#pump(id, run, input);
    const endMs = verb === "hello" ? performance.now() + helloMs : Infinity;
    this.#runs.set(id, run);
    const aborted = (): void => run.wake();
    signal.addEventListener("abort", aborted);
    let over = false;
    try {
      const socket = await this.#connect(endMs, signal);
      socket.write(`${[id, verb, ...words].join(" ")}\n`);
      while (!over) {
        const piece = run.pieces.shift();
        if (piece === undefined) {
          await this.#nextPiece(run, endMs, signal);
          continue;
        }
        run.held -= piece.kind === "exit" ? 0 : piece.data.length;
        if (run.held < heldBytes) socket.resume();
        over = piece.kind === "exit";
        yield piece;
      }
    } finally {
      signal.removeEventListener("abort", aborted);
      this.#runs.delete(id);
      clearTimeout(deaf);
      run.more = () => undefined;
      if (!over && verb !== "hello") this.#socket?.write(`${id} kill\n`);
      this.#socket?.resume();
    }
  }

  /** Gives the guest a piece for each that it asks for. Returns the timer that ends the wait for its first word about it. */
  #pump(id: string, run: Run, input: GuestInput): NodeJS.Timeout {
    const deaf = setTimeout(() => {
      run.failure ??= new UserError("NOT_IMPLEMENTED", `the agent in the guest of VM ${this.#name} does not know how to give a command stdin`);
      run.wake();
    }, helloMs * 2);
    run.more = () => {
      clearTimeout(deaf);
      input.next().then(
        (piece) => this.#socket?.write(piece === null ? `${id} z\n` : `${id} i ${piece.toString("base64")}\n`),
        () => this.#socket?.write(`${id} z\n`),
      );
    };
    return deaf;
  }

  async #nextPiece(run: Run, endMs: number, signal: AbortSignal): Promise<void> {
    if (run.failure !== null) throw run.failure;
    signal.throwIfAborted();
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) throw silent(this.#name);
    await new Promise<void>((resolve) => {
      const timer = leftMs === Infinity ? undefined : setTimeout(resolve, leftMs);
      run.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #connect(endMs: number, signal: AbortSignal): Promise<Socket> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw new UserError("WRONG_STATE", `VM ${this.#name} has ended`);
      if (this.#socket !== null) return this.#socket;
      const socket = await open(this.#dir);
      if (socket !== null && this.#socket === null) return this.#use(socket);
      socket?.destroy();
      await delay(retryMs, undefined, { ref: false });
      if (performance.now() > endMs) throw silent(this.#name);
    }
  }

  #use(socket: Socket): Socket {
    this.#socket = socket;
    this.#buffer = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#receive(text));
    socket.on("error", () => undefined); // `close` follows
    socket.on("close", () => {
      this.#socket = null;
      this.#fail("the agent channel of the guest was closed");
    });
    socket.unref();
    return socket;
  }

  #receive(text: string): void {
    const lines = (this.#buffer + text).split("\n");
    this.#buffer = lines.pop() ?? "";
    if (this.#buffer.length > lineLimitBytes) this.#socket?.destroy();
    for (const line of lines) this.#handle(line);
  }

  /** What is for nobody, such as an answer to a daemon before this one, is nobody's. */
  #handle(line: string): void {
    const [id = "", kind, word = ""] = line.trim().split(" ");
    const run = this.#runs.get(id);
    if (run === undefined) return;
    if (kind === "a") return run.more();
    if (kind === "hello") run.pieces.push({ kind: "exit", code: 0 });
    else if (kind === "x" && /^\d{1,3}$/.test(word)) run.pieces.push({ kind: "exit", code: Number(word) });
    else if (kind === "o" || kind === "e") {
      const data = Buffer.from(word, "base64");
      run.pieces.push({ kind: kind === "o" ? "stdout" : "stderr", data });
      run.held += data.length;
      if (run.held >= heldBytes) this.#socket?.pause();
    }
    run.wake();
  }

  #fail(why: string): void {
    for (const run of this.#runs.values()) {
      run.failure ??= new UserError("OUTCOME_UNKNOWN", `VM ${this.#name}: ${why}; whether the command went on is not known`);
      run.wake();
    }
  }
}

function checkArguments(argv: readonly string[]): void {
  const [program = ""] = argv;
  const refuse = (why: string): never => {
    throw new UserError("INVALID_ARGUMENT", `the guest cannot run this: ${why}`);
  };
  if (program === "") refuse("no program is named");
  if (argv.some((argument) => argument.includes("\0"))) refuse("an argument holds a NUL character");
  if (Buffer.byteLength(argv.join(" ")) > argumentBytes) refuse(`its arguments are longer than ${argumentBytes} bytes`);
}

function silent(name: string): UserError {
  return new UserError("TIMEOUT", `no agent answers in the guest of VM ${name}; the command was not run`, {
    next: "Is the guest up, and does its image bring an agent on the virtio port blixard.agent.0?",
  });
}

/** The connected socket, or null when nobody listens yet. */
function open(dir: RunDir): Promise<Socket | null> {
  return new Promise((resolve) => {
    try {
      const socket = connectIn(dir, agentSocket);
      socket.once("connect", () => resolve(socket));
      socket.once("error", () => resolve(null));
    } catch {
      resolve(null);
    }
  });
}
