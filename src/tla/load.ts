import { arithmeticModules } from "./builtin-arithmetic.ts";
import { functionModules } from "./builtin-functions.ts";
import { sequenceModules } from "./builtin-sequences.ts";
import { sequenceExtModules } from "./builtin-sequences-ext.ts";
import { setModules } from "./builtin-sets.ts";
import { tlcModules } from "./builtin-tlc.ts";
import { operatorCode } from "./compile-operator.ts";
import { TlaError, type Place } from "./fault.ts";
import type { Host } from "./host.ts";
import { ModuleLoader, type BuiltinModule, type ModuleOverride } from "./module-loader.ts";
import { parseModules } from "./parse.ts";
import { Registers } from "./registers.ts";
import { Session } from "./session.ts";
import { Dependencies, makeOperator, type Compilation, type Operator, type Scope } from "./scope.ts";
import type { Expression, Module, SyntaxParser } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/** What a specification is made of. */
export interface SpecificationInput {
  /** The name of the root module. */
  readonly root: string;
  /** The user's modules: name → text. Standard modules are built in. */
  readonly modules: ReadonlyMap<string, string>;
  /** Values of the root module's constants. */
  readonly constants?: ReadonlyMap<string, Value>;
  /** `name <- definition` of a configuration. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** `name <-[module] definition` of a configuration. */
  readonly moduleOverrides?: readonly ModuleOverride[];
  readonly parse: SyntaxParser;
  /** What the outside world lends to Json, IOUtils and TLC. */
  readonly host?: Host;
  /** For `RandomElement`. */
  readonly seed?: number;
}

/** A root module with everything that it extends, names resolved. */
export interface Loaded {
  readonly compilation: Compilation;
  readonly session: Session;
  readonly scope: Scope;
  readonly at: Place;
  readonly assumptions: readonly { readonly operator: Operator; readonly at: Place }[];
  readonly operators: ReadonlyMap<string, Operator>;
  /** The operator of that name, also `M!Op`; with `arity` it must have that many parameters. */
  find(name: string, arity?: number): Operator;
  /** Makes `operator` known by `name`; gives the name. */
  register(name: string, operator: Operator): string;
  /** The two-state formula of a property: of `[][A]_v`, `[A]_v`. */
  step(name: string): Operator;
}

/** These are what they are, whatever text somebody keeps under their names. */
const fixedModules = new Set(["Naturals", "Integers", "Reals", "Sequences", "FiniteSets", "Bags", "TLC"]);

function builtinModules(host: Host, session: Session): ReadonlyMap<string, BuiltinModule> {
  const all = { ...arithmeticModules, ...sequenceModules, ...setModules, ...sequenceExtModules, ...functionModules, ...tlcModules(host, session) };
  return new Map(Object.entries(all));
}

/** Reads modules when they are wanted; a file may hold several. */
function moduleReader(sources: SpecificationInput): (name: string) => Module | undefined {
  const parsed = new Map<string, Module>();
  return (name) => {
    const text = sources.modules.get(name);
    if (fixedModules.has(name) || (text === undefined && !parsed.has(name))) return undefined;
    if (text !== undefined && !parsed.has(name)) {
      for (const module of parseModules(name, text, sources.parse)) parsed.set(module.name, module);
      const found = parsed.get(name);
      if (found === undefined) throw new TlaError(`the text of ${name} holds no module of that name`, undefined);
    }
    return parsed.get(name);
  };
}

/** Reads the modules, checks that each constant has a value, and compiles every definition, so that a wrong name is found now. */
export function loadModules(sources: SpecificationInput): Loaded {
  const constants = sources.constants ?? new Map<string, Value>();
  const overrides = sources.overrides ?? new Map<string, string>();
  const module = moduleReader(sources);
  const root = module(sources.root);
  if (root === undefined) throw new TlaError(`there is no module ${sources.root}`, undefined);
  const host = sources.host ?? {};
  const variables: string[] = [];
  const registers = new Registers();
  const session = new Session(registers, sources.seed ?? 1);
  const compilation: Compilation = {
    registers,
    variables,
    host,
    dependencies: new Dependencies(),
    instantiate: (definition, scope, frame) => loader.instantiate(definition, scope, frame),
  };
  const loader = new ModuleLoader({ module, builtins: builtinModules(host, session), constants, overrides, moduleOverrides: sources.moduleOverrides ?? [] }, compilation);
  const scope = loader.loadRoot(sources.root);
  variables.push(...loader.variables);
  for (const name of constants.keys()) {
    if (scope.names.get(name) === undefined) throw new TlaError(`${name} is given a value but is not known in ${sources.root}`, root.at);
  }
  const operators = operatorsOf(scope);
  for (const operator of operators.values()) operatorCode(operator);
  const assumptions = loader.assumptions.map(({ assumption: { body, at }, scope: home }) => ({
    operator: makeOperator({ kind: "operator", name: "ASSUME", parameters: [], body, local: true, at }, home),
    at,
  }));
  return new LoadedModules(compilation, session, scope, root.at, assumptions, operators);
}

function operatorsOf(scope: Scope): Map<string, Operator> {
  const operators = new Map<string, Operator>();
  for (const [name, binding] of scope.names) if (binding.kind === "operator") operators.set(name, binding.operator);
  return operators;
}

class LoadedModules implements Loaded {
  readonly compilation: Compilation;
  readonly session: Session;
  readonly scope: Scope;
  readonly at: Place;
  readonly assumptions: Loaded["assumptions"];
  readonly operators: Map<string, Operator>;
  private readonly steps = new Map<string, Operator>();

  constructor(compilation: Compilation, session: Session, scope: Scope, at: Place, assumptions: Loaded["assumptions"], operators: Map<string, Operator>) {
    this.compilation = compilation;
    this.session = session;
    this.scope = scope;
    this.at = at;
    this.assumptions = assumptions;
    this.operators = operators;
  }

  find(name: string, arity?: number): Operator {
    let operator = this.operators.get(name);
    if (operator === undefined) {
      operator = this.makeFor(name);
      this.operators.set(name, operator);
    }
    const { parameters, at } = operator.definition;
    if (arity !== undefined && parameters.length !== arity) throw new TlaError(`${name} takes ${parameters.length} arguments, ${arity} given`, at);
    if (parameters.some((parameter) => parameter.arity > 0)) throw new TlaError(`${name} takes operators and cannot be called from outside`, at);
    return operator;
  }

  /** For `M!Op`, a constant, or a variable: a definition that says just this. */
  private makeFor(name: string): Operator {
    const steps = name.split("!");
    const last = steps.pop() ?? name;
    const body: Expression = { kind: "apply", path: steps.map((step) => ({ name: step, args: [] })), name: last, args: [], at: this.at };
    if (steps.length === 0 && this.scope.lookup(name) === undefined) throw new TlaError(`${name} is not defined in ${this.at.source.module}`, undefined);
    return makeOperator({ kind: "operator", name, parameters: [], body, local: true, at: this.at }, this.scope);
  }

  register(name: string, operator: Operator): string {
    if (!this.operators.has(name)) this.operators.set(name, operator);
    return name;
  }

  step(name: string): Operator {
    let operator = this.steps.get(name);
    if (operator === undefined) {
      const { definition, home } = this.find(name, 0);
      const { body } = definition;
      const always = body.kind === "temporal" && body.operator === "[]" ? body.args[0] : undefined;
      operator = always === undefined ? this.find(name, 0) : makeOperator({ ...definition, body: always }, home);
      this.steps.set(name, operator);
    }
    return operator;
  }
}
