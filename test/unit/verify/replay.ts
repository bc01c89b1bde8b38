/**
 * Judges many variants of one run, each of which differs in few lines: begins at the first line that differs, from the
 * state before it, and ends as soon as the rest of the lines is the same and so is the state.
 */

import type { TraceHeader, TraceLine } from "../../../src/trace/event.ts";
import { TraceFault } from "../../../src/trace/fault.ts";
import { mergeLines } from "../../../src/trace/merge.ts";
import { NodeOrder } from "../../../src/trace/node-order.ts";
import type { LineSource, PlacedLine } from "../../../src/trace/reader.ts";
import { lineProblem } from "../../../src/trace/schema.ts";
import type { State } from "../../../src/tla/state.ts";
import { fromJson, setOf, type Value } from "../../../src/tla/values.ts";
import { GroupJudge } from "../../../src/verify/judge.ts";
import { Laws } from "../../../src/verify/laws.ts";
import { loadTraceSpecification } from "../../../src/verify/load-specification.ts";
import type { TraceSpecification } from "../../../src/verify/trace-specification.ts";
import type { Line } from "./line-change.ts";
import { type Files, numbered } from "./run-files.ts";

export interface ReplayOptions {
  readonly specDirectory: string;
  readonly module?: string;
}

export interface ReplayVerdict {
  readonly kind: "accepted" | "rejected" | "undecided";
  /** Accepted, and the state behind the damage is what it was without it. */
  readonly same: boolean;
}

/** The states of every group between two lines. */
type Frontiers = ReadonlyMap<string, readonly State[]>;

const bound = 64;

export class Replay {
  readonly #specification: TraceSpecification;
  readonly #laws: Laws;
  readonly #nodes: ReadonlySet<string>;
  readonly #original: readonly Line[];
  /** `#before[k]`: before the k-th line of the original; the last one is the end. */
  readonly #before: Frontiers[] = [];
  readonly #values = new WeakMap<Line, Value>();

  static async of(files: Files, { specDirectory, module = "BlixardTrace" }: ReplayOptions): Promise<Replay> {
    const nodes = new Set(files.map(({ lines }) => lines[0]!.node));
    const constants = new Map<string, Value>([["Server", setOf([...nodes])]]);
    return new Replay(files, nodes, await loadTraceSpecification(specDirectory, module, constants));
  }

  private constructor(files: Files, nodes: ReadonlySet<string>, specification: TraceSpecification) {
    this.#specification = specification;
    this.#laws = new Laws(specification, specification.invariants, specification.properties);
    this.#nodes = nodes;
    this.#original = merged(files);
    this.#before.push(new Map());
    for (const line of this.#original) {
      const after = this.#step(this.#before.at(-1)!, line);
      if (typeof after === "string") throw new Error(`the run itself is ${after} at clock ${line.clock}`);
      this.#before.push(after);
    }
  }

  /** The verdict on a variant of the run. */
  judge(files: Files): ReplayVerdict {
    if (!this.#isInOrder(files)) return { kind: "rejected", same: false };
    const lines = merged(files);
    const original = this.#original;
    let at = 0;
    while (at < lines.length && lines[at] === original[at]) at++;
    let same = 0;
    while (same < lines.length - at && lines.at(-1 - same) === original.at(-1 - same)) same++;
    let frontiers = this.#before[at]!;
    for (; at < lines.length; at++) {
      const left = lines.length - at;
      if (left <= same && areEqual(frontiers, this.#before[original.length - left]!)) return { kind: "accepted", same: true };
      const after = this.#step(frontiers, lines[at]!);
      if (typeof after === "string") return { kind: after, same: false };
      frontiers = after;
    }
    return { kind: "accepted", same: areEqual(frontiers, this.#before.at(-1)!) };
  }

  /** What readers check of files: schema, order, one cluster. */
  #isInOrder(files: Files): boolean {
    const orders = new Map<string, NodeOrder>();
    let cluster = "";
    for (const file of files) {
      for (const [at, line] of numbered(file).entries()) {
        if (at === 0) {
          const header = line as unknown as TraceHeader;
          if (!this.#nodes.has(line.node)) return false;
          if (!orders.has(line.node)) orders.set(line.node, new NodeOrder(line.node));
          if (cluster !== "" && header.cluster !== "" && header.cluster !== cluster) return false;
          if (header.cluster !== "") cluster = header.cluster;
        }
        if (!this.#values.has(line) && lineProblem(line) !== null) return false;
        try {
          orders.get(file.lines[0]!.node)!.check(line as unknown as TraceLine, file.path, at + 1);
        } catch (error) {
          if (error instanceof TraceFault) return false;
          throw error;
        }
      }
    }
    return true;
  }

  #step(before: Frontiers, line: Line): Frontiers | "rejected" | "undecided" {
    if (line.event === "Header") return before;
    const group = line["group"] as string;
    const judge = new GroupJudge(this.#specification, this.#laws, bound, before.get(group));
    let value = this.#values.get(line);
    if (value === undefined) this.#values.set(line, (value = fromJson(line)));
    const objection = judge.take(value);
    if (objection !== undefined) return objection.kind === "undecided" ? "undecided" : "rejected";
    return new Map(before).set(group, judge.frontier);
  }
}

/** The lines of all nodes in the order in which they are judged. */
function merged(files: Files): readonly Line[] {
  const nodes = new Map<string, Line[]>();
  for (const { lines } of files) {
    const node = lines[0]?.node ?? "";
    nodes.set(node, [...(nodes.get(node) ?? []), ...lines]);
  }
  const sources = [...nodes.values()].map((lines): LineSource => {
    let at = 0;
    return {
      next: () => {
        const line = lines[at++];
        return line === undefined ? undefined : ({ line: line as unknown as TraceLine, file: "", number: at } satisfies PlacedLine);
      },
      close: () => {},
    };
  });
  return [...mergeLines(sources)].map(({ line }) => line as unknown as Line);
}

function areEqual(a: Frontiers, b: Frontiers): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [group, states] of a) {
    const others = b.get(group);
    if (others === undefined || others.length !== states.length) return false;
    if (!states.every((state) => others.some((other) => other.equals(state)))) return false;
  }
  return true;
}
