import { infixOperators, bindsAtLeft, bindsAtRight, postfixOperators, prefixOperators, type OperatorSymbol } from "./operator-table.ts";
import { parseArms, parseExcept, parseLet, parsePath, parseBounds } from "./parse-parts.ts";
import { unescape, type Reader } from "./reader.ts";
import type { Expression, NamedExpression, SyntaxNode } from "./syntax.ts";

type Parse = (reader: Reader, node: SyntaxNode) => Expression;

/** The expression that `node` stands for. */
export function parseExpression(reader: Reader, node: SyntaxNode): Expression {
  const parse = parsers[node.type];
  if (parse === undefined) throw reader.fail(node, `${node.type} is not an expression that is understood`);
  return parse(reader, node);
}

function all(reader: Reader, nodes: readonly SyntaxNode[]): Expression[] {
  return nodes.map((node) => parseExpression(reader, node));
}

/** The symbol of an operator node such as `infix_op_symbol`, `plus` or `lnot`. */
export function symbolOf(reader: Reader, node: SyntaxNode): OperatorSymbol {
  const inner = node.type.endsWith("_op_symbol") ? reader.part(node, 0) : node;
  const symbol = infixOperators.get(inner.type) ?? prefixOperators.get(inner.type) ?? postfixOperators.get(inner.type);
  if (symbol === undefined) throw reader.fail(node, `${reader.text(node)} is not an operator that is understood`);
  return symbol;
}

/** A name or symbol used without arguments. */
function bare(reader: Reader, node: SyntaxNode, name: string): Expression {
  return { kind: "apply", path: [], name, args: [], at: reader.place(node) };
}

/** How the outermost operator of an unparenthesised operand binds, or undefined where nothing can go wrong. */
function outerSymbol(reader: Reader, node: SyntaxNode): OperatorSymbol | undefined {
  if (node.type === "bound_infix_op") return symbolOf(reader, reader.part(node, 1));
  if (node.type === "bound_prefix_op") return symbolOf(reader, reader.part(node, 0));
  return undefined;
}

/** The grammar takes every infix operator as left-associative; TLA+ asks for parentheses where two of them conflict. */
function parseInfix(reader: Reader, node: SyntaxNode): Expression {
  const [left, symbolNode, right] = reader.parts(node);
  if (left === undefined || symbolNode === undefined || right === undefined) throw reader.fail(node, "incomplete infix expression");
  const operator = symbolOf(reader, symbolNode);
  const atLeft = outerSymbol(reader, left);
  const atRight = right.type === "bound_infix_op" ? outerSymbol(reader, right) : undefined;
  const clash = atLeft !== undefined && !bindsAtLeft(atLeft, operator) ? atLeft : atRight !== undefined && !bindsAtRight(atRight, operator) ? atRight : undefined;
  if (clash !== undefined) throw reader.fail(symbolNode, `${clash.symbol} and ${operator.symbol} conflict: put parentheses`);
  const at = reader.place(node);
  const first = parseExpression(reader, left);
  const second = parseExpression(reader, right);
  switch (operator.symbol) {
    case "/\\":
    case "\\/": {
      const and = operator.symbol === "/\\";
      const chained = first.kind === "junction" && first.and === and && left.type === "bound_infix_op";
      return { kind: "junction", and, items: chained ? [...first.items, second] : [first, second], at };
    }
    case "\\X": {
      const chained = first.kind === "product" && left.type === "bound_infix_op";
      return { kind: "product", items: chained ? [...first.items, second] : [first, second], at };
    }
    case "~>":
    case "-+->":
      return { kind: "temporal", operator: operator.symbol, args: [first, second], at };
    default:
      return { kind: "apply", path: [], name: operator.symbol, args: [first, second], at };
  }
}

function prefixed(reader: Reader, node: SyntaxNode, symbol: string, body: Expression): Expression {
  const at = reader.place(node);
  switch (symbol) {
    case "UNCHANGED":
      return { kind: "unchanged", body, at };
    case "ENABLED":
      return { kind: "enabled", body, at };
    case "[]":
    case "<>":
      return { kind: "temporal", operator: symbol, args: [body], at };
    case "'":
      return { kind: "prime", body, at };
    default:
      return { kind: "apply", path: [], name: symbol, args: [body], at };
  }
}

function parsePrefix(reader: Reader, node: SyntaxNode): Expression {
  const symbol = symbolOf(reader, reader.part(node, 0));
  const operand = reader.part(node, 1);
  const body = parseExpression(reader, operand);
  if (symbol.symbol === "-." && body.kind === "literal" && typeof body.value === "number" && operand.type !== "parentheses") {
    return { kind: "literal", value: -body.value, at: reader.place(node) };
  }
  return prefixed(reader, node, symbol.symbol, body);
}

function parsePostfix(reader: Reader, node: SyntaxNode): Expression {
  const symbol = symbolOf(reader, reader.part(node, 1));
  return prefixed(reader, node, symbol.symbol, parseExpression(reader, reader.part(node, 0)));
}

/** `+(1, 2)`. */
function parseNonfix(reader: Reader, node: SyntaxNode): Expression {
  const [symbolNode, ...operands] = reader.parts(node);
  if (symbolNode === undefined) throw reader.fail(node, "incomplete expression");
  const symbol = symbolOf(reader, symbolNode).symbol;
  const args = all(reader, operands);
  const first = args[0];
  if (args.length === 1 && first !== undefined) return prefixed(reader, node, symbol, first);
  if (symbol === "/\\" || symbol === "\\/") return { kind: "junction", and: symbol === "/\\", items: args, at: reader.place(node) };
  return { kind: "apply", path: [], name: symbol, args, at: reader.place(node) };
}

function parseFields(reader: Reader, node: SyntaxNode): NamedExpression[] {
  const parts = reader.parts(node).filter((part) => part.type !== "all_map_to");
  const fields: NamedExpression[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    fields.push({ name: reader.text(parts[index]!), value: parseExpression(reader, parts[index + 1]!) });
  }
  const names = new Set(fields.map((field) => field.name));
  if (names.size !== fields.length) throw reader.fail(node, "a field is given twice");
  return fields;
}

function parseQuantifier(reader: Reader, node: SyntaxNode): Expression {
  const parts = reader.parts(node);
  const every = parts[0]!.type === "forall";
  const bounds = parts.slice(1, -1).flatMap((part) => parseBounds(reader, part));
  return { kind: "quantifier", every, bounds, body: parseExpression(reader, parts.at(-1)!), at: reader.place(node) };
}

function parseChoose(reader: Reader, node: SyntaxNode): Expression {
  const parts = reader.parts(node);
  const intro = parts[0]!;
  const tuple = intro.type === "tuple_of_identifiers";
  const names = tuple ? reader.parts(intro).filter((part) => part.type === "identifier").map((part) => reader.text(part)) : [reader.text(intro)];
  const body = parseExpression(reader, parts.at(-1)!);
  const bound = parts[1]!.type === "set_in" ? { names, tuple, set: parseExpression(reader, parts[2]!) } : null;
  return { kind: "choose", bound, names, body, at: reader.place(node) };
}

function number(digits: (text: string) => number): Parse {
  return (reader, node) => {
    const value = digits(reader.text(node));
    if (!Number.isSafeInteger(value)) throw reader.fail(node, `the number ${reader.text(node)} is too large`);
    return { kind: "literal", value, at: reader.place(node) };
  };
}

const named: Parse = (reader, node) => bare(reader, node, reader.text(node));
const symbol: Parse = (reader, node) => bare(reader, node, symbolOf(reader, node).symbol);
const unsupported = (what: string): Parse => (reader, node) => ({ kind: "unsupported", what, at: reader.place(node) });
const operands = (reader: Reader, node: SyntaxNode): Expression[] =>
  all(reader, reader.parts(node).filter((part) => !/^(maps_to|[lr]angle_bracket.*)$/.test(part.type)));

function parseJunction(and: boolean): Parse {
  return (reader, node) => ({
    kind: "junction",
    and,
    items: reader.parts(node).map((item) => parseExpression(reader, reader.part(item, 1))),
    at: reader.place(node),
  });
}

function parseStep(stutter: boolean): Parse {
  return (reader, node) => {
    const [action, subscript] = operands(reader, node);
    return { kind: "step", stutter, action: action!, subscript: subscript!, at: reader.place(node) };
  };
}

const parsers: Readonly<Record<string, Parse>> = {
  nat_number: number(Number),
  binary_number: number((text) => Number.parseInt(text.slice(2), 2)),
  octal_number: number((text) => Number.parseInt(text.slice(2), 8)),
  hex_number: number((text) => Number.parseInt(text.slice(2), 16)),
  real_number: unsupported("real number"),
  string: (reader, node) => ({ kind: "literal", value: unescape(reader.text(node)), at: reader.place(node) }),
  boolean: (reader, node) => ({ kind: "literal", value: reader.text(node) === "TRUE", at: reader.place(node) }),
  string_set: (reader, node) => bare(reader, node, "STRING"),
  boolean_set: (reader, node) => bare(reader, node, "BOOLEAN"),
  nat_number_set: (reader, node) => bare(reader, node, "Nat"),
  int_number_set: (reader, node) => bare(reader, node, "Int"),
  real_number_set: (reader, node) => bare(reader, node, "Real"),
  identifier_ref: named,
  prefix_op_symbol: symbol,
  infix_op_symbol: symbol,
  postfix_op_symbol: symbol,
  parentheses: (reader, node) => parseExpression(reader, reader.part(node, 0)),
  label: (reader, node) => parseExpression(reader, reader.part(node, -1)),
  subexpression: unsupported("naming a part of a definition with !"),
  proof_step_ref: unsupported("reference to a proof step"),
  bound_op: (reader, node) => {
    const [name, ...args] = reader.parts(node);
    return { kind: "apply", path: [], name: reader.text(name!), args: all(reader, args), at: reader.place(node) };
  },
  bound_nonfix_op: parseNonfix,
  bound_prefix_op: parsePrefix,
  bound_infix_op: parseInfix,
  bound_postfix_op: parsePostfix,
  prefixed_op: (reader, node) => {
    const target = parseExpression(reader, reader.part(node, 1));
    const path = parsePath(reader, reader.part(node, 0));
    if (target.kind !== "apply") throw reader.fail(node, "an instance's operator expected after !");
    return { ...target, path, at: reader.place(node) };
  },
  bounded_quantification: parseQuantifier,
  unbounded_quantification: (reader, node) => {
    const parts = reader.parts(node);
    const names = parts.slice(1, -1).map((part) => reader.text(part));
    return { kind: "unbounded", quantifier: reader.text(parts[0]!), names, body: parseExpression(reader, parts.at(-1)!), at: reader.place(node) };
  },
  choose: parseChoose,
  finite_set_literal: (reader, node) => ({ kind: "set", items: operands(reader, node), at: reader.place(node) }),
  set_filter: (reader, node) => {
    const bound = parseBounds(reader, reader.part(node, 0))[0]!;
    return { kind: "filter", bound, body: parseExpression(reader, reader.part(node, 1)), at: reader.place(node) };
  },
  set_map: (reader, node) => {
    const [body, ...bounds] = reader.parts(node);
    return { kind: "map", bounds: bounds.flatMap((part) => parseBounds(reader, part)), body: parseExpression(reader, body!), at: reader.place(node) };
  },
  function_evaluation: (reader, node) => {
    const [fn, ...args] = operands(reader, node);
    return { kind: "call", fn: fn!, args, at: reader.place(node) };
  },
  function_literal: (reader, node) => {
    const parts = reader.parts(node).filter((part) => part.type !== "all_map_to");
    const bounds = parts.slice(0, -1).flatMap((part) => parseBounds(reader, part));
    return { kind: "function", bounds, body: parseExpression(reader, parts.at(-1)!), self: null, at: reader.place(node) };
  },
  set_of_functions: (reader, node) => {
    const [domain, range] = operands(reader, node);
    return { kind: "functionSet", domain: domain!, range: range!, at: reader.place(node) };
  },
  record_literal: (reader, node) => ({ kind: "record", fields: parseFields(reader, node), at: reader.place(node) }),
  set_of_records: (reader, node) => ({ kind: "recordSet", fields: parseFields(reader, node), at: reader.place(node) }),
  record_value: (reader, node) => {
    const name = reader.text(reader.part(node, 1));
    return { kind: "field", record: parseExpression(reader, reader.part(node, 0)), name, at: reader.place(node) };
  },
  except: parseExcept,
  prev_func_val: (reader, node) => bare(reader, node, "@"),
  tuple_literal: (reader, node) => ({ kind: "tuple", items: operands(reader, node), at: reader.place(node) }),
  step_expr_or_stutter: parseStep(true),
  step_expr_no_stutter: parseStep(false),
  fairness: (reader, node) => {
    const [subscript, action] = operands(reader, node);
    const strong = reader.text(node).startsWith("SF_");
    return { kind: "fairness", strong, subscript: subscript!, action: action!, at: reader.place(node) };
  },
  if_then_else: (reader, node) => {
    const [test, yes, no] = operands(reader, node);
    return { kind: "if", test: test!, yes: yes!, no: no!, at: reader.place(node) };
  },
  case: parseArms,
  let_in: parseLet,
  conj_list: parseJunction(true),
  disj_list: parseJunction(false),
  lambda: (reader, node) => {
    const parts = reader.parts(node).filter((part) => part.type !== "colon");
    const parameters = parts.slice(0, -1).map((part) => ({ name: reader.text(part), arity: 0 }));
    return { kind: "lambda", parameters, body: parseExpression(reader, parts.at(-1)!), at: reader.place(node) };
  },
};
