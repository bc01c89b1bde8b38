import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import type { TraceLine } from "./event.ts";

const linesAtOnce = 1000;

/** Writes lines as nodes write them: a directory for each node, a file from each header on. */
export class Unpacking {
  readonly #directory: string;
  readonly #files = new Map<string, { path: string; waiting: string[] }>();

  /** `directory` is made when it is not there; refused when something is in it. */
  constructor(directory: string) {
    if (existsSync(directory) && readdirSync(directory).length > 0) {
      throw new UserError("ALREADY_EXISTS", `${directory} is not empty.`, { next: "Name a new directory." });
    }
    this.#directory = directory;
  }

  take(line: TraceLine): void {
    let file = this.#files.get(line.node);
    if (file === undefined || line.event === "Header") {
      this.#flush(file);
      const own = join(this.#directory, line.node);
      mkdirSync(own, { recursive: true });
      file = { path: join(own, `trace-${String(line.seq).padStart(12, "0")}.jsonl`), waiting: [] };
      this.#files.set(line.node, file);
    }
    file.waiting.push(`${JSON.stringify(line)}\n`);
    if (file.waiting.length === linesAtOnce) this.#flush(file);
  }

  finish(): void {
    for (const file of this.#files.values()) this.#flush(file);
  }

  #flush(file: { path: string; waiting: string[] } | undefined): void {
    if (file === undefined) return;
    appendFileSync(file.path, file.waiting.join(""));
    file.waiting.length = 0;
  }
}
