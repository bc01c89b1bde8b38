import { UserError } from "../errors.ts";
import type { ShownState, ShownViolation } from "../tla/counterexample.ts";
import type { ModelReport } from "./model-run.ts";

/** The report for people. */
export function modelText(report: ModelReport): string {
  const { module, violation, generated, distinct, depth, waiting, seconds, complete, unchecked, threads } = report;
  const lines = violation === undefined ? [verdictLine(report)] : [headline(violation), ...violation.trace.flatMap(stateLines)];
  const rate = seconds > 0 ? Math.round(distinct / seconds) : distinct;
  const rest = complete ? "" : `, ${waiting} still to explore`;
  lines.push("", `${module}: ${distinct} distinct states, ${generated} generated, depth ${depth}${rest}`);
  lines.push(`${seconds.toFixed(1)} s, ${rate} distinct states/s, ${threads === 1 ? "1 thread" : `${threads} threads`}`);
  if (unchecked.length > 0) lines.push(`not checked (liveness): ${unchecked.join("; ")}`);
  return lines.join("\n");
}

/** The report for programs. */
export function modelJson(report: ModelReport): Record<string, unknown> {
  const { violation, seconds, distinct, ...rest } = report;
  const shown = violation && { ...violation, name: violation.name ?? null, error: violation.error ?? null, trace: violation.trace.map(stateJson) };
  return { ...rest, distinct, seconds, statesPerSecond: seconds > 0 ? distinct / seconds : distinct, violation: shown ?? null };
}

function verdictLine({ complete, invariants, properties }: ModelReport): string {
  const laws = [...invariants, ...properties];
  const held = laws.length === 0 ? "no error" : `${laws.join(", ")} held in every state`;
  return complete ? `complete: ${held}` : `not complete: ${held} that was reached`;
}

function headline(violation: ShownViolation): string {
  return violation.trace.length === 0 || violation.kind === "error" ? violationLine(violation) : `${violationLine(violation)} this trace:`;
}

/** What is wrong, in one sentence. */
function violationLine({ kind, name, error }: ShownViolation): string {
  switch (kind) {
    case "invariant":
      return `violated: the invariant ${name} is false in the last state of`;
    case "property":
      return `violated: the property ${name} is false of the last step of`;
    case "postcondition":
      return `violated: the postcondition ${name} is false`;
    case "deadlock":
      return "deadlock: no action leads on from the last state of";
    case "error":
      return `error: ${error ?? ""}`;
    default:
      return kind satisfies never;
  }
}

/** A state as TLA+ writes it; of what did not change since the state before, nothing. */
function stateLines({ action, at, values }: ShownState, index: number): string[] {
  const shown = index === 0 ? values : values.filter(({ changed }) => changed);
  const kept = values.length - shown.length;
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const head = `${index + 1}  ${action}${at === undefined ? "" : `  (${at})`}`;
  return ["", head, ...shown.map(({ name, value }) => `     /\\ ${name.padEnd(width)} = ${value}`), ...(kept > 0 && shown.length === 0 ? ["     (nothing changed)"] : [])];
}

function stateJson({ action, at, values }: ShownState): Record<string, unknown> {
  return { action, at: at ?? null, state: Object.fromEntries(values.map(({ name, value }) => [name, value])) };
}

/** The error that the command ends with; undefined when all is well. */
export function modelError({ violation, complete, module, distinct }: ModelReport): UserError | undefined {
  if (violation?.kind === "error") return new UserError("SPEC_INVALID", violation.error ?? "");
  if (violation !== undefined) {
    const steps = violation.trace.length === 0 ? "" : ` a trace of ${violation.trace.length} states`;
    return new UserError("INVARIANT_VIOLATED", `${module}: ${violationLine(violation)}${steps}`);
  }
  if (complete) return undefined;
  return new UserError("UNDECIDED", `${module}: the search ended after ${distinct} states, before all were explored`, { next: "Raise --max-states, or make the instance smaller." });
}
