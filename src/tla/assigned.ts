import { resolve } from "./compile-apply.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

/** A variable of the specification. */
export interface Variable {
  readonly name: string;
  readonly index: number;
}

/** The variable whose next value `node` names: `x'`, also by another name of x. */
export function assignedVariable(node: Expression, scope: Scope): Variable | undefined {
  return node.kind === "prime" ? namedVariable(node.body, scope) : undefined;
}

/** The variable that `node` names, seen through substitutions, arguments and definitions. */
export function namedVariable(node: Expression, scope: Scope): Variable | undefined {
  if (node.kind !== "apply" || node.args.length > 0) return undefined;
  if (node.path.length === 0 && scope.lookup(node.name) === undefined) return undefined;
  const binding = resolve(node, scope);
  switch (binding.kind) {
    case "variable":
      return binding;
    case "alias":
      return namedVariable(binding.expression, binding.scope);
    case "let":
      return namedVariable(binding.body, binding.scope);
    case "operator":
      return binding.operator.definition.parameters.length === 0 ? namedVariable(binding.operator.definition.body, binding.operator.home) : undefined;
    default:
      return undefined;
  }
}

/** The parts of `UNCHANGED e`: tuples, also behind names, taken apart as far as they go. */
export function unchangedParts(node: Expression, scope: Scope): { readonly node: Expression; readonly scope: Scope }[] {
  if (node.kind === "tuple") return node.items.flatMap((item) => unchangedParts(item, scope));
  if (node.kind === "apply" && node.args.length === 0 && namedVariable(node, scope) === undefined) {
    const binding = node.path.length === 0 && scope.lookup(node.name) === undefined ? undefined : resolve(node, scope);
    if (binding?.kind === "alias") return unchangedParts(binding.expression, binding.scope);
    if (binding?.kind === "let") return unchangedParts(binding.body, binding.scope);
    if (binding?.kind === "operator" && binding.operator.definition.parameters.length === 0) {
      const { definition, home } = binding.operator;
      return unchangedParts(definition.body, home);
    }
  }
  return [{ node, scope }];
}
