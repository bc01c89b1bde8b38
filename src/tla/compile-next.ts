import { compileAction, type Run } from "./compile-action.ts";
import { compileExpression, truth } from "./compile.ts";
import { TlaError } from "./fault.ts";
import { cells, type Code } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import { equal } from "./equality.ts";
import { assignedVariable } from "./assigned.ts";
import type { Value } from "./value-kinds.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

/** `e'`: for a variable its next value, otherwise `e` with every variable taken in the next state. */
export function compilePrime(node: Kind<"prime">, scope: Scope): Code {
  const { registers, dependencies } = scope.compilation;
  const variable = assignedVariable(node, scope);
  if (variable !== undefined) {
    const { name, index } = variable;
    dependencies.variables.add(name);
    return () => {
      registers.reads += 1;
      registers.unstableReads += 1;
      const value = registers.primed ? undefined : registers.next[index];
      if (value === undefined) throw new TlaError(`${name}' is read before it has a value`, node.at);
      return value;
    };
  }
  const body = compileExpression(node.body, scope);
  return (frame) => {
    if (registers.primed) throw new TlaError("a prime inside a prime", node.at);
    const { now, stable, elsewhere } = registers;
    registers.now = registers.next;
    registers.stable = false;
    registers.primed = true;
    registers.elsewhere = true;
    registers.unstableReads += 1;
    try {
      return body(frame);
    } finally {
      registers.now = now;
      registers.stable = stable;
      registers.primed = false;
      registers.elsewhere = elsewhere;
    }
  };
}

function changed(node: Expression, scope: Scope): (frame: Parameters<Code>[0]) => boolean {
  const before = compileExpression(node, scope);
  const after = compilePrime({ kind: "prime", body: node, at: node.at }, scope);
  return (frame) => !equal(before(frame), after(frame));
}

/** `UNCHANGED e` as a test; where it gives variables their values, see `compileAction`. */
export function compileUnchanged(node: Kind<"unchanged">, scope: Scope): Code {
  const differs = changed(node.body, scope);
  return (frame) => !differs(frame);
}

/** `[A]_v` and `<<A>>_v` as tests of two states. */
export function compileStep(node: Kind<"step">, scope: Scope): Code {
  const action = compileExpression(node.action, scope);
  const differs = changed(node.subscript, scope);
  const { at } = node.action;
  if (node.stutter) return (frame) => !differs(frame) || truth(action(frame), at);
  return (frame) => differs(frame) && truth(action(frame), at);
}

/** `ENABLED A`: whether there is a next state; the search stops at the first. */
export function compileEnabled(node: Kind<"enabled">, scope: Scope): Code {
  const { registers, variables } = scope.compilation;
  const stop: Run = () => true;
  const run = compileAction(node.body, scope, stop, { mode: "next", watch: null, labels: null, inlining: [], procedures: new Map() });
  return (frame): Value => {
    if (registers.primed) throw new TlaError("ENABLED inside a prime", node.at);
    const { next } = registers;
    registers.next = cells<Value | undefined>(variables.length);
    try {
      return run(frame);
    } finally {
      registers.next = next;
    }
  };
}
