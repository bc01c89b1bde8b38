import { compileAction, type Run } from "./compile-action.ts";
import type { ActionPlan } from "./compile-assign.ts";
import type { Labels } from "./labels.ts";
import type { Loaded } from "./load.ts";
import type { Level } from "./mentions.ts";
import { FrameLayout, newFrame, type Frame } from "./registers.ts";
import { Dependencies, type Operator } from "./scope.ts";
import type { Value } from "./value-kinds.ts";
import type { Watch } from "./watch.ts";

/** An action compiled to a search. */
export interface CompiledAction {
  readonly arity: number;
  readonly layout: FrameLayout;
  readonly run: Run;
}

/** Who follows the search. */
export interface Followers {
  readonly watch?: Watch;
  readonly labels?: Labels;
}

/** The searches of one specification, each compiled once. */
export class ActionCodes {
  private readonly known = { next: new Map<string, CompiledAction>(), state: new Map<string, CompiledAction>() };
  private readonly loaded: Loaded;
  private readonly found: () => boolean;

  /** `found` is called for each way to satisfy an action; true ends the search. */
  constructor(loaded: Loaded, found: () => boolean) {
    this.loaded = loaded;
    this.found = found;
  }

  get(name: string, arity: number, mode: Level): CompiledAction {
    const known = this.known[mode];
    let compiled = known.get(name);
    if (compiled === undefined || compiled.arity !== arity) known.set(name, (compiled = this.compile(name, arity, mode, {})));
    return compiled;
  }

  compile(name: string, arity: number, mode: Level, { watch, labels }: Followers): CompiledAction {
    const operator = labels === undefined ? this.loaded.find(name, arity) : this.behind(this.loaded.find(name, arity));
    const { definition, home } = operator;
    const layout = new FrameLayout(home.frame);
    const scope = home.within(layout);
    for (const parameter of definition.parameters) scope.bind(parameter.name);
    const { compilation } = this.loaded;
    const before = compilation.dependencies;
    compilation.dependencies = new Dependencies();
    try {
      const plan: ActionPlan = { mode, watch: watch ?? null, labels: labels ?? null, inlining: [definition], procedures: new Map() };
      return { arity, layout, run: compileAction(definition.body, scope, () => this.found(), plan) };
    } finally {
      compilation.dependencies = before;
    }
  }

  /** The definition that this one is only another name of. */
  private behind(operator: Operator): Operator {
    const { body } = operator.definition;
    if (body.kind !== "apply" || body.args.length > 0 || body.path.length > 0) return operator;
    const binding = operator.home.lookup(body.name);
    return binding?.kind === "operator" ? this.behind(binding.operator) : operator;
  }
}

/** A frame for one run of `compiled` with these arguments. */
export function frameFor(compiled: CompiledAction, args: readonly Value[]): Frame {
  const frame: Frame = newFrame(compiled.layout.size);
  for (let i = 0; i < args.length; i++) frame[i + 1] = args[i];
  return frame;
}
