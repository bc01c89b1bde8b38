import { vi } from "vitest";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../../src/commands/program.ts";

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, as `bin/dev.js` would, with its streams caught. */
export async function blixard(...argv: readonly string[]): Promise<Ran> {
  const caught = { stdout: "", stderr: "" };
  const catching = (stream: "stdout" | "stderr") =>
    vi.spyOn(process[stream], "write").mockImplementation((data: unknown, ...rest: unknown[]) => {
      caught[stream] += typeof data === "string" ? data : Buffer.from(data as Uint8Array).toString();
      const done = rest.find((value) => typeof value === "function");
      if (done !== undefined) (done as () => void)();
      return true;
    });
  const logged = vi.spyOn(console, "log").mockImplementation((line: unknown) => void (caught.stdout += `${String(line)}\n`));
  const spies = [catching("stdout"), catching("stderr"), logged];
  try {
    return { exit: await runProgram(argv, root), ...caught };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
