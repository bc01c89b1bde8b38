import { compileBounds, compilePattern, someBinding, someInOneSet, type CompiledBound } from "./bounds.ts";
import { asSet, compileExpression, placed, truth } from "./compile.ts";
import { located, TlaError } from "./fault.ts";
import { FiniteSet, FiniteSetBuilder } from "./finite-set.ts";
import { LazyFunction } from "./lazy-function.ts";
import { filterSet, ProductSet, RuleSet } from "./lazy-set.ts";
import { functionOver } from "./mapping.ts";
import { mentionsName } from "./mentions.ts";
import { cells, type Code, type Frame, type Registers } from "./registers.ts";
import { refuse, type Scope } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { Expression } from "./syntax.ts";
import type { SetValue, Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

export function compileQuantifier(node: Kind<"quantifier">, scope: Scope): Code {
  const inside = scope.inside();
  const bounds = compileBounds(node.bounds, scope, inside);
  const body = compileExpression(node.body, inside);
  const { every } = node;
  const { at } = node.body;
  const [only] = bounds;
  if (bounds.length === 1 && only !== undefined) {
    const some = someInOneSet(only, body, !every, node.at, at);
    return (frame) => some(frame) !== every;
  }
  const found = someBinding(bounds, (frame) => truth(body(frame), at) !== every);
  return (frame) => placed(node.at, () => found(frame)) !== every;
}

/** CHOOSE takes the first element in the order of `compare`, so that it is the same at every evaluation. */
export function compileChoose(node: Kind<"choose">, scope: Scope): Code {
  if (node.bound === null) return refuse(scope, node.at, "CHOOSE without a set");
  const inside = scope.inside();
  const bound = node.bound;
  const set = compileExpression(bound.set, scope);
  const bind = compilePattern(bound, inside);
  const body = compileExpression(node.body, inside);
  return (frame) => {
    const from = asSet(set(frame), bound.set.at);
    for (const element of placed(node.at, () => from.iterate())) {
      bind(frame, element);
      if (truth(body(frame), node.body.at)) return element;
    }
    throw new TlaError(`CHOOSE finds no such element in ${printShort(from)}`, node.at);
  };
}

export function compileFilter(node: Kind<"filter">, scope: Scope): Code {
  const inside = scope.inside();
  const set = compileExpression(node.bound.set, scope);
  const bind = compilePattern(node.bound, inside);
  const body = compileExpression(node.body, inside);
  const { at } = node.body;
  return (frame) => {
    const from = asSet(set(frame), node.bound.set.at);
    const keep = (in_: Frame) => (element: Value) => {
      bind(in_, element);
      return truth(body(in_), at);
    };
    if (from instanceof FiniteSet) return filterSet(from, keep(frame));
    if (!from.finite) {
      // The test outlives this evaluation, hence a frame of its own.
      const test = keep(frame.slice());
      return new RuleSet("a part of a set without enumeration", (value) => from.contains(value) && test(value));
    }
    const builder = new FiniteSetBuilder();
    const test = keep(frame);
    for (const element of from.iterate()) if (test(element)) builder.add(element);
    return builder.finish();
  };
}

export function compileMap(node: Kind<"map">, scope: Scope): Code {
  const inside = scope.inside();
  const bounds = compileBounds(node.bounds, scope, inside);
  const body = compileExpression(node.body, inside);
  let builder = new FiniteSetBuilder();
  const run = someBinding(bounds, (frame) => {
    const mine = builder;
    const value = body(frame);
    builder = mine;
    builder.add(value);
    return false;
  });
  return (frame) => {
    const before = builder;
    builder = new FiniteSetBuilder();
    try {
      run(frame);
      return builder.finish();
    } catch (error) {
      throw located(error, node.at);
    } finally {
      builder = before;
    }
  };
}

/** `[x \in S |-> e]`. A recursive one, and one over a set without enumeration, works its values out when asked. */
export function compileFunction(node: Kind<"function">, scope: Scope): Code {
  const inside = scope.inside();
  const recursive = node.self !== null && mentionsName(node.body, new Set([node.self]));
  const self = node.self === null || !recursive ? undefined : inside.bind(node.self, true);
  const { registers } = scope.compilation;
  const bounds = compileBounds(node.bounds, scope, inside);
  const body = compileExpression(node.body, inside);
  const [only] = bounds;
  if (bounds.length === 1 && only !== undefined) {
    return (frame) => {
      const domain = only.set(frame);
      if (self !== undefined || !domain.finite) return lazyFunction(domain, only.bind, body, self, frame, registers);
      const keys = placed(node.at, () => domain.elements());
      const values = cells<Value>(keys.length);
      for (let i = 0; i < keys.length; i++) {
        only.bind(frame, keys[i]!);
        values[i] = body(frame);
      }
      return functionOver(domain, values);
    };
  }
  const bind = bindAll(bounds);
  return (frame) => {
    const domain = new ProductSet(bounds.map((bound) => bound.set(frame)));
    if (self !== undefined || !domain.finite) return lazyFunction(domain, bind, body, self, frame, registers);
    const set = FiniteSet.of(placed(node.at, () => domain.iterate()));
    const values: Value[] = [];
    for (const key of set.elements()) {
      bind(frame, key);
      values.push(body(frame));
    }
    return functionOver(set, values);
  };
}

function bindAll(bounds: readonly CompiledBound[]): CompiledBound["bind"] {
  return (frame, element) => {
    const tuple = element as Sequence;
    bounds.forEach((bound, index) => bound.bind(frame, tuple.at(index)));
  };
}

/** The values belong to the states of now, whenever they are asked for. */
function lazyFunction(domain: SetValue, bind: CompiledBound["bind"], body: Code, self: number | undefined, frame: Frame, registers: Registers): LazyFunction {
  const base = frame.slice();
  const { now, next, stable, primed, elsewhere } = registers;
  const fn: LazyFunction = new LazyFunction(domain, (key) => {
    // Each value in a frame of its own: a recursive rule asks for another one while this one is unfinished.
    const own = base.slice();
    if (self !== undefined) own[self] = fn;
    bind(own, key);
    const asked = { now: registers.now, next: registers.next, stable: registers.stable, primed: registers.primed, elsewhere: registers.elsewhere };
    Object.assign(registers, { now, next, stable, primed, elsewhere });
    try {
      return body(own);
    } finally {
      Object.assign(registers, asked);
    }
  });
  if (!stable && domain.finite) fn.whole();
  return fn;
}
