import { resolve, type Apply } from "./compile-apply.ts";
import { operatorCode } from "./compile-operator.ts";
import { compileExpression, truth } from "./compile.ts";
import { definitionOf } from "./formula.ts";
import { Dependencies, type Operator, type Scope } from "./scope.ts";
import { FrameLayout, newFrame } from "./registers.ts";
import { SetValue, type Value } from "./value-kinds.ts";
import type { Expression } from "./syntax.ts";
import { visitParts } from "./walk.ts";

type Quantifier = Extract<Expression, { kind: "quantifier" }>;

/**
 * A predicate `\A x \in S : P` or `\A x, y \in S : P`, S a constant: it holds where P holds of every element, or every pair.
 * Of a variable that P has only as `v[x]` or `v[y]`, as it is or primed, a change elsewhere is of no account to it.
 */
export interface Pointwise {
  readonly elements: readonly Value[];
  /** How many elements P is about: 1 or 2. */
  readonly names: number;
  /** Variables that P has only at its elements. */
  readonly at: ReadonlySet<string>;
  /** All others that it reads. */
  readonly whole: ReadonlySet<string>;
  /** Whether P is true of these elements, in the states that the registers hold. */
  readonly holds: (...args: Value[]) => boolean;
}

/** The parts of `operator`, which takes no arguments; undefined when it has another form. */
export function pointwise(operator: Operator): Pointwise | undefined {
  const { body } = operator.definition;
  const { home } = operator;
  const target = definitionOf(body, home);
  if (target !== undefined) return pointwise(target);
  if (body.kind !== "quantifier" || !body.every) return undefined;
  const names = body.bounds.flatMap((bound) => bound.names);
  const elements = constantSet(body, home);
  if (elements === undefined || names.length > 2) return undefined;
  const reads = new Reads(names);
  reads.note(body.body, home, new Set());
  if (!reads.known) return undefined;
  for (const name of reads.whole) reads.at.delete(name);
  return { elements, names: names.length, at: reads.at, whole: reads.whole, holds: compiled(body, names, home) };
}

/** The elements of the one set of all bounds, where that is a constant. */
function constantSet({ bounds }: Quantifier, scope: Scope): readonly Value[] | undefined {
  let found: Value | undefined;
  for (const { set, tuple } of bounds) {
    if (tuple || set.kind !== "apply" || set.path.length > 0) return undefined;
    const binding = scope.lookup(set.name);
    if (binding?.kind !== "constant" || (found !== undefined && found !== binding.value)) return undefined;
    found = binding.value;
  }
  return found instanceof SetValue && found.finite ? found.elements() : undefined;
}

function compiled(node: Quantifier, names: readonly string[], home: Scope): Pointwise["holds"] {
  const { compilation } = home;
  const layout = new FrameLayout(home.frame);
  const scope = home.within(layout);
  const slots = names.map((name) => scope.bind(name));
  const before = compilation.dependencies;
  compilation.dependencies = new Dependencies();
  try {
    const code = compileExpression(node.body, scope);
    return (...args) => {
      const frame = newFrame(layout.size);
      for (let i = 0; i < slots.length; i++) frame[slots[i]!] = args[i];
      return truth(code(frame), node.body.at);
    };
  } finally {
    compilation.dependencies = before;
  }
}

/** Which variables an expression reads, and how. */
class Reads {
  readonly at = new Set<string>();
  readonly whole = new Set<string>();
  /** False when it holds something that is not looked through here. */
  known = true;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  note(node: Expression, scope: Scope, hidden: ReadonlySet<string>): void {
    const variable = this.#variableAtName(node, scope, hidden);
    if (variable !== undefined) {
      this.at.add(variable);
      return;
    }
    switch (node.kind) {
      case "prime":
        if (variableOf(node.body, scope, hidden) === undefined) this.known = false;
        break;
      case "apply":
        if (!hidden.has(node.name) && !this.#names.includes(node.name)) this.#noteName(node, scope);
        break;
      case "unchanged":
      case "enabled":
      case "temporal":
      case "step":
      case "fairness":
      case "let":
      case "lambda":
      case "unsupported":
        this.known = false;
        return;
      default:
    }
    visitParts(node, (part, bound) => {
      if (bound.some((name) => this.#names.includes(name))) this.known = false;
      this.note(part, scope, bound.length === 0 ? hidden : new Set([...hidden, ...bound]));
    });
  }

  /** The variable v of `v[x]` or `v'[x]`, x one of the names. */
  #variableAtName(node: Expression, scope: Scope, hidden: ReadonlySet<string>): string | undefined {
    if (node.kind !== "call" || node.args.length !== 1) return undefined;
    const [key] = node.args;
    if (key?.kind !== "apply" || key.path.length > 0 || key.args.length > 0 || !this.#names.includes(key.name)) return undefined;
    return variableOf(node.fn.kind === "prime" ? node.fn.body : node.fn, scope, hidden);
  }

  #noteName(node: Apply, scope: Scope): void {
    if (node.path.length > 0) {
      this.known = false;
      return;
    }
    // Operators of the language itself are bound to nothing.
    if (scope.lookup(node.name) === undefined) return;
    const binding = resolve(node, scope);
    if (binding.kind === "variable") this.whole.add(binding.name);
    else if (binding.kind === "operator") for (const name of variablesOf(binding.operator)) this.whole.add(name);
    else if (binding.kind !== "constant" && binding.kind !== "builtin") this.known = false;
  }
}

function variableOf(node: Expression, scope: Scope, hidden: ReadonlySet<string>): string | undefined {
  if (node.kind !== "apply" || node.path.length > 0 || node.args.length > 0 || hidden.has(node.name)) return undefined;
  const binding = scope.lookup(node.name);
  return binding?.kind === "variable" ? binding.name : undefined;
}

/** The variables that the operator reads, itself or by others. */
export function variablesOf(operator: Operator): ReadonlySet<string> {
  operatorCode(operator);
  const seen = new Set<Operator>([operator]);
  for (const one of seen) for (const other of one.dependencies.operators) seen.add(other);
  return new Set([...seen].flatMap(({ dependencies }) => [...dependencies.variables]));
}
