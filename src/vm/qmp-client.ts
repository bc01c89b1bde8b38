/**
 * QMP, the QEMU Machine Protocol: greeting, capabilities, commands with a deadline, events. One client at a time: QEMU
 * greets a second one only when the first has gone.
 */

import type { Socket } from "node:net";

import type { RunDir } from "./driver.ts";
import { connectIn } from "./run-directory.ts";

/** QEMU did not answer as QMP demands, or not in time. */
export class QmpError extends Error {
  override readonly name = "QmpError";
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const messageLimitBytes = 1024 * 1024;

export class QmpClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #buffer = "";
  #greet: () => void = () => undefined;
  readonly #greeted: Promise<void>;
  #over: Error | null = null;

  private constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket;
    this.#greeted = new Promise((resolve) => (this.#greet = resolve));
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    // After `quit` the connection may end in ECONNRESET: that is success, so an error is an end like any other.
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => {
      this.#end(new QmpError("QEMU closed the QMP connection"));
      onEnd();
    });
    socket.unref();
  }

  /** Connects and negotiates. `onEnd` is called once, when the connection has ended, for whatever reason. */
  static async connect(dir: RunDir, socketName: string, deadlineMs: number, onEnd: () => void): Promise<QmpClient> {
    const client = new QmpClient(connectIn(dir, socketName), onEnd);
    const late = new QmpError(`no QMP greeting within ${deadlineMs} ms`);
    const timer = setTimeout(() => client.#socket.destroy(late), deadlineMs);
    try {
      await client.#awaitGreeting();
      await client.execute("qmp_capabilities", {}, deadlineMs);
      return client;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get over(): boolean {
    return this.#over !== null;
  }

  /** Runs one command; rejects with QmpError when QEMU refuses it, is gone, or does not answer within the deadline. */
  execute(command: string, args: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<unknown> {
    if (this.#over !== null) return Promise.reject(this.#over);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new QmpError(`QEMU did not answer ${command} within ${deadlineMs} ms`));
      }, deadlineMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#end(new QmpError("the QMP connection was closed"));
  }

  #receive(text: string): void {
    const lines = (this.#buffer + text).split("\n");
    this.#buffer = lines.pop() ?? "";
    if (this.#buffer.length > messageLimitBytes) this.#socket.destroy(new QmpError("a QMP message is too long"));
    for (const line of lines) if (line.trim() !== "") this.#handle(line);
  }

  #handle(line: string): void {
    const message = parseObject(line);
    if (message === null) {
      this.#socket.destroy(new QmpError(`not a QMP message: ${line.slice(0, 80)}`));
    } else if ("QMP" in message) {
      this.#greet();
    } else if (typeof message["id"] === "number") {
      const waiting = this.#waiting.get(message["id"]);
      this.#waiting.delete(message["id"]);
      clearTimeout(waiting?.timer);
      if ("return" in message) waiting?.resolve(message["return"]);
      else waiting?.reject(new QmpError(JSON.stringify(message["error"])));
    } // else an event: events.out has it too, and keeps it
  }

  async #awaitGreeting(): Promise<void> {
    const ended = new Promise<never>((_, reject) => {
      this.#socket.once("close", () => reject(this.#over ?? new QmpError("QEMU closed the QMP connection")));
    });
    await Promise.race([this.#greeted, ended]);
  }

  #end(error: Error): void {
    this.#over ??= error;
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#over);
    }
    this.#waiting.clear();
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
