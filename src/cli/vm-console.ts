/** `vm console`: a terminal, or a pipe, at the serial line of a guest. */

import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { UserError } from "../errors.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { notify, write } from "./output.ts";

/** Ctrl-], as in virsh and telnet. */
const escape = 0x1d;
/** After the end of what is piped in, what the guest says is waited for until it has been silent for so long. */
const silenceMs = 2_000;

export interface Typing {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  /** Whether the input is a pipe or a file, whose end is the end. */
  readonly piped: boolean;
}

/** What stdin is. Throws when there is nobody at it: neither a terminal nor a pipe. */
export function openTyping(): Typing {
  if (process.stdin.isTTY) return { input: process.stdin, piped: false };
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isFile() || stdin.isSocket()) return { input: process.stdin, piped: true };
  throw new UserError("INVALID_ARGUMENT", "stdin is neither a terminal nor a pipe, so there is nobody at the console", {
    next: "Read the console with `blixard vm logs -f NAME`, or pipe in what is to be typed.",
  });
}

/** Resolves when the user has left by Ctrl-], the piped input has been answered, or the VM is gone. */
export async function attachConsole(daemon: DaemonSession, name: string, tail: number, { input, piped }: Typing): Promise<void> {
  let heardAt = performance.now();
  const session = { isOver: false };
  const output = daemon.stream((asked) => asked.vm.logs({ name, tail, follow: true, interactive: true }))[Symbol.asyncIterator]();
  const hear = async (): Promise<void> => {
    for (let next = await output.next(); next.done !== true && !session.isOver; next = await output.next()) {
      heardAt = performance.now();
      await write(next.value.text);
    }
  };
  const type = async (): Promise<void> => {
    for await (const chunk of input) {
      const typed = Buffer.from(chunk as Uint8Array);
      const left = piped ? -1 : typed.indexOf(escape);
      const data = left < 0 ? typed : typed.subarray(0, left);
      if (data.length > 0) await daemon.once((asked, options) => asked.vm.type({ name, data }, options));
      heardAt = performance.now();
      if (left >= 0) return;
    }
    while (performance.now() - heardAt < silenceMs) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  if (!piped) notify(`at the console of VM ${name}; leave with Ctrl-]`);
  if (!piped) input.setRawMode?.(true);
  try {
    await Promise.race([hear(), type()]);
  } finally {
    session.isOver = true;
    if (!piped) input.setRawMode?.(false);
    input.destroy();
    void output.return?.();
  }
}
