import type { State } from "../tla/state.ts";
import type { TraceLine } from "../trace/event.ts";
import type { PlacedLine } from "../trace/reader.ts";
import type { ContextLine, Examined } from "./verdict.ts";

const contextLines = 10;

/** A line and a state of its group before it. */
export interface RememberedState {
  readonly placed: PlacedLine;
  readonly before: State;
}

/** Counts what was looked at in one run, and remembers the last lines, for the verdict. */
export class Examination {
  readonly warnings: string[] = [];
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
  readonly #recent = new Ring<PlacedLine>(contextLines);
  readonly #states: Ring<RememberedState>;

  /** `states`: how many states are remembered, see `states`. */
  constructor(states = 0) {
    this.#states = new Ring(states);
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

  /** Remembers a line for `context`, and for `states` a state before it. */
  remember(placed: PlacedLine, before: State | undefined): void {
    this.#recent.add(placed);
    if (before !== undefined) this.#states.add({ placed, before });
  }

  /** The lines remembered last, oldest first. */
  context(): readonly ContextLine[] {
    return this.#recent.items().map(contextLine);
  }

  /** States before the lines remembered last, oldest first. */
  states(): readonly RememberedState[] {
    return this.#states.items();
  }

  /** True when a line of the trace speaks of that node in its own name. */
  knows(node: string): boolean {
    return this.#nodes.has(node);
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  summary(): Examined {
    const { lines, steps, invariants, properties, evaluations, widest, warnings, seconds } = this;
    const events = Object.fromEntries([...this.#events].sort((a, b) => b[1] - a[1]));
    const groups = Object.fromEntries(this.#groups);
    return { runs: 1, lines, steps, nodes: [...this.#nodes.values()], groups, events, invariants, properties, evaluations, widest, warnings, seconds };
  }
}

export function contextLine({ file, number, line }: PlacedLine): ContextLine {
  return { file, line: number, event: line };
}

/** The last things that were added, up to `size` of them. */
class Ring<T> {
  readonly #size: number;
  readonly #items: T[] = [];
  #added = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(item: T): void {
    if (this.#size === 0) return;
    this.#items[this.#added % this.#size] = item;
    this.#added++;
  }

  /** Oldest first. */
  items(): readonly T[] {
    const oldest = this.#size === 0 ? 0 : this.#added % this.#size;
    return [...this.#items.slice(oldest), ...this.#items.slice(0, oldest)];
  }
}
