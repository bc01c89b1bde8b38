import { located, TlaError, type Place } from "./fault.ts";
import { compileApply } from "./compile-apply.ts";
import { compileChoose, compileFilter, compileFunction, compileMap, compileQuantifier } from "./compile-binders.ts";
import { compileCase, compileIf, compileJunction, compileLet } from "./compile-control.ts";
import { compileEnabled, compilePrime, compileStep, compileUnchanged } from "./compile-next.ts";
import { compileCall, compileExcept, compileField, compileFunctionSet, compileProduct, compileRecord, compileRecordSet, compileSet, compileTuple } from "./compile-structures.ts";
import { refuse, type Code, type Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import { FunctionValue, SetValue, type Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

/** The code of `node` in `scope`. Names are resolved now; a mistake of the text is thrown now, with its place. */
export function compileExpression(node: Expression, scope: Scope): Code {
  switch (node.kind) {
    case "literal": {
      const { value } = node;
      return () => value;
    }
    case "apply":
      return compileApply(node, scope);
    case "junction":
      return compileJunction(node, scope);
    case "if":
      return compileIf(node, scope);
    case "case":
      return compileCase(node, scope);
    case "let":
      return compileLet(node, scope);
    case "quantifier":
      return compileQuantifier(node, scope);
    case "choose":
      return compileChoose(node, scope);
    case "filter":
      return compileFilter(node, scope);
    case "map":
      return compileMap(node, scope);
    case "function":
      return compileFunction(node, scope);
    default:
      return compileStructure(node, scope);
  }
}

function compileStructure(node: Expression, scope: Scope): Code {
  switch (node.kind) {
    case "set":
      return compileSet(node, scope);
    case "tuple":
      return compileTuple(node, scope);
    case "product":
      return compileProduct(node, scope);
    case "record":
      return compileRecord(node, scope);
    case "recordSet":
      return compileRecordSet(node, scope);
    case "functionSet":
      return compileFunctionSet(node, scope);
    case "call":
      return compileCall(node, scope);
    case "field":
      return compileField(node, scope);
    case "except":
      return compileExcept(node, scope);
    case "prime":
      return compilePrime(node, scope);
    case "unchanged":
      return compileUnchanged(node, scope);
    case "enabled":
      return compileEnabled(node, scope);
    case "step":
      return compileStep(node, scope);
    default:
      return compileRefused(node, scope);
  }
}

function compileRefused(node: Expression, scope: Scope): Code {
  switch (node.kind) {
    case "temporal":
      return refuse(scope, node.at, `the temporal formula with ${node.operator}`);
    case "fairness":
      return refuse(scope, node.at, "the fairness condition");
    case "unbounded":
      return refuse(scope, node.at, `the quantifier ${node.quantifier} without a set`);
    case "unsupported":
      return refuse(scope, node.at, node.what);
    case "lambda":
      throw new TlaError("LAMBDA stands where a value is wanted", node.at);
    default:
      throw new TlaError(`${node.kind} has no value`, node.at);
  }
}

/** `value` as a truth value. */
export function truth(value: Value, at: Place): boolean {
  if (typeof value === "boolean") return value;
  throw new TlaError(`TRUE or FALSE expected, but the value is ${printShort(value)}`, at);
}

export function asSet(value: Value, at: Place): SetValue {
  if (value instanceof SetValue) return value;
  throw new TlaError(`a set expected, but the value is ${printShort(value)}`, at);
}

export function asFunction(value: Value, at: Place): FunctionValue {
  if (value instanceof FunctionValue) return value;
  throw new TlaError(`a function expected, but the value is ${printShort(value)}`, at);
}

/** Runs `code` and gives the faults that it throws the place `at`. */
export function placed<T>(at: Place, code: () => T): T {
  try {
    return code();
  } catch (error) {
    throw located(error, at);
  }
}
