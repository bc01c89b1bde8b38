/** Asks the user whether to do what cannot be undone. Never waits where nobody can answer. */

import { Flags } from "@oclif/core";
import { createInterface } from "node:readline/promises";
import { UserError } from "../errors.ts";

/** The flag of a command that asks. */
export const yesFlag = Flags.boolean({ char: "y", description: "Do not ask." });

/** Asks at a terminal only: a script that gives the command means it. */
export async function confirmAtTerminal(yes: boolean, word: string, question: string): Promise<void> {
  if (!yes && process.stdin.isTTY) await confirmByTyping(word, question);
}

/** Returns when `word` was typed; throws when something else was, or when there is no terminal to ask at. */
export async function confirmByTyping(word: string, question: string): Promise<void> {
  if (process.stdin.isTTY !== true) {
    throw new UserError("INVALID_ARGUMENT", "this must be confirmed, and there is no terminal to ask at", { next: "Nothing was changed. Give --yes to go on." });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    const typed = await Promise.race([lines.question(`${question} Type ${word} to go on: `), ended]);
    if (typed.trim() === word) return;
  } finally {
    lines.close();
  }
  throw new UserError("INVALID_ARGUMENT", `${word} was not typed`, { next: "Nothing was changed." });
}
