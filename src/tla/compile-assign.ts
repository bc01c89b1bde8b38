import { assignedVariable, namedVariable, unchangedParts, type Variable } from "./assigned.ts";
import { compileGuard, type Run } from "./compile-action.ts";
import { asSet, compileExpression, placed } from "./compile.ts";
import { sameValue } from "./compile-language.ts";
import type { Procedure } from "./compile-procedure.ts";
import { equal } from "./equality.ts";
import { settled } from "./lazy-function.ts";
import type { Labels } from "./labels.ts";
import type { Level } from "./mentions.ts";
import type { Registers } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression, OperatorDefinition } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";
import type { Watch } from "./watch.ts";

/** How an action is compiled. */
export interface ActionPlan {
  /** "next" gives values to primed variables, "state" to the variables themselves (initial states). */
  readonly mode: Level;
  /** Somebody who wants to know what was tried. */
  readonly watch: Watch | null;
  /** Somebody who wants to know which action each branch is. */
  readonly labels: Labels | null;
  /** The operators whose bodies we are in, to notice recursion. */
  readonly inlining: readonly OperatorDefinition[];
  /** Recursive actions that are compiled already. */
  readonly procedures: Map<OperatorDefinition, Procedure>;
}

type Apply = Extract<Expression, { kind: "apply" }>;

function target(node: Expression, scope: Scope, mode: Level): Variable | undefined {
  return mode === "next" ? assignedVariable(node, scope) : namedVariable(node, scope);
}

/** `x' = e` and `x' \in S`; undefined when the left side is something else. */
export function compileAssignment(node: Apply, scope: Scope, then: Run, plan: ActionPlan): Run | undefined {
  const [left, right] = node.args;
  if (left === undefined || right === undefined) return undefined;
  const variable = target(left, scope, plan.mode);
  if (variable === undefined) return undefined;
  if (node.name === "=") return compileSetting(node, right, variable.index, scope, then, plan);
  return compileChoosing(node, right, variable.index, scope, then, plan);
}

/** Gives the variable a value for the rest of the search, or compares it with the one it has. */
function compileSetting(node: Expression, value: Expression, index: number, scope: Scope, then: Run, plan: ActionPlan): Run {
  const code = compileExpression(value, scope);
  const { registers } = scope.compilation;
  const next = plan.mode === "next";
  const { watch } = plan;
  const probe = watch?.probe(node, scope);
  return (frame) => {
    const cells = next ? registers.next : registers.now;
    const known = cells[index];
    const wanted = settled(code(frame));
    if (known !== undefined) {
      if (sameValue(known, wanted, node.at)) return then(frame);
      return watch !== null && probe !== undefined && watch.failed(probe, frame);
    }
    cells[index] = wanted;
    const stop = then(frame);
    cells[index] = undefined;
    return stop;
  };
}

function compileChoosing(node: Expression, set: Expression, index: number, scope: Scope, then: Run, plan: ActionPlan): Run {
  const code = compileExpression(set, scope);
  const { registers } = scope.compilation;
  const next = plan.mode === "next";
  const { watch } = plan;
  const probe = watch?.probe(node, scope);
  return (frame) => {
    const cells = next ? registers.next : registers.now;
    const known = cells[index];
    const from = asSet(code(frame), set.at);
    if (known !== undefined) {
      if (from.contains(known)) return then(frame);
      return watch !== null && probe !== undefined && watch.failed(probe, frame);
    }
    for (const element of placed(set.at, () => from.iterate())) {
      cells[index] = element;
      const stop = then(frame);
      cells[index] = undefined;
      if (stop) return true;
    }
    return false;
  };
}

/** `UNCHANGED e`: every variable in `e` keeps its value. */
export function compileKept(node: Extract<Expression, { kind: "unchanged" }>, scope: Scope, then: Run, plan: ActionPlan): Run {
  const { registers } = scope.compilation;
  const parts = unchangedParts(node.body, scope).map((part) => ({ ...part, variable: namedVariable(part.node, part.scope) }));
  let rest = then;
  for (let end = parts.length; end > 0; ) {
    const { node: part, scope: home, variable } = parts[end - 1]!;
    if (variable !== undefined && plan.watch === null) {
      // As many as there are in a row, at once.
      let from = end - 1;
      while (from > 0 && end - from < 30 && parts[from - 1]!.variable !== undefined) from -= 1;
      rest = keepAll(parts.slice(from, end).map((one) => one.variable!.index), registers, rest);
      end = from;
      continue;
    }
    const unchanged: Expression = { kind: "unchanged", body: part, at: part.at };
    rest = variable === undefined ? compileGuard(unchanged, home.within(scope.layout), rest, plan) : keepWatched(variable.index, unchanged, home.within(scope.layout), rest, plan);
    end -= 1;
  }
  return rest;
}

function keepAll(indices: readonly number[], registers: Registers, rest: Run): Run {
  return (frame) => {
    const { now, next } = registers;
    let free = 0;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      const known = next[index];
      if (known === undefined) free |= 1 << i;
      else if (known !== now[index] && !equal(known, now[index] as Value)) return false;
    }
    for (let i = 0; i < indices.length; i++) if ((free & (1 << i)) !== 0) next[indices[i]!] = now[indices[i]!];
    const stop = rest(frame);
    for (let i = 0; i < indices.length; i++) if ((free & (1 << i)) !== 0) next[indices[i]!] = undefined;
    return stop;
  };
}

/** One variable, for somebody who wants to know at which one it failed. */
function keepWatched(index: number, node: Expression, scope: Scope, rest: Run, { watch }: ActionPlan): Run {
  const { registers } = scope.compilation;
  const probe = watch?.probe(node, scope);
  return (frame) => {
    const { now, next } = registers;
    const known = next[index];
    if (known !== undefined) {
      if (equal(known, now[index] as Value)) return rest(frame);
      return watch !== null && probe !== undefined && watch.failed(probe, frame);
    }
    next[index] = now[index];
    const stop = rest(frame);
    next[index] = undefined;
    return stop;
  };
}
