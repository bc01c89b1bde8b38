import { compileAction, type Run } from "./compile-action.ts";
import type { ActionPlan } from "./compile-assign.ts";
import { compileArgument } from "./compile-operator.ts";
import { FrameLayout, newFrame } from "./registers.ts";
import { distance, outer, type Operator, type Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

/** An action with a frame of its own, called instead of inlined: what a recursive one needs. */
export interface Procedure {
  readonly layout: FrameLayout;
  /** The slot that says how the caller goes on. */
  readonly next: number;
  run: Run;
}

/** A call of the recursive action `operator`. Its arguments are values: a variable handed over cannot be given its next value. */
export function compileProcedureCall(operator: Operator, node: Extract<Expression, { kind: "apply" }>, scope: Scope, then: Run, plan: ActionPlan): Run {
  const { definition, home } = operator;
  const args = definition.parameters.map((parameter, index) => compileArgument(operator, parameter, index, node.args[index]!, scope));
  const procedure = plan.procedures.get(definition) ?? compileProcedure(operator, plan);
  const steps = home.frame === null ? -1 : distance(scope.layout, home.frame);
  return (frame) => {
    const inner = newFrame(procedure.layout.size);
    if (steps >= 0) inner[0] = outer(frame, steps);
    for (let i = 0; i < args.length; i++) inner[i + 1] = args[i]!(frame);
    // Another branch of the same search may use the caller's frame before this one comes back.
    inner[procedure.next] = () => then(frame);
    return procedure.run(inner);
  };
}

function compileProcedure(operator: Operator, plan: ActionPlan): Procedure {
  const { definition, home } = operator;
  const layout = new FrameLayout(home.frame);
  const scope = home.within(layout);
  for (const { name, arity } of definition.parameters) {
    const slot = layout.allot();
    scope.names.set(name, arity === 0 ? { kind: "parameter", frame: layout, slot } : { kind: "operatorParameter", frame: layout, slot, arity });
  }
  const next = layout.allot();
  const procedure: Procedure = { layout, next, run: () => false };
  plan.procedures.set(definition, procedure);
  procedure.run = compileAction(definition.body, scope, (frame) => (frame[next] as () => boolean)(), { ...plan, inlining: [...plan.inlining, definition] });
  return procedure;
}
