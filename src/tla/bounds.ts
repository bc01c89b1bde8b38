import { asSet, compileExpression, truth } from "./compile.ts";
import { located, TlaError, type Place } from "./fault.ts";
import { FiniteSet, Interval } from "./finite-set.ts";
import type { Frame } from "./registers.ts";
import type { Scope } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { Bound } from "./syntax.ts";
import type { SetValue, Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

/** A compiled bound: the set, and how an element is bound to its names. */
export interface CompiledBound {
  /** Where the set stands. */
  readonly at: Place;
  readonly set: (frame: Frame) => SetValue;
  readonly bind: (frame: Frame, element: Value) => void;
}

/** Compiles bounds: the sets in `outside`, where none of the names is known, the names as slots of `inside`. */
export function compileBounds(bounds: readonly Bound[], outside: Scope, inside: Scope): CompiledBound[] {
  return bounds.map((bound) => {
    const code = compileExpression(bound.set, outside);
    const { at } = bound.set;
    return { at, set: (frame) => asSet(code(frame), at), bind: compilePattern(bound, inside) };
  });
}

/** Binds the names of `bound` in `inside`. */
export function compilePattern(bound: { readonly names: readonly string[]; readonly tuple: boolean; readonly set?: { readonly at: Place } }, inside: Scope): CompiledBound["bind"] {
  const slots = bound.names.map((name) => inside.bind(name));
  const [slot] = slots;
  if (!bound.tuple && slot !== undefined) {
    return (frame, element) => {
      frame[slot] = element;
    };
  }
  return (frame, element) => {
    if (!(element instanceof Sequence) || element.size !== slots.length) {
      throw new TlaError(`a tuple of ${slots.length} expected, but the element is ${printShort(element)}`, bound.set?.at);
    }
    for (let i = 0; i < slots.length; i++) frame[slots[i]!] = element.at(i);
  };
}

/** Whether `body` is `wanted` for some element of the one set: `someBinding` for the commonest form, without making anything. */
export function someInOneSet(bound: CompiledBound, body: (frame: Frame) => Value, wanted: boolean, at: Place, bodyAt: Place): (frame: Frame) => boolean {
  const { set, bind } = bound;
  return (frame) => {
    try {
      const from = set(frame);
      if (from instanceof FiniteSet) {
        const items = from.unordered();
        for (let i = 0; i < items.length; i++) {
          bind(frame, items[i]!);
          if (truth(body(frame), bodyAt) === wanted) return true;
        }
        return false;
      }
      return someElement(from, (element) => {
        bind(frame, element);
        return truth(body(frame), bodyAt) === wanted;
      });
    } catch (error) {
      throw located(error, at);
    }
  };
}

/** Calls `visit` with each element until it answers true; whether one did. The order is of no account. */
export function someElement(set: SetValue, visit: (element: Value) => boolean): boolean {
  if (set instanceof FiniteSet) {
    const items = set.unordered();
    for (let i = 0; i < items.length; i++) if (visit(items[i]!)) return true;
    return false;
  }
  if (set instanceof Interval) {
    for (let n = set.low; n <= set.high; n++) if (visit(n)) return true;
    return false;
  }
  for (const element of set.iterate()) if (visit(element)) return true;
  return false;
}

/** Runs `visit` for all ways to bind the names, until it answers true; whether one did. */
export function someBinding(bounds: readonly CompiledBound[], visit: (frame: Frame) => boolean): (frame: Frame) => boolean {
  const [only] = bounds;
  if (bounds.length === 1 && only !== undefined) {
    return (frame) =>
      someElement(only.set(frame), (element) => {
        only.bind(frame, element);
        return visit(frame);
      });
  }
  const nested = (frame: Frame, sets: readonly SetValue[], index: number): boolean => {
    const bound = bounds[index];
    if (bound === undefined) return visit(frame);
    return someElement(sets[index]!, (element) => {
      bound.bind(frame, element);
      return nested(frame, sets, index + 1);
    });
  };
  return (frame) => nested(frame, bounds.map((bound) => bound.set(frame)), 0);
}

