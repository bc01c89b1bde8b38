/**
 * A merged trace as evidence: one JSON object a line, each with the hash of itself and all before it, so that nothing can
 * be changed, taken out or cut off without changing the last hash. Whoever got that hash by another way knows whether the
 * file is the one that was written.
 *
 *     {"prevHash":"…","hash":"…","kind":"head","body":{"form":"blixard-evidence-1","redacted":false,…}}
 *     {"prevHash":"…","hash":"…","kind":"line","body":{…a line of the trace…}}      for every line, in causal order
 *     {"prevHash":"…","hash":"…","kind":"end","body":{"lines":486}}
 *
 * `hash` is SHA-256, in hexadecimal, of `prevHash`, `kind` and the text of `body` as it stands in the line, one after the
 * other; the first `prevHash` is 64 zeros.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import type { TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";
import { LineFile } from "./line-file.ts";
import { NodeOrder } from "./node-order.ts";
import { redaction } from "./redaction.ts";
import { lineProblem } from "./schema.ts";

export const evidenceForm = "blixard-evidence-1";
const noHash = "0".repeat(64);
const bytesAtOnce = 1 << 16;

export interface EvidenceOptions {
  readonly group?: string | undefined;
  readonly redact: boolean;
}

export interface Evidence {
  readonly lines: number;
  /** The last hash, which stands for the whole file. */
  readonly hash: string;
  readonly redacted: boolean;
}

type Kind = "head" | "line" | "end";

const hashOf = (prevHash: string, kind: string, body: string): string => createHash("sha256").update(prevHash).update(kind).update(body).digest("hex");

/** Writes `lines`, which are merged, to a new file. */
export function writeEvidence(path: string, lines: Iterable<{ readonly line: TraceLine }>, { group, redact }: EvidenceOptions): Evidence {
  const descriptor = openSync(path, "wx", 0o600);
  const rename = redact ? redaction() : (line: TraceLine): TraceLine => line;
  let hash = noHash;
  let waiting = "";
  let count = 0;
  const write = (kind: Kind, body: unknown): void => {
    const text = JSON.stringify(body);
    const prevHash = hash;
    hash = hashOf(prevHash, kind, text);
    waiting += `{"prevHash":"${prevHash}","hash":"${hash}","kind":"${kind}","body":${text}}\n`;
    if (waiting.length >= bytesAtOnce) flush();
  };
  const flush = (): void => {
    const bytes = Buffer.from(waiting, "utf8");
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    waiting = "";
  };
  try {
    write("head", { form: evidenceForm, redacted: redact, group: group ?? null });
    for (const { line } of lines) {
      if (group !== undefined && line.event !== "Header" && line.group !== group) continue;
      write("line", rename(line));
      count++;
    }
    write("end", { lines: count });
    flush();
  } finally {
    closeSync(descriptor);
  }
  return { lines: count, hash, redacted: redact };
}

const recordPattern = /^\{"prevHash":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","kind":"(head|line|end)","body":(.*)\}$/;

/**
 * Checks every hash, every line against the schema, the order of each node's lines, and the count. `taken` is given every
 * line on the way; what it made of them is worth something only if the whole file is in order.
 */
export function checkEvidence(path: string, taken: (line: TraceLine) => void = () => {}): Evidence {
  const file = new LineFile(path);
  try {
    return new EvidenceReader(file, taken).read();
  } finally {
    file.close();
  }
}

class EvidenceReader {
  readonly #file: LineFile;
  readonly #taken: (line: TraceLine) => void;
  readonly #orders = new Map<string, NodeOrder>();
  #hash = noHash;
  #lines = 0;
  #whole = true;

  constructor(file: LineFile, taken: (line: TraceLine) => void) {
    this.#file = file;
    this.#taken = taken;
  }

  read(): Evidence {
    const head = this.#next("head") as { readonly form?: unknown; readonly redacted?: unknown; readonly group?: unknown };
    if (head.form !== evidenceForm) throw this.#fault(`the form is ${JSON.stringify(head.form)}, and ${evidenceForm} is known`);
    this.#whole = head.group === null;
    for (;;) {
      const body = this.#next("line", "end");
      if (!isLine(body)) return this.#end(body as { readonly lines?: unknown }, head.redacted === true);
      this.#take(body);
    }
  }

  #end({ lines }: { readonly lines?: unknown }, redacted: boolean): Evidence {
    if (lines !== this.#lines) throw this.#fault(`it tells of ${JSON.stringify(lines)} lines, and ${this.#lines} are there`);
    if (this.#file.next() !== undefined || this.#file.tornBytes > 0) throw this.#fault("something follows the end");
    return { lines: this.#lines, hash: this.#hash, redacted };
  }

  #take(line: TraceLine): void {
    const problem = lineProblem(line);
    if (problem !== null) throw this.#fault(problem);
    this.#lines++;
    // Of one group only, numbers have gaps.
    if (this.#whole) {
      let order = this.#orders.get(line.node);
      if (order === undefined) this.#orders.set(line.node, (order = new NodeOrder(line.node)));
      order.check(line, this.#file.path, this.#file.number, line.event === "Header");
    }
    this.#taken(line);
  }

  #next(...kinds: readonly Kind[]): unknown {
    const text = this.#file.next();
    if (text === undefined) throw new TraceFault("TRACE_TORN_TAIL", this.#file.path, this.#file.number + 1, "the file ends before its end record: something was cut off");
    const [, prevHash = "", hash = "", kind = "", body = ""] = recordPattern.exec(text) ?? [];
    if (!kinds.some((wanted) => wanted === kind)) throw this.#fault(kind === "" ? "this is no record of evidence" : `a record of kind ${kind} cannot stand here`);
    if (prevHash !== this.#hash) throw this.#fault("it does not follow the record before: one was taken out, put in or moved");
    if (hash !== hashOf(prevHash, kind, body)) throw this.#fault("the hash is not that of the record: it was changed");
    this.#hash = hash;
    try {
      return JSON.parse(body);
    } catch (error) {
      throw this.#fault(`this is no JSON: ${(error as Error).message}`);
    }
  }

  #fault(what: string): TraceFault {
    return new TraceFault("TRACE_INVALID", this.#file.path, this.#file.number, what);
  }
}

function isLine(body: unknown): body is TraceLine {
  return typeof body === "object" && body !== null && "event" in body;
}
