import { ActionCodes, frameFor, type CompiledAction } from "./action-code.ts";
import { operatorCode } from "./compile-operator.ts";
import { Fault, located, TlaError, type Place } from "./fault.ts";
import { conjunctsOfStep, takeApart } from "./formula.ts";
import { loadModules, type Loaded, type SpecificationInput } from "./load.ts";
import { Labels, type StepName } from "./labels.ts";
import { newFrame, cells, type Frame } from "./registers.ts";
import { pointwise, type Pointwise } from "./pointwise.ts";
import type { CompiledOperator, Dependencies, Operator } from "./scope.ts";
import type { Session } from "./session.ts";
import { State, VariableTable } from "./state.ts";
import type { Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";
import { Watch, type Failure } from "./watch.ts";

export type { SpecificationInput } from "./load.ts";
export { State } from "./state.ts";
export { TlaError } from "./fault.ts";
export type { StepName } from "./labels.ts";
export type { Failure } from "./watch.ts";
export type { Pointwise } from "./pointwise.ts";
export type { SyntaxNode, SyntaxParser } from "./syntax.ts";

/** Why an action has no next state. */
export interface Explanation {
  /** Whether it has one after all. */
  readonly enabled: boolean;
  /** How many branches came to a false conjunct. */
  readonly tried: number;
  /** The false conjuncts, the one that came furthest first. */
  readonly failures: readonly Failure[];
  /** Where a branch ended in an error, the error. */
  readonly error: TlaError | undefined;
}

/** Reads the modules and resolves every name in the root module and those it extends; throws `TlaError`. */
export function loadSpecification(input: SpecificationInput): Specification {
  return new Specification(loadModules(input));
}

/** The names of the parts of a temporal formula. */
export interface Formula {
  readonly initial: readonly string[];
  readonly always: readonly string[];
  /** `[A]_v` of `[][A]_v`. */
  readonly steps: readonly string[];
  /** A of `[][A]_v`. */
  readonly actions: readonly string[];
  /** Liveness and fairness: as written, and where. */
  readonly unchecked: readonly { readonly text: string; readonly at: Place }[];
}

/** A specification, ready to be evaluated. */
export class Specification {
  readonly variables: readonly string[];
  private readonly loaded: Loaded;
  private readonly table: VariableTable;
  private readonly actions: ActionCodes;
  private readonly labelled = new Map<string, { readonly labels: Labels; readonly compiled: CompiledAction }>();
  private readonly codes = new Map<string, CompiledOperator>();
  private readonly stepCodes = new Map<string, CompiledOperator>();
  private emit: () => boolean = () => false;

  constructor(loaded: Loaded) {
    this.loaded = loaded;
    this.variables = loaded.compilation.variables;
    this.table = new VariableTable(this.variables);
    this.actions = new ActionCodes(loaded, () => this.emit());
  }

  /** What TLC's own operators keep and ask. */
  get session(): Session {
    return this.loaded.session;
  }

  /** The value of a definition, in `state` if it reads variables, and with `after` as the next one. */
  evaluate(definition: string, args: readonly Value[] = [], state?: State, after?: State): Value {
    const { body, layout } = this.codeOf(definition, args.length);
    const frame: Frame = newFrame(layout.size);
    args.forEach((arg, index) => (frame[index + 1] = arg));
    return this.inStates(state, after, () => body(frame));
  }

  /** Whether a state predicate is true. */
  holds(definition: string, state: State): boolean {
    return this.truth(definition, this.evaluate(definition, [], state));
  }

  /** Whether a predicate over two states is true; of a property `[][A]_v` its body is taken. */
  holdsAction(definition: string, before: State, after: State): boolean {
    let code = this.stepCodes.get(definition);
    if (code === undefined) this.stepCodes.set(definition, (code = operatorCode(this.loaded.step(definition))));
    const { body, layout } = code;
    return this.truth(definition, this.inStates(before, after, () => body(newFrame(layout.size))));
  }

  /** The states that satisfy `definition`, each way to satisfy it once, so that a state may come more than once. */
  initialStates(definition: string): readonly State[] {
    const action = this.actions.get(definition, 0, "state");
    const { registers } = this.loaded.compilation;
    const states: State[] = [];
    const values = cells<Value | undefined>(this.variables.length);
    this.inStates(undefined, undefined, () => {
      registers.now = values;
      registers.stable = false;
      this.emit = () => {
        states.push(this.stateOf(values, definition, ""));
        return false;
      };
      return action.run(newFrame(action.layout.size));
    });
    return states;
  }

  /** The states to which `action`, applied to `args`, may lead from `state`, up to `most`; a state may come more than once. */
  successors(state: State, action: string, args: readonly Value[] = [], most = Number.POSITIVE_INFINITY): readonly State[] {
    return this.search(state, this.actions.get(action, args.length, "next"), action, args, most);
  }

  /** Whether `action` leads from `before` to `after`: no search where the specification gives the values. */
  isStep(before: State, after: State, action: string, args: readonly Value[] = []): boolean {
    const compiled = this.actions.get(action, args.length, "next");
    return this.inStates(before, after, () => {
      this.emit = () => true;
      return compiled.run(frameFor(compiled, args));
    });
  }

  /** Which of the actions that `action` chooses among leads from `before` to `after`; undefined when none does. */
  nameStep(before: State, after: State, action: string): StepName | undefined {
    let known = this.labelled.get(action);
    if (known === undefined) {
      const labels = new Labels();
      this.labelled.set(action, (known = { labels, compiled: this.actions.compile(action, 0, "next", { labels }) }));
    }
    const { labels, compiled } = known;
    const fallback = this.operatorPlace(action) ?? this.loaded.at;
    let name: StepName | undefined;
    this.emit = () => {
      name = labels.current ?? { name: undefined, args: [], at: labels.place ?? fallback };
      return true;
    };
    this.inStates(before, after, () => compiled.run(frameFor(compiled, [])));
    labels.current = undefined;
    labels.place = undefined;
    return name;
  }

  /** Tries `action` again and reports at which conjunct each branch ended. */
  explain(state: State, action: string, args: readonly Value[] = []): Explanation {
    const watch = new Watch();
    const compiled = this.actions.compile(action, args.length, "next", { watch });
    let states: readonly State[] = [];
    let error: TlaError | undefined;
    try {
      states = this.search(state, compiled, action, args);
    } catch (thrown) {
      if (!(thrown instanceof TlaError)) throw thrown;
      error = thrown;
    }
    return { enabled: states.length > 0, tried: watch.tried, failures: watch.report(), error };
  }

  /** The variables that a definition reads, directly or through others. */
  readSet(definition: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { variables } of this.reachable(definition)) for (const name of variables) found.add(name);
    return found;
  }

  /** What in a definition, or in what it uses, cannot be evaluated; empty when all is well. */
  refusals(definition: string): readonly TlaError[] {
    return this.reachable(definition).flatMap(({ refusals }) => refusals.map(({ what, at }) => new TlaError(`${what} is not supported`, at)));
  }

  /** The first ASSUME that is false, as an error with its place. */
  violatedAssumption(): TlaError | undefined {
    for (const { operator, at } of this.loaded.assumptions) {
      const { body, layout } = operatorCode(operator);
      const value = this.inStates(undefined, undefined, () => body(newFrame(layout.size)));
      if (value !== true) return new TlaError("the assumption is false", at);
    }
    return undefined;
  }

  /**
   * Takes a temporal formula apart at its conjunctions, as far as safety goes. The parts are named so that they can be used
   * where a definition can; `unchecked` holds the text of the rest.
   */
  formula(definition: string): Formula {
    const parts = takeApart(this.loaded.find(definition, 0));
    const register = (kind: string, operators: readonly Operator[]): string[] =>
      operators.map((operator, index) => this.loaded.register(`${definition} ${kind} ${index + 1}`, operator));
    return {
      initial: register("initial", parts.initial),
      always: register("always", parts.always),
      steps: register("step", parts.steps),
      actions: register("action", parts.actions),
      unchecked: parts.unchecked,
    };
  }

  /** Predicates over two states, under names of their own, that together imply `definition`, a `[A]_v`; none for another one. */
  conjunctsOfStep(definition: string): readonly string[] {
    return conjunctsOfStep(this.loaded.step(definition)).map((operator, index) => this.loaded.register(`${definition} conjunct ${index + 1}`, operator));
  }

  /** The parts of a predicate that speaks of every element of a constant set; undefined for another one. */
  pointwise(definition: string): Pointwise | undefined {
    return pointwise(this.loaded.step(definition));
  }

  /** Whether what such a predicate says is true of some elements only. */
  holdsOf(law: Pointwise, elements: readonly Value[], state: State, after?: State): boolean {
    return this.inStates(state, after, () => law.holds(...elements));
  }

  /** A state with these values, which must be there for every variable. */
  state(values: ReadonlyMap<string, Value>): State {
    return new State(this.table, this.variables.map((name) => {
      const value = values.get(name);
      if (value === undefined) throw new TlaError(`the state has no value for ${name}`, undefined);
      return value;
    }));
  }

  private codeOf(definition: string, arity: number): CompiledOperator {
    if (arity > 0) return operatorCode(this.loaded.find(definition, arity));
    let code = this.codes.get(definition);
    if (code === undefined) this.codes.set(definition, (code = operatorCode(this.loaded.find(definition, 0))));
    return code;
  }

  private search(state: State, compiled: CompiledAction, action: string, args: readonly Value[], most = Number.POSITIVE_INFINITY): readonly State[] {
    const states: State[] = [];
    const { registers } = this.loaded.compilation;
    this.inStates(state, undefined, () => {
      this.emit = () => {
        states.push(this.stateOf(registers.next, action, "'"));
        return states.length >= most;
      };
      return compiled.run(frameFor(compiled, args));
    });
    return states;
  }

  private stateOf(values: readonly (Value | undefined)[], action: string, prime: string): State {
    let given = 0;
    while (given < this.variables.length && values[given] !== undefined) given += 1;
    const missing = this.variables[given];
    if (missing !== undefined) throw new TlaError(`${action} gives no value to ${missing}${prime}`, this.operatorPlace(action));
    return new State(this.table, values.slice() as Value[]);
  }

  private operatorPlace(name: string): Place | undefined {
    return this.loaded.operators.get(name)?.definition.at;
  }

  /** Evaluates with the registers set, and leaves nothing behind in them. */
  private inStates<T>(before: State | undefined, after: State | undefined, evaluate: () => T): T {
    const { registers } = this.loaded.compilation;
    const none = this.variables.length;
    registers.now = (before?.values as Value[] | undefined) ?? cells<Value | undefined>(none);
    registers.next = (after?.values.slice() as Value[] | undefined) ?? cells<Value | undefined>(none);
    registers.stable = true;
    registers.primed = false;
    registers.elsewhere = false;
    try {
      return evaluate();
    } catch (error) {
      throw error instanceof Fault ? new TlaError(error.message, undefined) : error instanceof RangeError ? located(error, this.loaded.at) : error;
    }
  }

  private truth(definition: string, value: Value): boolean {
    if (typeof value === "boolean") return value;
    throw new TlaError(`${definition} is ${printShort(value)}, not TRUE or FALSE`, this.operatorPlace(definition));
  }

  private reachable(definition: string): readonly Dependencies[] {
    const { parameters } = this.loaded.find(definition).definition;
    const start = this.loaded.find(definition, parameters.length);
    operatorCode(start);
    const seen = new Set<Operator>([start]);
    for (const operator of seen) for (const other of operator.dependencies.operators) seen.add(other);
    return [...seen].map((operator) => operator.dependencies);
  }
}
