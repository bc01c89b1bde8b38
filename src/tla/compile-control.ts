import { compileExpression, truth } from "./compile.ts";
import { compileArms, noArm } from "./compile-switch.ts";
import type { Code } from "./registers.ts";
import { makeOperator, Scope } from "./scope.ts";
import type { Definition, Expression } from "./syntax.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

/** Conjunction and disjunction: in the order written, no further than needed. */
export function compileJunction(node: Kind<"junction">, scope: Scope): Code {
  const codes = node.items.map((item) => compileExpression(item, scope));
  const places = node.items.map((item) => item.at);
  const stop = !node.and;
  const [first, second] = codes;
  if (codes.length === 2 && first !== undefined && second !== undefined) {
    return (frame) => (truth(first(frame), places[0]!) === stop ? stop : truth(second(frame), places[1]!));
  }
  return (frame) => {
    for (let i = 0; i < codes.length; i++) if (truth(codes[i]!(frame), places[i]!) === stop) return stop;
    return !stop;
  };
}

export function compileIf(node: Kind<"if">, scope: Scope): Code {
  const test = compileExpression(node.test, scope);
  const yes = compileExpression(node.yes, scope);
  const no = compileExpression(node.no, scope);
  const { at } = node.test;
  return (frame) => (truth(test(frame), at) ? yes(frame) : no(frame));
}

/** CASE takes the first arm that is true. (TLA+ leaves open which; TLC takes the first.) */
export function compileCase(node: Kind<"case">, scope: Scope): Code {
  const arm = compileArms(node, scope);
  const values = node.arms.map((one) => compileExpression(one.value, scope));
  const other = node.other === null ? noArm(node) : compileExpression(node.other, scope);
  return (frame) => {
    const number = arm(frame);
    return number < 0 ? other(frame) : values[number]!(frame);
  };
}

/** The scope with the definitions of a LET, and the slots that must be emptied when it is entered. */
export function letScope(definitions: readonly Definition[], scope: Scope): { inner: Scope; slots: readonly number[] } {
  const inner = scope.inside();
  const slots: number[] = [];
  for (const definition of definitions) {
    if (definition.kind === "instance") {
      inner.names.set(definition.name ?? "", { kind: "instance", definition, scope: inner });
    } else if (definition.parameters.length === 0) {
      const slot = inner.layout.allot();
      slots.push(slot);
      inner.names.set(definition.name, { kind: "let", frame: inner.layout, slot, body: definition.body, scope: inner });
    } else {
      inner.names.set(definition.name, { kind: "operator", operator: makeOperator(definition, inner) });
    }
  }
  return { inner, slots };
}

export function compileLet(node: Kind<"let">, scope: Scope): Code {
  const { inner, slots } = letScope(node.definitions, scope);
  const body = compileExpression(node.body, inner);
  if (slots.length === 0) return body;
  return (frame) => {
    for (let i = 0; i < slots.length; i++) frame[slots[i]!] = undefined;
    return body(frame);
  };
}
