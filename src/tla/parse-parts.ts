import { parseExpression, symbolOf } from "./parse-expression.ts";
import type { Reader } from "./reader.ts";
import type { Bound, Definition, ExceptUpdate, Expression, InstanceStep, NamedExpression, Parameter, SyntaxNode } from "./syntax.ts";

/** The bounds of `x, y \in S` (one for each name) or `<<x, y>> \in S` (one). */
export function parseBounds(reader: Reader, node: SyntaxNode): Bound[] {
  const parts = reader.parts(node);
  const set = parseExpression(reader, parts.at(-1)!);
  const intro = parts.filter((part) => part.type === "identifier").map((part) => reader.text(part));
  const first = parts[0]!;
  if (first.type !== "tuple_of_identifiers") return intro.slice(0, parts.length - 2).map((name) => ({ names: [name], tuple: false, set }));
  const names = reader.parts(first).filter((part) => part.type === "identifier").map((part) => reader.text(part));
  return [{ names, tuple: true, set }];
}

/** The path `M(a)!N!` before an operator of an instance. */
export function parsePath(reader: Reader, node: SyntaxNode): InstanceStep[] {
  return reader.parts(node).map((component) => {
    if (component.type !== "subexpr_component") throw reader.fail(component, "naming a part of a definition with ! is not supported");
    const target = parseExpression(reader, reader.part(component, 0));
    if (target.kind !== "apply") throw reader.fail(component, "the name of an instance expected before !");
    return { name: target.name, args: target.args };
  });
}

/** `[f EXCEPT ![i].a = e, …]`. */
export function parseExcept(reader: Reader, node: SyntaxNode): Expression {
  const [fn, ...rest] = reader.parts(node);
  const updates = rest.map((update): ExceptUpdate => {
    const [specifier, value] = reader.parts(update);
    const path = reader.parts(specifier!).map((step) => parseStep(reader, step));
    return { path, value: parseExpression(reader, value!) };
  });
  return { kind: "except", fn: parseExpression(reader, fn!), updates, at: reader.place(node) };
}

function parseStep(reader: Reader, node: SyntaxNode): Expression {
  const at = reader.place(node);
  const parts = reader.parts(node);
  if (node.type === "except_update_record_field") return { kind: "literal", value: reader.text(parts[0]!), at };
  const items = parts.map((part) => parseExpression(reader, part));
  return items.length === 1 ? items[0]! : { kind: "tuple", items, at };
}

/** `CASE p -> e [] … [] OTHER -> e`. */
export function parseArms(reader: Reader, node: SyntaxNode): Expression {
  const arms: { test: Expression; value: Expression }[] = [];
  let other: Expression | null = null;
  for (const part of reader.parts(node)) {
    if (part.type === "case_arm") arms.push({ test: parseExpression(reader, reader.part(part, 0)), value: parseExpression(reader, reader.part(part, 2)) });
    if (part.type === "other_arm") other = parseExpression(reader, reader.part(part, 1));
  }
  return { kind: "case", arms, other, at: reader.place(node) };
}

/** `LET … IN e`. */
export function parseLet(reader: Reader, node: SyntaxNode): Expression {
  const parts = reader.parts(node);
  const definitions = parts.slice(0, -1).flatMap((part) => parseDefinition(reader, part, false) ?? []);
  return { kind: "let", definitions, body: parseExpression(reader, parts.at(-1)!), at: reader.place(node) };
}

/** A parameter, or a declared name: `x`, `Op(_, _)`, `_ + _`. */
export function parseParameter(reader: Reader, node: SyntaxNode): Parameter {
  if (node.type !== "operator_declaration") return { name: reader.text(node), arity: 0 };
  const parts = reader.parts(node);
  const arity = parts.filter((part) => part.type === "placeholder").length;
  const nameNode = parts.find((part) => part.type !== "placeholder")!;
  return { name: nameOf(reader, nameNode), arity };
}

function nameOf(reader: Reader, node: SyntaxNode): string {
  return node.type.endsWith("_op_symbol") ? symbolOf(reader, node).symbol : reader.text(node);
}

/** The definition in `node`, or null for a declaration that carries nothing (`RECURSIVE`). */
export function parseDefinition(reader: Reader, node: SyntaxNode, local: boolean): Definition | null {
  switch (node.type) {
    case "operator_definition":
      return parseOperator(reader, node, local);
    case "function_definition": {
      const parts = reader.parts(node).filter((part) => part.type !== "def_eq");
      const name = reader.text(parts[0]!);
      const bounds = parts.slice(1, -1).flatMap((part) => parseBounds(reader, part));
      const at = reader.place(node);
      const body: Expression = { kind: "function", bounds, body: parseExpression(reader, parts.at(-1)!), self: name, at };
      return { kind: "operator", name, parameters: [], body, local, at };
    }
    case "module_definition": {
      const parts = reader.parts(node);
      const parameters = parts.slice(1, -2).map((part) => parseParameter(reader, part));
      return parseInstance(reader, parts.at(-1)!, reader.text(parts[0]!), parameters, local);
    }
    case "instance":
      return parseInstance(reader, node, null, [], local);
    case "recursive_declaration":
      return null;
    default:
      throw reader.fail(node, `${node.type} is not a definition that is understood`);
  }
}

function parseOperator(reader: Reader, node: SyntaxNode, local: boolean): Definition {
  const parts = reader.parts(node);
  const equals = parts.findIndex((part) => part.type === "def_eq");
  const head = parts.slice(0, equals);
  const symbol = head.find((part) => part.type.endsWith("_op_symbol"));
  const nameNode = symbol ?? head[0]!;
  const parameters = head.filter((part) => part !== nameNode).map((part) => parseParameter(reader, part));
  const body = parseExpression(reader, parts[equals + 1]!);
  return { kind: "operator", name: nameOf(reader, nameNode), parameters, body, local, at: reader.place(node) };
}

function parseInstance(reader: Reader, node: SyntaxNode, name: string | null, parameters: readonly Parameter[], local: boolean): Definition {
  const [module, ...rest] = reader.parts(node);
  const substitutions = rest.map((part): NamedExpression => {
    const [target, , value] = reader.parts(part);
    return { name: nameOf(reader, target!), value: parseExpression(reader, value!) };
  });
  return { kind: "instance", name, parameters, module: reader.text(module!), substitutions, local, at: reader.place(node) };
}
