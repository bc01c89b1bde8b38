import { asFunction, asSet, compileExpression, placed } from "./compile.ts";
import { TlaError } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import { FunctionSet, ProductSet, RecordSet } from "./lazy-set.ts";
import { functionOf, Shape, SmallFunction } from "./mapping.ts";
import { cells, type Code, type Frame } from "./registers.ts";
import type { Scope } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { Expression, NamedExpression } from "./syntax.ts";
import { FunctionValue, type Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

function compileAll(nodes: readonly Expression[], scope: Scope): Code[] {
  return nodes.map((node) => compileExpression(node, scope));
}

export function compileSet(node: Kind<"set">, scope: Scope): Code {
  const codes = compileAll(node.items, scope);
  const [only] = codes;
  if (only === undefined) return () => FiniteSet.empty;
  if (codes.length === 1) return (frame) => FiniteSet.empty.add(only(frame));
  return (frame) => FiniteSet.of(codes.map((code) => code(frame)));
}

export function compileTuple(node: Kind<"tuple">, scope: Scope): Code {
  const codes = compileAll(node.items, scope);
  return (frame) => Sequence.of(codes.map((code) => code(frame)));
}

export function compileProduct(node: Kind<"product">, scope: Scope): Code {
  const codes = compileAll(node.items, scope);
  return (frame) => new ProductSet(codes.map((code, index) => asSet(code(frame), node.items[index]!.at)));
}

function byName(fields: readonly NamedExpression[]): NamedExpression[] {
  return [...fields].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The shape is worked out once; evaluating the record only fills it. Fields are evaluated in the order of their names. */
export function compileRecord(node: Kind<"record">, scope: Scope): Code {
  const fields = byName(node.fields);
  const codes = fields.map((field) => compileExpression(field.value, scope));
  const names = fields.map((field) => field.name);
  if (names.length > 16) return (frame) => functionOf(names, codes.map((code) => code(frame)));
  const shape = new Shape(names);
  // What is made here time and again is often one value: entries of a log, messages sent twice.
  let last: SmallFunction | undefined;
  return (frame) => {
    const values = cells<Value>(codes.length);
    let same = last !== undefined;
    for (let i = 0; i < codes.length; i++) {
      const value = codes[i]!(frame);
      values[i] = value;
      same &&= value === last!.values[i];
    }
    if (same) return last!;
    last = new SmallFunction(shape, values);
    return last;
  };
}

export function compileRecordSet(node: Kind<"recordSet">, scope: Scope): Code {
  const fields = byName(node.fields);
  const codes = fields.map((field) => compileExpression(field.value, scope));
  const names = fields.map((field) => field.name);
  return (frame) => new RecordSet(names, codes.map((code, index) => asSet(code(frame), fields[index]!.value.at)));
}

export function compileFunctionSet(node: Kind<"functionSet">, scope: Scope): Code {
  const domain = compileExpression(node.domain, scope);
  const range = compileExpression(node.range, scope);
  return (frame) => new FunctionSet(asSet(domain(frame), node.domain.at), asSet(range(frame), node.range.at));
}

/** `f[e]`, and `f[a, b]` which is `f[<<a, b>>]`. */
export function compileCall(node: Kind<"call">, scope: Scope): Code {
  const fn = compileExpression(node.fn, scope);
  const { at } = node;
  const [first] = node.args;
  const argument = node.args.length === 1 && first !== undefined ? compileExpression(first, scope) : compileTuple({ kind: "tuple", items: node.args, at }, scope);
  return (frame) => {
    const target = fn(frame);
    const key = argument(frame);
    if (target instanceof FunctionValue) {
      const value = target.get(key);
      if (value !== undefined) return value;
    }
    return outside(asFunction(target, node.fn.at), key, node);
  };
}

function outside(target: FunctionValue, key: Value, node: Expression): never {
  throw new TlaError(`the function ${printShort(target)} is applied to ${printShort(key)}, which is not in its domain`, node.at);
}

export function compileField(node: Kind<"field">, scope: Scope): Code {
  const record = compileExpression(node.record, scope);
  const { name } = node;
  let shape: Shape | undefined;
  let index = -1;
  return (frame) => {
    const target = record(frame);
    if (target instanceof SmallFunction) {
      // Records met at one place nearly always have one shape.
      if (target.shape !== shape) {
        shape = target.shape;
        index = shape.indexOf(name);
      }
      if (index >= 0) return target.values[index]!;
    }
    const value = asFunction(target, node.record.at).get(name);
    if (value === undefined) throw new TlaError(`the record ${printShort(target)} has no field ${name}`, node.at);
    return value;
  };
}

interface Update {
  readonly path: readonly Code[];
  readonly value: Code;
}

/** `[f EXCEPT ![i].a = e]`. A place outside the domain stays as it is, as the definition of EXCEPT has it. */
export function compileExcept(node: Kind<"except">, scope: Scope): Code {
  const fn = compileExpression(node.fn, scope);
  const inside = scope.inside();
  const slot = inside.bind("@");
  const updates = node.updates.map((update): Update => ({ path: compileAll(update.path, scope), value: compileExpression(update.value, inside) }));
  return (frame) => {
    let result: Value = asFunction(fn(frame), node.fn.at);
    for (const { path, value } of updates) result = change(result, path, 0, frame, slot, value, node);
    return result;
  };
}

function change(target: Value, path: readonly Code[], depth: number, frame: Frame, slot: number, value: Code, node: Expression): Value {
  const step = path[depth];
  if (step === undefined) {
    const outer = frame[slot];
    frame[slot] = target;
    const result = value(frame);
    frame[slot] = outer;
    return result;
  }
  const key = step(frame);
  const fn = asFunction(target, node.at);
  const old = fn.get(key);
  if (old === undefined) return fn;
  const next = change(old, path, depth + 1, frame, slot, value, node);
  return next === old ? fn : placed(node.at, () => fn.with(key, next));
}
