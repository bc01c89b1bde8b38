import { plain, integer } from "./builtin-arithmetic.ts";
import { fn, sequence, set, test } from "./builtin-sequences.ts";
import { Fault } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import type { Host } from "./host.ts";
import { settled } from "./lazy-function.ts";
import { RuleSet } from "./lazy-set.ts";
import { functionOver, merge } from "./mapping.ts";
import type { BuiltinModule } from "./module-loader.ts";
import type { Builtin } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { Session } from "./session.ts";
import type { FunctionValue, SetValue, Value } from "./value-kinds.ts";
import { printShort, printValue } from "./value-print.ts";
import { toJson } from "./value-json.ts";

function single(key: Value, value: Value): FunctionValue {
  return functionOver(FiniteSet.empty.add(key), [value]);
}

function check(value: Value, message: Value): Value {
  if (test(value)) return true;
  throw new Fault(`Assert: ${typeof message === "string" ? message : printShort(message)}`);
}

/** All bijections of `s`, as functions. */
function permutations(s: SetValue): SetValue {
  const keys = s.elements();
  const result: FunctionValue[] = [];
  const extend = (chosen: readonly Value[]): void => {
    if (chosen.length === keys.length) result.push(functionOver(s, [...chosen]));
    else for (const key of keys) if (!chosen.includes(key)) extend([...chosen, key]);
  };
  extend([]);
  return FiniteSet.of(result);
}

function sorted(s: Sequence, before: (a: Value, b: Value) => Value): Sequence {
  const items = s.toArray();
  // An insertion sort, which asks only whether one element stands before another.
  for (let i = 1; i < items.length; i++) {
    const item = items[i]!;
    let place = i;
    for (; place > 0 && test(before(item, items[place - 1]!)); place--) items[place] = items[place - 1]!;
    items[place] = item;
  }
  return Sequence.of(items);
}

function absent(name: string): never {
  throw new Fault(`${name} is not available here`);
}

function lent<T>(value: T | undefined, name: string): T {
  return value ?? absent(name);
}

/** The value that the register had; now it has `op` of that and `value`. */
function exchange(session: Session, key: Value, op: (old: Value, value: Value) => Value, value: Value, otherwise: Value): Value {
  const old = session.get(key) ?? otherwise;
  return session.set(key, op(old, value)) ? old : absent(`TLCGetAndSet(${printShort(key)}, …)`);
}

function tlc(host: Host, session: Session): readonly Builtin[] {
  const print = (text: string): true => {
    host.print?.(text);
    return true;
  };
  return [
    plain(":>", 2, single),
    plain("@@", 2, (f: Value, g: Value) => merge(fn(settled(f)), fn(settled(g)))),
    plain("Assert", 2, check),
    plain("Print", 2, (out: Value, value: Value) => (print(printShort(out, 1000)), value)),
    plain("PrintT", 1, (out: Value) => print(printShort(out, 1000))),
    plain("TLCGet", 1, (key: Value) => lent(session.get(key) ?? host.tlcGet?.(key), `TLCGet(${printShort(key)})`)),
    plain("TLCSet", 2, (key: Value, value: Value) => session.set(key, value) || absent(`TLCSet(${printShort(key)}, …)`)),
    plain("TLCEval", 1, (value: Value) => settled(value)),
    plain("ToString", 1, (value: Value) => printValue(value)),
    plain("Permutations", 1, (s: Value) => permutations(set(s))),
    plain("Any", 0, () => new RuleSet("Any", () => true)),
    plain("RandomElement", 1, (s: Value) => {
      const elements = set(s).elements();
      if (elements.length === 0) throw new Fault("RandomElement({}) has no value");
      return elements[session.random(elements.length)]!;
    }),
    plain("JavaTime", 0, () => {
      throw new Fault("JavaTime is not available here: an evaluation has one result");
    }),
    { name: "SortSeq", parameters: [0, 2], apply: (s: Value, before: (a: Value, b: Value) => Value) => sorted(sequence(s), before) },
  ];
}

function json(host: Host): readonly Builtin[] {
  return [
    plain("ToJson", 1, (value: Value) => JSON.stringify(toJson(value))),
    plain("ToJsonArray", 1, (value: Value) => JSON.stringify(toJson(value))),
    plain("ToJsonObject", 1, (value: Value) => JSON.stringify(toJson(value))),
    plain("ndJsonDeserialize", 1, (file: Value) => lent(host.ndJsonDeserialize, "ndJsonDeserialize")(String(file))),
    plain("JsonDeserialize", 1, (file: Value) => lent(host.jsonDeserialize, "JsonDeserialize")(String(file))),
    plain("ndJsonSerialize", 2, () => absent("ndJsonSerialize")),
    plain("JsonSerialize", 2, () => absent("JsonSerialize")),
  ];
}

function number(text: Value): number {
  if (typeof text !== "string" || !/^-?[0-9]+$/.test(text)) throw new Fault(`atoi needs the text of an integer, but it is ${printShort(text)}`);
  return integer(Number(text));
}

function io(host: Host): readonly Builtin[] {
  return [
    plain("IOEnv", 0, () => lent(host.environment, "IOEnv")),
    plain("atoi", 1, number),
    plain("IOExec", 1, () => absent("IOExec")),
    plain("IOEnvExec", 2, () => absent("IOEnvExec")),
    plain("IOSerialize", 3, () => absent("IOSerialize")),
    plain("IODeserialize", 2, () => absent("IODeserialize")),
    plain("Serialize", 3, () => absent("Serialize")),
    plain("Deserialize", 2, () => absent("Deserialize")),
  ];
}

/** TLC, Json and IOUtils, with what the host lends. */
export function tlcModules(host: Host, session: Session): Readonly<Record<string, BuiltinModule>> {
  return {
    TLC: { extends: ["Naturals", "Sequences", "FiniteSets"], operators: tlc(host, session) },
    TLCExt: {
      extends: ["TLC"],
      operators: [
        plain("AssertEq", 2, (a: Value, b: Value) => check(printValue(a) === printValue(b), `${printShort(a)} # ${printShort(b)}`)),
        plain("TLCGetOrDefault", 2, (key: Value, otherwise: Value) => session.get(key) ?? otherwise),
        { name: "TLCGetAndSet", parameters: [0, 2, 0, 0], apply: (key: Value, op: (old: Value, value: Value) => Value, value: Value, otherwise: Value) => exchange(session, key, op, value, otherwise) },
        plain("TLCNoOp", 1, (value: Value) => value),
        plain("TLCCache", 2, (value: Value) => value),
        plain("TLCFP", 1, () => absent("TLCFP")),
        plain("TLCDefer", 1, () => absent("TLCDefer")),
        plain("PickSuccessor", 1, () => absent("PickSuccessor")),
        plain("AssertError", 2, () => absent("AssertError")),
        plain("TLCModelValue", 1, () => absent("TLCModelValue")),
        plain("CounterExample", 0, () => absent("CounterExample")),
        plain("Trace", 0, () => absent("Trace")),
      ],
    },
    Json: { extends: [], operators: json(host) },
    IOUtils: { extends: [], operators: io(host) },
    // Modules for proofs: their names must resolve, nothing of them is evaluated.
    TLAPS: { extends: [], operators: [] },
    NaturalsInduction: { extends: [], operators: [] },
    FiniteSetTheorems: { extends: [], operators: [] },
    SequenceTheorems: { extends: [], operators: [] },
    WellFoundedInduction: { extends: [], operators: [] },
    Toolbox: { extends: [], operators: [] },
  };
}
