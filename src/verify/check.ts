import { UserError } from "../errors.ts";
import { fromJson, setOf, type Value } from "../tla/values.ts";
import { TraceFault } from "../trace/fault.ts";
import type { TraceLine } from "../trace/event.ts";
import { MemoryLines } from "../trace/memory-lines.ts";
import { mergeLines, openRun } from "../trace/merge.ts";
import type { PlacedLine } from "../trace/reader.ts";
import { findRuns } from "../trace/trace-files.ts";
import { Examination } from "./examination.ts";
import { verdictOf } from "./finding.ts";
import { GroupJudge } from "./judge.ts";
import { Laws } from "./laws.ts";
import { loadTraceSpecification } from "./load-specification.ts";
import type { TraceSpecification } from "./trace-specification.ts";
import type { RejectedVerdict, UndecidedVerdict, Verdict } from "./verdict.ts";

const defaultBound = 64;
const linesBetweenPauses = 2048;

export interface JudgeOptions {
  /** Where the `.tla` files lie. */
  readonly specDirectory: string;
  /** The module with `Init` and `Step(e)`; its `.cfg` lists the laws. `BlixardTrace` when not said. */
  readonly module?: string;
  /** Judge the steps of this group only. */
  readonly group?: string;
  /** How many explanations are followed at a time. */
  readonly bound?: number;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyOptions extends JudgeOptions {
  /** Directories and files; a directory with a `verdict.json` is a run of its own. */
  readonly paths: readonly string[];
  /** Judge without the last line of a file where it was cut off. */
  readonly allowTorn?: boolean;
}

export interface VerifyProgress {
  readonly lines: number;
  readonly seconds: number;
}

/** What the judge needs besides the lines. */
interface Court {
  readonly options: JudgeOptions;
  readonly examination: Examination;
}

type Rejection = RejectedVerdict | UndecidedVerdict;

/**
 * Holds traces against the specification itself: every line must be a step that `Step(e)` allows, and every invariant
 * and property must hold. Stops at the first line that does not fit. Throws only where no verdict is possible: a path
 * that is not there, a specification that cannot be read.
 */
export function verifyTraces(options: VerifyOptions): Promise<Verdict> {
  const { paths, allowTorn = false } = options;
  return verdict(options, paths.join(" "), async (court) => {
    const { examination } = court;
    for (const run of findRuns(paths)) {
      const trace = openRun(run, { schema: true, allowTorn, warn: (text) => examination.warnings.push(text) });
      const rejection = await judgeRun(trace, court);
      if (rejection !== undefined) return rejection;
    }
    return undefined;
  });
}

/** The same for one run whose lines are in memory, by node. */
export function verifyLines(traces: readonly (readonly TraceLine[])[], options: JudgeOptions): Promise<Verdict> {
  return verdict(options, "the run", (court) => {
    const nodes: { node: string; name: string; lines: readonly TraceLine[] }[] = [];
    for (const lines of traces) {
      const header = lines[0];
      if (header === undefined) continue;
      nodes.push({ node: header.node, name: header.event === "Header" ? header.name : header.node, lines });
    }
    const sources = nodes.map(({ node, lines }) => new MemoryLines(node, lines));
    return judgeRun({ nodes, lines: mergeLines(sources) }, court);
  });
}

async function verdict(
  options: JudgeOptions,
  where: string,
  judge: (court: Court) => Promise<Rejection | undefined>,
): Promise<Verdict> {
  const examination = new Examination();
  try {
    const rejection = await judge({ options, examination });
    if (rejection !== undefined) return rejection;
    if (examination.steps === 0) throw nothingChecked(where, options.group);
  } catch (error) {
    if (error instanceof TraceFault) return rejectionOf(error, examination);
    throw error;
  }
  return { kind: "accepted", ...examination.summary() };
}

/** The traces of one run: who took part, and the merged lines. */
interface Run {
  readonly nodes: readonly { readonly node: string; readonly name: string }[];
  readonly lines: Iterable<PlacedLine>;
}

async function judgeRun({ nodes, lines }: Run, court: Court): Promise<Rejection | undefined> {
  const { options, examination } = court;
  examination.beginRun();
  for (const { node, name } of nodes) examination.addNode(node, name);
  const constants = new Map<string, Value>([["Server", setOf(nodes.map(({ node }) => node))]]);
  const specification = await loadTraceSpecification(options.specDirectory, options.module ?? "BlixardTrace", constants);
  return judgeLines(lines, specification, court);
}

async function judgeLines(lines: Iterable<PlacedLine>, specification: TraceSpecification, court: Court): Promise<Rejection | undefined> {
  const { options, examination } = court;
  const laws = new Laws(specification, specification.invariants, specification.properties);
  const judges = new Map<string, GroupJudge>();
  const evaluationsBefore = examination.evaluations;
  examination.invariants = laws.invariants;
  examination.properties = laws.properties;
  for (const placed of lines) {
    const { line } = placed;
    examination.read(line);
    if (examination.lines % linesBetweenPauses === 0) await pause(court);
    if (line.event !== "Header" && (options.group === undefined || line.group === options.group)) {
      let judge = judges.get(line.group);
      if (judge === undefined) judges.set(line.group, (judge = new GroupJudge(specification, laws, options.bound ?? defaultBound)));
      const value = fromJson(line);
      const objection = judge.take(value);
      examination.widest = Math.max(examination.widest, judge.widest);
      examination.evaluations = evaluationsBefore + laws.evaluations;
      if (objection !== undefined) return verdictOf(objection, placed, value, specification, examination);
      examination.accepted(placed);
    }
    examination.remember(placed);
  }
  return undefined;
}

/** Says how far it is, and lets others have a turn. */
async function pause({ options, examination }: Court): Promise<void> {
  options.onProgress?.({ lines: examination.lines, seconds: examination.seconds });
  await new Promise((resolve) => setImmediate(resolve));
}

function nothingChecked(where: string, group: string | undefined): TraceFault {
  const what = `no step of ${group === undefined ? "any node" : `group ${group}`} is there, so nothing was checked`;
  return new TraceFault("TRACE_EMPTY", where, 0, what, "Name the directory that holds the .jsonl files of a run.");
}

function rejectionOf(fault: TraceFault, examination: Examination): RejectedVerdict {
  const { file, line, what, place } = fault;
  const next = place.next === undefined ? {} : { next: place.next };
  const nothing = { differences: [], stateBefore: [], stateAfter: [] };
  return { kind: "rejected", code: fault.code as RejectedVerdict["code"], ...examination.summary(), file, line, what, ...next, ...nothing, context: examination.context() };
}

/** The error that a command ends with; undefined when the traces were accepted. */
export function errorOf(verdict: Verdict): UserError | undefined {
  if (verdict.kind === "accepted") return undefined;
  const place = verdict.line === 0 ? verdict.file : `${verdict.file}:${verdict.line}`;
  const next = verdict.next === undefined ? {} : { next: verdict.next };
  return new UserError(verdict.kind === "undecided" ? "UNDECIDED" : verdict.code, `${place}: ${verdict.what}`, next);
}
