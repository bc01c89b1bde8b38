/** What people type at the console of a VM: written to the socket of its serial line. */

import type { Socket } from "node:net";

import { UserError } from "../errors.ts";
import type { RunDir } from "./driver.ts";
import { connectIn } from "./run-directory.ts";

/**
 * The line is let go when nothing was typed for so long: a daemon that is stopped while it holds the line would keep the
 * guest from writing, once the buffer between them is full.
 */
const idleMs = 5_000;

export class ConsoleInput {
  readonly #name: string;
  readonly #dir: RunDir;
  readonly #socketName: string | undefined;
  #line: Promise<Socket> | null = null;
  #idle: NodeJS.Timeout | undefined;

  /** `socketName` is undefined for a driver whose guests read nothing. */
  constructor(name: string, dir: RunDir, socketName: string | undefined) {
    this.#name = name;
    this.#dir = dir;
    this.#socketName = socketName;
  }

  /** Resolves when the guest's serial line has taken the bytes. */
  async write(data: Buffer): Promise<void> {
    const line = await (this.#line ??= this.#open());
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), idleMs).unref();
    await new Promise<void>((resolve, reject) => {
      line.write(data, (error) => (error ? reject(this.#refusal(error.message)) : resolve()));
    });
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#line?.then((line) => line.destroy(), () => undefined);
    this.#line = null;
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      if (this.#socketName === undefined) {
        this.#line = null;
        return reject(new UserError("WRONG_STATE", `the driver of VM ${this.#name} has no console that can be typed at`));
      }
      const line = connectIn(this.#dir, this.#socketName);
      line.once("connect", () => resolve(line));
      line.once("error", (error) => reject(this.#refusal(error.message)));
      line.on("close", () => (this.#line = null));
      line.resume(); // its output is read from the file
    });
  }

  #refusal(why: string): UserError {
    this.#line = null;
    return new UserError("WRONG_STATE", `nothing can be typed at the console of VM ${this.#name}: ${why}`);
  }
}
