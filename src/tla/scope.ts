import { assert, present } from "../assert.ts";
import { TlaError, type Place } from "./fault.ts";
import type { Host } from "./host.ts";
import { FrameLayout, type Callable, type Code, type Frame, type Registers } from "./registers.ts";
import type { Expression, InstanceDefinition, Module, OperatorDefinition } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/** An operator that is part of the evaluator. `parameters` holds, for each one, 0 or the arity of an operator wanted there. */
export interface Builtin {
  readonly name: string;
  readonly parameters: readonly number[];
  // The arguments have the kinds that `parameters` says; a table of such functions has no narrower type.
  readonly apply: (...args: never[]) => Value;
}

/** What a definition leans on, found while it is compiled. */
export class Dependencies {
  readonly variables = new Set<string>();
  readonly operators = new Set<Operator>();
  /** Parts that cannot be evaluated: what, and where. */
  readonly refusals: { readonly what: string; readonly at: Place }[] = [];
}

/** A defined operator in its scope. */
export interface Operator {
  readonly definition: OperatorDefinition;
  readonly home: Scope;
  readonly dependencies: Dependencies;
  compiled?: CompiledOperator;
  mentionsNext?: boolean;
  mentionsState?: boolean;
}

export interface CompiledOperator {
  readonly layout: FrameLayout;
  body: Code;
}

export type Binding =
  | { readonly kind: "slot"; readonly frame: FrameLayout; readonly slot: number; readonly recursive?: boolean }
  | { readonly kind: "parameter"; readonly frame: FrameLayout; readonly slot: number }
  | { readonly kind: "operatorParameter"; readonly frame: FrameLayout; readonly slot: number; readonly arity: number }
  | { readonly kind: "let"; readonly frame: FrameLayout; readonly slot: number; readonly body: Expression; readonly scope: Scope; code?: Code }
  | { readonly kind: "operator"; readonly operator: Operator }
  | { readonly kind: "variable"; readonly name: string; readonly index: number }
  | { readonly kind: "constant"; readonly name: string; readonly value: Value | undefined }
  | { readonly kind: "alias"; readonly expression: Expression; readonly scope: Scope }
  | { readonly kind: "builtin"; readonly builtin: Builtin }
  | { readonly kind: "instance"; readonly definition: InstanceDefinition; readonly scope: Scope; resolved?: Scope };

/** What all scopes of one specification share. */
export interface Compilation {
  readonly registers: Registers;
  readonly variables: readonly string[];
  readonly host: Host;
  /** Of the definition that is being compiled. */
  dependencies: Dependencies;
  /** Makes the scope of an instance; set by the module loader. */
  instantiate(definition: InstanceDefinition, scope: Scope, frame: FrameLayout | null): Scope;
}

/** The names that an expression may use, and the frame in which it is evaluated. */
export class Scope {
  readonly compilation: Compilation;
  readonly parent: Scope | null;
  /** Null at the level of a module. */
  readonly frame: FrameLayout | null;
  readonly names = new Map<string, Binding>();
  /** In the scope of a module: the names that LOCAL keeps from those who extend it. */
  readonly local = new Set<string>();
  readonly innerModules = new Map<string, Module>();

  constructor(compilation: Compilation, parent: Scope | null, frame: FrameLayout | null) {
    this.compilation = compilation;
    this.parent = parent;
    this.frame = frame;
  }

  lookup(name: string): Binding | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const binding = scope.names.get(name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  }

  findInnerModule(name: string): { module: Module; scope: Scope } | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const module = scope.innerModules.get(name);
      if (module !== undefined) return { module, scope };
    }
    return undefined;
  }

  /** A scope inside this one, evaluated in the same frame. */
  inside(): Scope {
    return new Scope(this.compilation, this, this.frame);
  }

  /** The names of this scope, for an expression evaluated in `frame`. */
  within(frame: FrameLayout): Scope {
    return new Scope(this.compilation, this, frame);
  }

  get layout(): FrameLayout {
    return present(this.frame, "an expression is compiled inside a frame");
  }

  /** Binds `name` to a new slot of the frame. `recursive`: to a function that is being defined. */
  bind(name: string, recursive = false): number {
    const slot = this.layout.allot();
    this.names.set(name, { kind: "slot", frame: this.layout, slot, recursive });
    return slot;
  }
}

export function makeOperator(definition: OperatorDefinition, home: Scope): Operator {
  return { definition, home, dependencies: new Dependencies() };
}

/** How many frames lie between an expression evaluated in `from` and the frame `to` around it. */
export function distance(from: FrameLayout, to: FrameLayout): number {
  let steps = 0;
  for (let layout: FrameLayout | null = from; layout !== to; layout = layout.parent) {
    assert(layout.parent !== null, "a name is used inside the frame that binds it");
    steps += 1;
  }
  return steps;
}

/** The frame `steps` further out. */
export function outer(frame: Frame, steps: number): Frame {
  let result = frame;
  for (let i = 0; i < steps; i++) result = result[0] as Frame;
  return result;
}

/** Notes that what is being compiled holds something that cannot be evaluated, and gives code that says so. */
export function refuse(scope: Scope, at: Place, what: string): Code {
  scope.compilation.dependencies.refusals.push({ what, at });
  return () => {
    throw new TlaError(`${what} cannot be evaluated`, at);
  };
}

export type { Callable, Code, Frame };
