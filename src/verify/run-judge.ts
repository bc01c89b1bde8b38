/** One run of a cluster held against the specification: its lines, merged, one after the other. */

import { fromJson, setOf, type Value } from "../tla/values.ts";
import { TraceFault } from "../trace/fault.ts";
import type { PlacedLine } from "../trace/reader.ts";
import { contextLine, Examination } from "./examination.ts";
import { type Stop, verdictOf } from "./finding.ts";
import { GroupJudge } from "./judge.ts";
import { Laws } from "./laws.ts";
import { loadTraceSpecification } from "./load-specification.ts";
import type { TraceSpecification } from "./trace-specification.ts";
import type { ContextLine, RejectedVerdict, UndecidedVerdict, Verdict } from "./verdict.ts";

export const defaultBound = 64;
const linesBetweenPauses = 2048;
const linesAfter = 6;

export interface JudgeOptions {
  /** Where the `.tla` files lie. */
  readonly specDirectory: string;
  /** The module with `Init` and `Step(e)`; its `.cfg` lists the laws. `BlixardTrace` when not said. */
  readonly module?: string;
  /** Judge the steps of this group only. */
  readonly group?: string;
  /** How many explanations are followed at a time. */
  readonly bound?: number;
  /** Of so many lines before the one that does not fit the verdict tells the state; none when not said. */
  readonly states?: number;
  /** Judge only the groups whose turn it is; all lines are read and counted all the same. */
  readonly share?: Share;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** Groups are dealt out in the order in which they appear: one judge gets every `of`-th, beginning with `part`. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

export interface VerifyProgress {
  readonly lines: number;
  readonly seconds: number;
}

/** The traces of one run: who took part, and the merged lines. */
export interface RunLines {
  readonly nodes: readonly { readonly node: string; readonly name: string }[];
  readonly lines: Iterable<PlacedLine>;
}

/** What the judge needs besides the lines. */
interface Court {
  readonly options: JudgeOptions;
  readonly examination: Examination;
}

type Rejection = RejectedVerdict | UndecidedVerdict;

/** Judges one run. `open` gives its lines, and tells of what it passes over. Faults of the files are verdicts too. */
export async function judgeRun(open: (warn: (text: string) => void) => RunLines, options: JudgeOptions): Promise<Verdict> {
  const examination = new Examination(options.states);
  try {
    const { nodes, lines } = open((text) => examination.warnings.push(text));
    for (const { node, name } of nodes) examination.addNode(node, name);
    const constants = new Map<string, Value>([["Server", setOf(nodes.map(({ node }) => node))]]);
    const specification = await loadTraceSpecification(options.specDirectory, options.module ?? "BlixardTrace", constants);
    const rejection = await judgeLines(lines, specification, { options, examination });
    if (rejection !== undefined) return rejection;
  } catch (error) {
    if (error instanceof TraceFault) return faultVerdict(error, examination);
    throw error;
  }
  return { kind: "accepted", ...examination.summary() };
}

async function judgeLines(lines: Iterable<PlacedLine>, specification: TraceSpecification, court: Court): Promise<Rejection | undefined> {
  const { options, examination } = court;
  const laws = new Laws(specification, specification.invariants, specification.properties);
  const docket = new Docket(options, () => new GroupJudge(specification, laws, options.bound ?? defaultBound));
  examination.invariants = laws.invariants;
  examination.properties = laws.properties;
  const iterator = lines[Symbol.iterator]();
  try {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const placed = next.value;
      examination.read(placed.line);
      if (examination.lines % linesBetweenPauses === 0) await pause(court);
      const stop = judgeLine(placed, docket, court);
      examination.evaluations = laws.evaluations;
      if (stop !== undefined) return verdictOf({ ...stop, after: following(iterator) }, specification, examination);
    }
  } finally {
    iterator.return?.();
  }
  return undefined;
}

function judgeLine(placed: PlacedLine, docket: Docket, { options, examination }: Court): Omit<Stop, "after"> | undefined {
  const { line } = placed;
  if (line.event === "Header" || (options.group !== undefined && line.group !== options.group)) {
    examination.remember(placed, undefined);
    return undefined;
  }
  const judge = docket.judgeOf(line.group);
  if (judge !== undefined) {
    const before = judge.frontier[0];
    const value = fromJson(line);
    const objection = judge.take(value);
    examination.widest = Math.max(examination.widest, judge.widest);
    if (objection !== undefined) return { objection, placed, value };
    examination.remember(placed, before);
  } else {
    examination.remember(placed, undefined);
  }
  examination.accepted(placed);
  return undefined;
}

/** Which judge has which group. */
class Docket {
  readonly #share: Share;
  readonly #appoint: () => GroupJudge;
  readonly #judges = new Map<string, GroupJudge | undefined>();

  constructor({ share = { part: 0, of: 1 } }: JudgeOptions, appoint: () => GroupJudge) {
    this.#share = share;
    this.#appoint = appoint;
  }

  /** Undefined when somebody else judges the group. */
  judgeOf(group: string): GroupJudge | undefined {
    if (!this.#judges.has(group)) {
      const mine = this.#judges.size % this.#share.of === this.#share.part;
      this.#judges.set(group, mine ? this.#appoint() : undefined);
    }
    return this.#judges.get(group);
  }
}

/** Some lines behind the one that does not fit, as far as they can be read. */
function following(iterator: Iterator<PlacedLine>): readonly ContextLine[] {
  const lines: ContextLine[] = [];
  try {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      lines.push(contextLine(next.value));
      if (lines.length === linesAfter) break;
    }
  } catch (error) {
    if (!(error instanceof TraceFault)) throw error;
  }
  return lines;
}

/** Says how far it is, and lets others have a turn. */
async function pause({ options, examination }: Court): Promise<void> {
  options.onProgress?.({ lines: examination.lines, seconds: examination.seconds });
  await new Promise((resolve) => setImmediate(resolve));
}

/** The verdict on a trace that cannot be read as one. */
export function faultVerdict(fault: TraceFault, examination: Examination): RejectedVerdict {
  const { file, line, what, place } = fault;
  const next = place.next === undefined ? {} : { next: place.next };
  const nothing = { differences: [], stateBefore: [], stateAfter: [], states: [], after: [] };
  return { kind: "rejected", code: fault.code as RejectedVerdict["code"], ...examination.summary(), file, line, what, ...next, ...nothing, context: examination.context() };
}
