import type { Bound, Expression } from "./syntax.ts";

/** Calls `visit` with each direct part of `node`, and the names that `node` binds around that part. */
export function visitParts(node: Expression, visit: (part: Expression, bound: readonly string[]) => void): void {
  const all = (parts: readonly Expression[]): void => parts.forEach((part) => visit(part, none));
  switch (node.kind) {
    case "literal":
    case "unsupported":
      return;
    case "apply":
      for (const step of node.path) all(step.args);
      return all(node.args);
    case "junction":
    case "set":
    case "tuple":
    case "product":
      return all(node.items);
    case "prime":
    case "unchanged":
    case "enabled":
      return all([node.body]);
    case "temporal":
      return all(node.args);
    case "quantifier":
    case "map":
      return visitBound(node.bounds, node.body, visit);
    case "function":
      for (const bound of node.bounds) visit(bound.set, node.self === null ? none : [node.self]);
      return visit(node.body, [...namesOf(node.bounds), ...(node.self === null ? none : [node.self])]);
    case "filter":
      return visitBound([node.bound], node.body, visit);
    case "choose":
      if (node.bound !== null) visit(node.bound.set, none);
      return visit(node.body, node.names);
    case "unbounded":
      return visit(node.body, node.names);
    case "lambda":
      return visit(node.body, node.parameters.map((parameter) => parameter.name));
    default:
      return visitMore(node, visit);
  }
}

const none: readonly string[] = [];

function visitMore(node: Expression, visit: (part: Expression, bound: readonly string[]) => void): void {
  const all = (parts: readonly Expression[]): void => parts.forEach((part) => visit(part, none));
  switch (node.kind) {
    case "call":
      return all([node.fn, ...node.args]);
    case "functionSet":
      return all([node.domain, node.range]);
    case "record":
    case "recordSet":
      return all(node.fields.map((field) => field.value));
    case "field":
      return all([node.record]);
    case "except":
      visit(node.fn, none);
      for (const update of node.updates) {
        all(update.path);
        visit(update.value, ["@"]);
      }
      return;
    case "step":
    case "fairness":
      return all([node.action, node.subscript]);
    case "if":
      return all([node.test, node.yes, node.no]);
    case "case":
      for (const arm of node.arms) all([arm.test, arm.value]);
      if (node.other !== null) visit(node.other, none);
      return;
    case "let": {
      const names = node.definitions.map((definition) => definition.name ?? "");
      for (const definition of node.definitions) {
        if (definition.kind === "instance") definition.substitutions.forEach((substitution) => visit(substitution.value, names));
        else visit(definition.body, [...names, ...definition.parameters.map((parameter) => parameter.name)]);
      }
      return visit(node.body, names);
    }
    default:
      return;
  }
}

function namesOf(bounds: readonly Bound[]): readonly string[] {
  return bounds.flatMap((bound) => bound.names);
}

function visitBound(bounds: readonly Bound[], body: Expression, visit: (part: Expression, bound: readonly string[]) => void): void {
  for (const bound of bounds) visit(bound.set, none);
  visit(body, namesOf(bounds));
}
