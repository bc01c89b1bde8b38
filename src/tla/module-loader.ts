import { TlaError, type Place } from "./fault.ts";
import { FrameLayout } from "./registers.ts";
import { makeOperator, Scope, type Binding, type Builtin, type Compilation } from "./scope.ts";
import type { Assumption, Declaration, Expression, InstanceDefinition, Module } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/** A module that is part of the evaluator. */
export interface BuiltinModule {
  readonly extends: readonly string[];
  readonly operators: readonly Builtin[];
}

/** `name <-[module] replacement` of a configuration. */
export interface ModuleOverride {
  readonly module: string;
  readonly name: string;
  readonly replacement: string;
}

/** Where modules come from, and what the root module's constants are. */
export interface Library {
  /** The parsed module, or undefined when there is no text of that name. */
  module(name: string): Module | undefined;
  readonly builtins: ReadonlyMap<string, BuiltinModule>;
  readonly constants: ReadonlyMap<string, Value>;
  /** `C <- D` of a configuration: name in the root module → name of the definition in its place. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly moduleOverrides: readonly ModuleOverride[];
}

interface Substitution {
  readonly names: ReadonlyMap<string, Expression>;
  /** Where the expressions stand, and where a name without one is looked up. */
  readonly scope: Scope;
  readonly module: string;
}

/** One reading of modules: the root's own, or an instance's, where declared names mean expressions of the instantiating module. */
class Universe {
  readonly scopes = new Map<string, Scope>();
  readonly substitution: Substitution | null;
  readonly frame: FrameLayout | null;

  constructor(substitution: Substitution | null, frame: FrameLayout | null) {
    this.substitution = substitution;
    this.frame = frame;
  }
}

/** Builds the scopes of modules. */
export class ModuleLoader {
  readonly variables: string[] = [];
  readonly assumptions: { readonly assumption: Assumption; readonly scope: Scope }[] = [];
  private readonly library: Library;
  private readonly compilation: Compilation;
  private readonly root = new Universe(null, null);
  private readonly building = new Set<string>();

  constructor(library: Library, compilation: Compilation) {
    this.library = library;
    this.compilation = compilation;
  }

  loadRoot(name: string): Scope {
    const scope = this.load(name, this.root, null, undefined);
    const everywhere = [...this.root.scopes.values()];
    for (const [target, replacement] of this.library.overrides) this.override(target, replacement, scope, everywhere);
    for (const { module, name: target, replacement } of this.library.moduleOverrides) {
      const only = this.root.scopes.get(module);
      this.override(target, replacement, scope, only === undefined ? [] : [only]);
    }
    for (const [target, value] of this.library.constants) {
      for (const other of everywhere) if (other.names.has(target)) other.names.set(target, { kind: "constant", name: target, value });
    }
    return scope;
  }

  /** A replaced name is replaced wherever the root module and those that it extends use it. */
  private override(target: string, replacement: string, root: Scope, scopes: readonly Scope[]): void {
    const binding = root.lookup(replacement);
    if (binding === undefined) throw new TlaError(`${replacement}, put in place of ${target}, is not defined`, undefined);
    const known = scopes.filter((scope) => scope.names.has(target));
    if (known.length === 0) throw new TlaError(`${target}, to be replaced by ${replacement}, is not defined`, undefined);
    for (const scope of known) scope.names.set(target, binding);
  }

  /** The scope of an instance of a module, evaluated in `frame` when its substitutions need one. */
  instantiate(definition: InstanceDefinition, scope: Scope, frame: FrameLayout | null): Scope {
    const names = new Map(definition.substitutions.map((substitution) => [substitution.name, substitution.value]));
    const universe = new Universe({ names, scope, module: definition.module }, frame);
    return this.load(definition.module, universe, scope, definition.at);
  }

  private load(name: string, universe: Universe, from: Scope | null, at: Place | undefined): Scope {
    const known = universe.scopes.get(name);
    if (known !== undefined) return known;
    const inner = from?.findInnerModule(name);
    const module = inner?.module ?? this.library.module(name);
    const builtin = this.library.builtins.get(name);
    const scope = new Scope(this.compilation, inner?.scope ?? null, universe.frame);
    if (module === undefined) {
      if (builtin === undefined) throw new TlaError(`there is no module ${name}`, at);
      for (const other of builtin.extends) this.extend(scope, this.load(other, universe, null, at), false);
      for (const operator of builtin.operators) scope.names.set(operator.name, { kind: "builtin", builtin: operator });
      universe.scopes.set(name, scope);
      return scope;
    }
    if (this.building.has(name)) throw new TlaError(`module ${name} extends or instantiates itself`, at ?? module.at);
    this.building.add(name);
    try {
      this.fill(scope, module, universe);
    } finally {
      this.building.delete(name);
    }
    universe.scopes.set(name, scope);
    return scope;
  }

  private fill(scope: Scope, module: Module, universe: Universe): void {
    for (const inner of module.inner) scope.innerModules.set(inner.name, inner);
    for (const name of module.extends) this.extend(scope, this.load(name, universe, scope, module.at), false);
    for (const declaration of module.declarations) this.declare(scope, declaration, universe);
    const own = new Set<string>();
    for (const definition of module.definitions) {
      if (definition.kind === "instance" && definition.name === null) {
        this.extend(scope, this.instantiate(definition, scope, universe.frame), definition.local);
        continue;
      }
      const name = definition.name ?? "";
      if (own.has(name) || module.declarations.some((declaration) => declaration.name === name)) {
        throw new TlaError(`${name} is defined twice`, definition.at);
      }
      own.add(name);
      const binding: Binding = definition.kind === "instance" ? { kind: "instance", definition, scope } : { kind: "operator", operator: makeOperator(definition, scope) };
      scope.names.set(name, binding);
      if (definition.local) scope.local.add(name);
      else scope.local.delete(name);
    }
    for (const assumption of module.assumptions) {
      const { name, body, at } = assumption;
      if (name !== null) scope.names.set(name, { kind: "operator", operator: makeOperator({ kind: "operator", name, parameters: [], body, local: false, at }, scope) });
      if (universe === this.root) this.assumptions.push({ assumption, scope });
    }
  }

  private extend(scope: Scope, other: Scope, local: boolean): void {
    for (const [name, binding] of other.names) {
      if (other.local.has(name)) continue;
      scope.names.set(name, binding);
      if (local) scope.local.add(name);
    }
    for (const [name, module] of other.innerModules) if (!scope.innerModules.has(name)) scope.innerModules.set(name, module);
  }

  private declare(scope: Scope, declaration: Declaration, universe: Universe): void {
    const { name } = declaration;
    const { substitution } = universe;
    if (substitution !== null) {
      scope.names.set(name, this.substituted(declaration, substitution));
    } else if (declaration.kind === "constant") {
      scope.names.set(name, { kind: "constant", name, value: this.library.constants.get(name) });
    } else {
      let index = this.variables.indexOf(name);
      if (index < 0) index = this.variables.push(name) - 1;
      scope.names.set(name, { kind: "variable", name, index });
    }
  }

  private substituted(declaration: Declaration, substitution: Substitution): Binding {
    const { name } = declaration;
    const expression = substitution.names.get(name);
    if (expression !== undefined) return { kind: "alias", expression, scope: substitution.scope };
    const same = substitution.scope.lookup(name);
    if (same !== undefined) return same;
    throw new TlaError(`INSTANCE ${substitution.module} gives no value for ${declaration.kind} ${name}`, declaration.at);
  }
}
