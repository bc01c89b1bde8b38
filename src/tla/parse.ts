import { TlaError } from "./fault.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseDefinition, parseParameter } from "./parse-parts.ts";
import { Reader } from "./reader.ts";
import type { Assumption, Declaration, Definition, Module, SyntaxNode, SyntaxParser } from "./syntax.ts";

/** Trees already read: a caller that keeps its trees spares itself the reading. */
const known = new WeakMap<SyntaxNode, Module[]>();

/**
 * The modules written in `text`, the first one first. Text before and after a module is not TLA+ and is skipped, as
 * the reference parser does.
 */
export function parseModules(name: string, text: string, parse: SyntaxParser): Module[] {
  const root = parse(text);
  let modules = known.get(root);
  if (modules === undefined) known.set(root, (modules = readModules(name, text, root)));
  return modules;
}

function readModules(name: string, text: string, root: SyntaxNode): Module[] {
  const reader = new Reader({ module: name, text });
  if (root.hasError) throw reader.syntaxError(root);
  const modules = reader.parts(root).filter((part) => part.type === "module");
  if (modules.length === 0) throw new TlaError(`no module in the text of ${name}`, reader.place(root));
  return modules.map((node) => parseModule(reader, node));
}

interface Units {
  readonly extends: string[];
  readonly declarations: Declaration[];
  readonly definitions: Definition[];
  readonly assumptions: Assumption[];
  readonly inner: Module[];
}

function parseModule(reader: Reader, node: SyntaxNode): Module {
  const units: Units = { extends: [], declarations: [], definitions: [], assumptions: [], inner: [] };
  let name = "";
  for (const part of reader.parts(node)) {
    if (part.type === "identifier") name = reader.text(part);
    else parseUnit(reader, part, units);
  }
  return { name, at: reader.place(node), ...units };
}

function parseUnit(reader: Reader, node: SyntaxNode, units: Units): void {
  switch (node.type) {
    case "extends":
      units.extends.push(...reader.parts(node).map((part) => reader.text(part)));
      return;
    case "variable_declaration":
    case "constant_declaration": {
      const kind = node.type === "variable_declaration" ? "variable" : "constant";
      for (const part of reader.parts(node)) units.declarations.push({ kind, ...parseParameter(reader, part), at: reader.place(part) });
      return;
    }
    case "local_definition":
      pushDefinition(reader, reader.part(node, 0), true, units);
      return;
    case "operator_definition":
    case "function_definition":
    case "instance":
    case "module_definition":
      pushDefinition(reader, node, false, units);
      return;
    case "assumption": {
      const parts = reader.parts(node);
      const name = parts[0]!.type === "identifier" ? reader.text(parts[0]!) : null;
      units.assumptions.push({ name, body: parseExpression(reader, parts.at(-1)!), at: reader.place(node) });
      return;
    }
    case "module":
      units.inner.push(parseModule(reader, node));
      return;
    case "header_line":
    case "single_line":
    case "double_line":
    case "recursive_declaration":
    // Theorems and what serves proofs say nothing about values.
    case "theorem":
    case "use_or_hide":
      return;
    default:
      throw reader.fail(node, `${node.type} is not a unit of a module that is understood`);
  }
}

function pushDefinition(reader: Reader, node: SyntaxNode, local: boolean, units: Units): void {
  const definition = parseDefinition(reader, node, local);
  if (definition !== null) units.definitions.push(definition);
}
