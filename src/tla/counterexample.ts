import { checksOf } from "./checks.ts";
import type { Configuration } from "./configuration.ts";
import { TlaError } from "./fault.ts";
import { isRecord } from "./mapping.ts";
import type { Violation } from "./model.ts";
import type { Specification, State } from "./specification.ts";
import { FunctionValue } from "./value-kinds.ts";
import { printShort, printValue } from "./value-print.ts";

/** What a search found to be wrong, as text. */
export interface ShownViolation {
  readonly kind: Violation["kind"];
  /** The invariant, property or postcondition. */
  readonly name: string | undefined;
  /** Of an error: `module:line:column: what`. */
  readonly error: string | undefined;
  readonly trace: readonly ShownState[];
}

export interface ShownState {
  /** The action that led here, with its arguments; `Init` for the first one. */
  readonly action: string;
  /** `module:line` of the action. */
  readonly at: string | undefined;
  /** The variables, or what ALIAS makes of them. */
  readonly values: readonly { readonly name: string; readonly value: string; readonly changed: boolean }[];
}

/** The violation with the names of the actions, and the states as ALIAS wants them shown. */
export function showViolation(specification: Specification, configuration: Configuration, violation: Violation): ShownViolation {
  const { trace } = violation;
  const { next } = checksOf(specification, configuration);
  const states: ShownState[] = [];
  trace.forEach((state, index) => {
    specification.session.level = index + 1;
    const before = trace[index - 1];
    const values = valuesOf(specification, configuration.alias, state, trace[index + 1] ?? state);
    const known = new Map(states.at(-1)?.values.map(({ name, value }) => [name, value]));
    const shown = values.map(([name, value]) => ({ name, value, changed: before !== undefined && known.get(name) !== value }));
    states.push({ ...actionOf(specification, before, state, next), values: shown });
  });
  const name = "name" in violation ? violation.name : undefined;
  return { kind: violation.kind, name, error: violation.kind === "error" ? violation.error.message : undefined, trace: states };
}

function actionOf(specification: Specification, before: State | undefined, state: State, next: string | undefined): Pick<ShownState, "action" | "at"> {
  if (before === undefined || next === undefined) return { action: "Init", at: undefined };
  const step = specification.nameStep(before, state, next);
  if (step === undefined) return { action: "Next", at: undefined };
  const { name = "Next", args, at } = step;
  const place = `${at.source.module}:${at.line}`;
  return { action: args.length === 0 ? name : `${name}(${args.map((arg) => printShort(arg, 80)).join(", ")})`, at: place };
}

/** The values to show. Where ALIAS has none for a state, as for one that ends a trace, the variables are shown. */
function valuesOf(specification: Specification, alias: string | undefined, state: State, next: State): [string, string][] {
  const plain = (): [string, string][] => state.variables.map((name) => [name, printValue(state.get(name))]);
  if (alias === undefined) return plain();
  try {
    const value = specification.evaluate(alias, [], state, next);
    if (!(value instanceof FunctionValue) || !isRecord(value)) return [[alias, printValue(value)]];
    return value.keys().map((key) => [String(key), printValue(value.get(key)!)]);
  } catch (error) {
    if (error instanceof TlaError) return plain();
    throw error;
  }
}
