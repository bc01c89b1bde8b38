import type { TraceLine } from "../trace/event.ts";
import type { PlacedLine } from "../trace/reader.ts";
import type { ContextLine, Examined } from "./verdict.ts";

const contextLines = 10;

/** Counts what was looked at, and remembers the last lines, for the verdict. */
export class Examination {
  readonly warnings: string[] = [];
  runs = 0;
  lines = 0;
  steps = 0;
  widest = 1;
  evaluations = 0;
  invariants: readonly string[] = [];
  properties: readonly string[] = [];
  readonly #startedMs = performance.now();
  readonly #nodes = new Map<string, { node: string; name: string; lines: number }>();
  readonly #groups = new Map<string, number>();
  readonly #events = new Map<string, number>();
  #recent: PlacedLine[] = [];
  #remembered = 0;

  /** Another run begins: what was remembered is of no use for it. */
  beginRun(): void {
    this.runs++;
    this.#recent = [];
    this.#remembered = 0;
  }

  /** A node of the run that is being judged. */
  addNode(node: string, name: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, { node, name, lines: 0 });
  }

  read(line: TraceLine): void {
    this.lines++;
    const node = this.#nodes.get(line.node);
    if (node !== undefined) node.lines++;
  }

  /** A line that the specification allowed. */
  accepted(placed: PlacedLine): void {
    const { line } = placed;
    this.steps++;
    this.#groups.set(line.group, (this.#groups.get(line.group) ?? 0) + 1);
    this.#events.set(line.event, (this.#events.get(line.event) ?? 0) + 1);
  }

  /** Remembers a line for `context`. */
  remember(placed: PlacedLine): void {
    this.#recent[this.#remembered % contextLines] = placed;
    this.#remembered++;
  }

  /** The lines remembered last, oldest first. */
  context(): readonly ContextLine[] {
    const oldest = this.#remembered % contextLines;
    const ordered = [...this.#recent.slice(oldest), ...this.#recent.slice(0, oldest)];
    return ordered.map(({ file, number, line }) => ({ file, line: number, event: line }));
  }

  /** True when a line of the trace speaks of that node in its own name. */
  knows(node: string): boolean {
    return this.#nodes.has(node);
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  summary(): Examined {
    const { runs, lines, steps, invariants, properties, evaluations, widest, warnings, seconds } = this;
    const events = Object.fromEntries([...this.#events].sort((a, b) => b[1] - a[1]));
    const groups = Object.fromEntries(this.#groups);
    return { runs, lines, steps, nodes: [...this.#nodes.values()], groups, events, invariants, properties, evaluations, widest, warnings, seconds };
  }
}
