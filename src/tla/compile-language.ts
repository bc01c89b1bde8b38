import type { Apply } from "./compile-apply.ts";
import { asFunction, asSet, compileExpression, truth } from "./compile.ts";
import { compileCompositionTest } from "./compile-compose.ts";
import { equal } from "./equality.ts";
import { located, TlaError, type Place } from "./fault.ts";
import { FiniteSet, FiniteSetBuilder, Interval } from "./finite-set.ts";
import { difference, intersection, isSubset, PowerSet, RuleSet, union } from "./lazy-set.ts";
import type { Code } from "./registers.ts";
import type { Scope } from "./scope.ts";
import { ModelValue, SetValue, type Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

type Binary = (a: Value, b: Value, at: Place) => Value;
type Unary = (a: Value, at: Place) => Value;

/** Whether `a = b`. Like TLC, refuses to compare a number with a string and the like: such a comparison is a mistake. */
export function sameValue(a: Value, b: Value, at: Place): boolean {
  if (a === b) return true;
  const mixed = typeof a !== typeof b || (typeof a === "object" && a instanceof SetValue !== b instanceof SetValue);
  if (mixed && !(a instanceof ModelValue) && !(b instanceof ModelValue)) {
    throw new TlaError(`${printShort(a)} and ${printShort(b)} are of different kinds and cannot be compared`, at);
  }
  return equal(a, b);
}

export function unionOf(sets: SetValue, at: Place): Value {
  const builder = new FiniteSetBuilder();
  const endless: SetValue[] = [];
  for (const element of sets.iterate()) {
    const set = asSet(element, at);
    if (!set.finite) endless.push(set);
    else for (const member of set.iterate()) builder.add(member);
  }
  const finite = builder.finish();
  return endless.reduce((all: SetValue, set) => union(all, set), finite);
}

const binaries: Readonly<Record<string, Binary>> = {
  "=": sameValue,
  "#": (a, b, at) => !sameValue(a, b, at),
  "\\in": (a, b, at) => asSet(b, at).contains(a),
  "\\notin": (a, b, at) => !asSet(b, at).contains(a),
  "\\subseteq": (a, b, at) => isSubset(asSet(a, at), asSet(b, at)),
  "\\cup": (a, b, at) => union(asSet(a, at), asSet(b, at)),
  "\\cap": (a, b, at) => intersection(asSet(a, at), asSet(b, at)),
  "\\": (a, b, at) => difference(asSet(a, at), asSet(b, at)),
  "\\equiv": (a, b, at) => truth(a, at) === truth(b, at),
};

const unaries: Readonly<Record<string, Unary>> = {
  "~": (a, at) => !truth(a, at),
  SUBSET: (a, at) => new PowerSet(asSet(a, at)),
  UNION: (a, at) => unionOf(asSet(a, at), at),
  DOMAIN: (a, at) => asFunction(a, at).domain(),
};

const sets: Readonly<Record<string, SetValue>> = {
  BOOLEAN: FiniteSet.ofSorted([false, true]),
  STRING: new RuleSet("STRING", (value) => typeof value === "string"),
};

/** The code for an operator of the language itself; undefined when `node` is something else. */
export function compileLanguageOperator(node: Apply, scope: Scope): Code | undefined {
  const { at } = node;
  const [left, right] = node.args;
  if (left === undefined) {
    const set = Object.hasOwn(sets, node.name) ? sets[node.name] : undefined;
    return set === undefined ? undefined : () => set;
  }
  if (right === undefined) {
    const apply = Object.hasOwn(unaries, node.name) ? unaries[node.name] : undefined;
    if (apply === undefined) return undefined;
    const operand = compileExpression(left, scope);
    if (node.name === "~") return (frame) => !truth(operand(frame), at);
    return faulty((frame) => apply(operand(frame), at), at);
  }
  if (node.args.length > 2) return undefined;
  if (node.name === "\\cdot") return compileCompositionTest(left, right, at, scope);
  if (node.name === "=>") return compileImplication(left, right, scope);
  if (node.name === "/\\" || node.name === "\\/") return compileExpression({ kind: "junction", and: node.name === "/\\", items: node.args, at }, scope);
  const apply = Object.hasOwn(binaries, node.name) ? binaries[node.name] : undefined;
  if (apply === undefined) return undefined;
  if (node.name === "\\in" || node.name === "\\notin") return compileMembership(left, right, node.name === "\\in", at, scope);
  const first = compileExpression(left, scope);
  const second = compileExpression(right, scope);
  if (node.name === "=" || node.name === "#") return compileEquality(first, second, node.name === "=", at);
  return faulty((frame) => apply(first(frame), second(frame), at), at);
}

/** Equality, without the cost of a guard where the values are at hand. */
function compileEquality(first: Code, second: Code, wanted: boolean, at: Place): Code {
  const slow = (a: Value, b: Value): boolean => {
    try {
      return sameValue(a, b, at);
    } catch (error) {
      throw located(error, at);
    }
  };
  return (frame) => {
    const a = first(frame);
    const b = second(frame);
    return (a === b || (typeof a === "object" || typeof a !== typeof b ? slow(a, b) : false)) === wanted;
  };
}

function faulty(code: Code, at: Place): Code {
  return (frame) => {
    try {
      return code(frame);
    } catch (error) {
      throw located(error, at);
    }
  };
}

function compileImplication(left: Apply["args"][number], right: Apply["args"][number], scope: Scope): Code {
  const first = compileExpression(left, scope);
  const second = compileExpression(right, scope);
  return (frame) => (truth(first(frame), left.at) ? truth(second(frame), right.at) : true);
}

/** Membership, the commonest test of all: the common sets are asked directly. */
function compileMembership(left: Apply["args"][number], right: Apply["args"][number], wanted: boolean, at: Place, scope: Scope): Code {
  const first = compileExpression(left, scope);
  const second = compileExpression(right, scope);
  return (frame) => {
    const value = first(frame);
    const set = second(frame);
    if (set instanceof FiniteSet || set instanceof Interval) return set.contains(value) === wanted;
    try {
      return asSet(set, at).contains(value) === wanted;
    } catch (error) {
      throw located(error, at);
    }
  };
}
