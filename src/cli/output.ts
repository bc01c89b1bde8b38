/** The two streams of a command: what it says on stdout, what it says about it on stderr. */

import { exitStatus } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { paintFor } from "./paint.ts";
import { printable } from "./printable.ts";

/** A command's answer, for a program or for a person. */
export async function print(answer: Answer, json: boolean): Promise<void> {
  for (const note of answer.notes ?? []) notify(note);
  if (json) {
    await writeLine(JSON.stringify(answer.json, null, 2));
    return;
  }
  const text = answer.text(await paintFor(process.stdout, process.env));
  if (text !== null) await writeLine(text);
}

/** A diagnostic line. */
export function notify(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Resolves when the line has left the process. */
export function writeLine(line: string): Promise<void> {
  return write(`${line}\n`);
}

let watched = false;

/** A reader that went away (`| head`) ends the command without a word. */
function watchReader(): void {
  if (watched) return;
  watched = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitStatus.ok);
  });
}

/** Bytes or text as they are. */
export function write(data: string | Uint8Array): Promise<void> {
  watchReader();
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
