import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../assert.ts";
import { UserError } from "../errors.ts";
import type { TraceEvent } from "./event.ts";
import type { TraceWriter } from "./writer-contract.ts";
import { repairTail, type TraceTail, traceFileName, unfinishedSuffix } from "./writer-resume.ts";

export interface TraceWriterOptions {
  /** The node's own directory for traces; made when it is not there. */
  readonly directory: string;
  readonly node: string;
  readonly name: string;
  /** Id of the cluster, `""` while the node is in none. */
  readonly cluster: string;
  /** Counts starts of the daemon, from 1; larger at each start. */
  readonly incarnation: number;
  readonly version: string;
  /** A file that has reached this size is followed by a new one. */
  readonly rotateBytes: number;
  /** Wall clock, for the header. */
  readonly timeMs: number;
}

/**
 * Opens the trace of a node: repairs what kill -9 left, continues `seq` and `clock`, and begins a new file. Every error
 * of the disk is a `UserError` after which the writer refuses all work: a step whose line is lost must not be seen.
 */
export function openTraceWriter(options: TraceWriterOptions): TraceWriter {
  const { directory } = options;
  const tail = onDisk(directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return repairTail(directory);
  });
  if (tail.node !== undefined && tail.node !== options.node) {
    throw new UserError("DATA_DIR_FOREIGN", `The traces in ${directory} are of node ${tail.node}, this is node ${options.node}.`, {
      next: "Start the node with its own data directory.",
    });
  }
  if (tail.incarnation > options.incarnation) {
    const law = `The traces in ${directory} go up to incarnation ${tail.incarnation}, the database says that this is ${options.incarnation}.`;
    throw new UserError("DATA_DIR_FOREIGN", law, { next: "The database is older than the traces: was it put back from a copy?" });
  }
  return new FileTraceWriter(options, tail);
}

class FileTraceWriter implements TraceWriter {
  readonly #options: TraceWriterOptions;
  readonly #nodePart: string;
  #part: number;
  #seq: number;
  #clock: number;
  /** Lines that were stamped and not yet written: all arrays are of one length. */
  #groups: string[] = [];
  #clocks: number[] = [];
  #events: TraceEvent[] = [];
  #path = "";
  #descriptor = -1;
  #bytes = 0;

  constructor(options: TraceWriterOptions, tail: TraceTail) {
    this.#options = options;
    this.#nodePart = `","node":${JSON.stringify(options.node)},"incarnation":${options.incarnation},"seq":`;
    this.#part = tail.incarnation === options.incarnation ? tail.part : 0;
    this.#seq = tail.seq;
    this.#clock = tail.clock;
    this.#beginFile();
  }

  get clock(): number {
    return this.#clock;
  }

  observe(clock: number): void {
    if (clock > this.#clock) this.#clock = clock;
  }

  append(group: string, event: TraceEvent): void {
    this.#clock++;
    this.#groups.push(group);
    this.#clocks.push(this.#clock);
    this.#events.push(event);
  }

  flush(): void {
    if (this.#events.length === 0) return;
    const text = this.#takeText();
    this.#write(text);
    if (this.#bytes >= this.#options.rotateBytes) this.#beginFile();
  }

  close(): void {
    if (this.#descriptor === -1) return;
    this.flush();
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  /** The waiting lines as text; afterwards none waits. */
  #takeText(): string {
    let text = "";
    for (let at = 0; at < this.#events.length; at++) {
      // Groups are names: nothing in them needs an escape.
      text += `{"group":"${this.#groups[at]}${this.#nodePart}${++this.#seq},"clock":${this.#clocks[at]},`;
      text += JSON.stringify(this.#events[at]).slice(1);
      text += "\n";
    }
    this.#groups.length = 0;
    this.#clocks.length = 0;
    this.#events.length = 0;
    return text;
  }

  #write(text: string): void {
    assert(this.#descriptor !== -1, "a trace writer that failed or was closed writes nothing more");
    const bytes = Buffer.from(text, "utf8");
    this.#guard(() => {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written, bytes.length - written);
    });
    this.#bytes += bytes.length;
  }

  /** Does `act`; when it fails, nothing more is written by this writer. */
  #guard<T>(act: () => T): T {
    try {
      return onDisk(this.#path, act);
    } catch (error) {
      this.#descriptor = -1;
      throw error;
    }
  }

  /** A file appears under its name only once its header is in it, so that no reader meets one without. */
  #beginFile(): void {
    const { directory, name, cluster, version, timeMs, incarnation } = this.#options;
    if (this.#descriptor !== -1) closeSync(this.#descriptor);
    this.#part++;
    this.#clock++;
    this.#path = join(directory, traceFileName({ incarnation, part: this.#part }));
    const unfinished = this.#path + unfinishedSuffix;
    this.#descriptor = this.#guard(() => openSync(unfinished, "wx", 0o600));
    this.#bytes = 0;
    const header = JSON.stringify({ clock: this.#clock, event: "Header", schema: 1, name, cluster, version, timeMs }).slice(1);
    this.#write(`{"group":"node${this.#nodePart}${++this.#seq},${header}\n`);
    this.#guard(() => renameSync(unfinished, this.#path));
  }
}

function onDisk<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof UserError || code === undefined) throw error;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new UserError("DISK_FULL", `There is no space left for the trace ${path}.`, { next: "Free some space, then start the node again." });
    }
    throw new UserError("DISK_FAILED", `The trace ${path} cannot be written: ${(error as Error).message}.`, {
      next: "Check the disk and the rights of the directory, then start the node again.",
    });
  }
}
