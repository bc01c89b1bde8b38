import { FunctionValue, printValue, type Value } from "../tla/values.ts";
import type { State } from "../tla/state.ts";
import type { Failure } from "../tla/watch.ts";
import type { TraceLine } from "../trace/event.ts";
import type { PlacedLine } from "../trace/reader.ts";
import type { Examination } from "./examination.ts";
import type { Objection } from "./judge.ts";
import type { TraceSpecification } from "./trace-specification.ts";
import type { ContextLine, Difference, Finding, RejectedVerdict, StateBefore, UndecidedVerdict, VariableText } from "./verdict.ts";

const mostDifferences = 5;
/** Values are cut here: a log of thousands of entries explains nothing. */
const mostCharacters = 4000;

/** In what is told of many lines values are cut shorter. */
const mostCharactersOfMany = 600;

/** The line at which the judge stops. */
export interface Stop {
  readonly objection: Objection;
  readonly placed: PlacedLine;
  readonly value: Value;
  /** Lines behind it. */
  readonly after: readonly ContextLine[];
}

/** The verdict that an objection to a line comes to. */
export function verdictOf({ objection, placed, value, after }: Stop, specification: TraceSpecification, examination: Examination): RejectedVerdict | UndecidedVerdict {
  const { line, file, number } = placed;
  const context = examination.context();
  const place = { file, line: number, event: line, context, after, states: statesBefore(examination) };
  const examined = examination.summary();
  switch (objection.kind) {
    case "undecided":
      return { kind: "undecided", ...examined, ...place, ...undecided(objection.found), stateBefore: stateText(objection.states[0], line.node) };
    case "broken":
      return { kind: "rejected", code: "INVARIANT_VIOLATED", ...examined, ...place, ...broken(objection, line.node) };
    case "refused": {
      const finding = refused(objection, line, value, specification, examination);
      return { kind: "rejected", code: "TRACE_REFUSED", ...examined, ...place, ...finding };
    }
  }
}

/** Of each of the last lines: what its node knew before it. */
function statesBefore(examination: Examination): readonly StateBefore[] {
  return examination.states().map(({ placed: { file, number, line }, before }) => {
    const state = before.variables.flatMap((name) => {
      const value = before.get(name);
      const atNode = value instanceof FunctionValue ? value.get(line.node) : undefined;
      return atNode === undefined ? [] : [{ name, value: cut(printValue(atNode), mostCharactersOfMany) }];
    });
    return { file, line: number, state };
  });
}

type Reason = Omit<Finding, "file" | "line" | "context" | "after" | "states">;

function undecided(found: number): Omit<Reason, "stateBefore"> {
  const what = `more than ${found - 1} states explain the trace up to this line, which is more than are followed`;
  return { what, next: "The trace leaves out what the specification needs to know.", differences: [], stateAfter: [] };
}

function broken(objection: Extract<Objection, { kind: "broken" }>, node: string): Reason {
  const { law, before, after, error } = objection;
  const what = error === undefined ? `after this step ${law} does not hold` : `after this step ${law} has no value: ${error.message}`;
  const changed = new Set(before === undefined ? after.variables : after.changed(before));
  const stateAfter = stateText(after, node).filter(({ name }) => changed.has(name));
  return { what, law, differences: [], stateBefore: stateText(before, node), stateAfter };
}

function refused(
  objection: Extract<Objection, { kind: "refused" }>,
  line: TraceLine,
  value: Value,
  specification: TraceSpecification,
  examination: Examination,
): Reason {
  const { error, states } = objection;
  const state = states[0];
  const node = missingNode(line, examination);
  const next = node === undefined ? {} : { next: `There is no trace of node ${node}, of which this line speaks: give the traces of all nodes.` };
  const stateBefore = stateText(state, line.node);
  if (error !== undefined) {
    return { what: `the specification gives this step no value: ${error.message}`, ...next, differences: [], stateBefore, stateAfter: [] };
  }
  const failures = state === undefined ? [] : specification.explain(state, value);
  const differences = failures.slice(0, mostDifferences).map(difference);
  const what = `${specification.module} does not allow this ${line.event} of node ${line.node}`;
  return { what, ...next, differences, stateBefore, stateAfter: [] };
}

function difference(failure: Failure): Difference {
  return {
    at: `${failure.module}:${failure.line}`,
    conjunct: failure.conjunct,
    within: failure.path,
    values: failure.values.map(({ expression, value, error }) => ({
      expression,
      value: value === undefined ? `no value: ${error ?? "unknown"}` : cut(printValue(value)),
    })),
  };
}

/** A node that sent or was to get the line's message and of which no trace was given. */
function missingNode(line: TraceLine, examination: Examination): string | undefined {
  const named = [..."from" in line ? [line.from] : [], ..."to" in line ? [line.to] : []];
  return named.find((node) => !examination.knows(node));
}

function stateText(state: State | undefined, node: string): readonly VariableText[] {
  if (state === undefined) return [];
  return state.variables.map((name) => {
    const value = state.get(name);
    const atNode = value instanceof FunctionValue ? value.get(node) : undefined;
    return { name, value: cut(printValue(value)), ...(atNode === undefined ? {} : { atNode: cut(printValue(atNode)) }) };
  });
}

function cut(text: string, most = mostCharacters): string {
  return text.length <= most ? text : `${text.slice(0, most)} … (${text.length} characters)`;
}
