import { compileAction, type Run } from "./compile-action.ts";
import type { ActionPlan } from "./compile-assign.ts";
import { TlaError, type Place } from "./fault.ts";
import { cells, type Code, type Registers } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/**
 * `A \cdot B`: A leads to a state in between, from which B leads on. Each state in between is tried; while B is evaluated the
 * registers say that now is elsewhere, so that nothing is used that was worked out for the state before A.
 */
export function compileComposition(first: Expression, second: Expression, at: Place, scope: Scope, then: Run, plan: ActionPlan): Run {
  const { registers, variables } = scope.compilation;
  const outside: Outside[] = [];
  const resume: Run = (frame) => {
    const inside = leave(registers, outside.at(-1)!);
    const mine = outside.pop()!;
    const stop = then(frame);
    outside.push(mine);
    leave(registers, inside);
    return stop;
  };
  const rest = compileAction(second, scope, resume, plan);
  const middle: Run = (frame) => {
    const missing = variables.findIndex((_, index) => registers.next[index] === undefined);
    if (missing >= 0) throw new TlaError(`the first action of \\cdot gives no value to ${variables[missing]}'`, at);
    const begun = outside.at(-1)!;
    const here = leave(registers, { now: registers.next.slice(), next: begun.next, stable: false, elsewhere: true });
    const stop = rest(frame);
    leave(registers, here);
    return stop;
  };
  const start = compileAction(first, scope, middle, plan);
  return (frame) => {
    const { now, next, stable, elsewhere } = registers;
    outside.push({ now, next, stable, elsewhere });
    registers.next = cells<Value | undefined>(variables.length);
    try {
      return start(frame);
    } finally {
      leave(registers, outside.pop()!);
    }
  };
}

/** `A \cdot B` as a test of two states. */
export function compileCompositionTest(first: Expression, second: Expression, at: Place, scope: Scope): Code {
  const run = compileComposition(first, second, at, scope, () => true, { mode: "next", watch: null, labels: null, inlining: [], procedures: new Map() });
  return (frame) => run(frame);
}

type Outside = Pick<Registers, "now" | "next" | "stable" | "elsewhere">;

/** Puts the registers elsewhere; gives where they were. */
function leave(registers: Registers, to: Outside): Outside {
  const { now, next, stable, elsewhere } = registers;
  registers.now = to.now;
  registers.next = to.next;
  registers.stable = to.stable;
  registers.elsewhere = to.elsewhere;
  return { now, next, stable, elsewhere };
}
