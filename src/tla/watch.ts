import { resolve } from "./compile-apply.ts";
import { compileExpression } from "./compile.ts";
import { Fault, textAt, TlaError, type Place } from "./fault.ts";
import type { Code, Frame } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";
import { visitParts } from "./walk.ts";

/** A conjunct that was false, and what stood around it. */
export interface Failure {
  /** The operators around it, outermost first. */
  readonly path: readonly string[];
  /** The conjunct as written. */
  readonly conjunct: string;
  readonly module: string;
  readonly line: number;
  readonly column: number;
  /** How many conjuncts before it were true. */
  readonly progress: number;
  /** Parts of the conjunct and their values; an error message where a part has none. */
  readonly values: readonly { readonly expression: string; readonly value: Value | undefined; readonly error?: string }[];
}

/** What to evaluate when a conjunct fails. */
export interface Probe {
  readonly at: Place;
  readonly parts: readonly Part[];
}

interface Part {
  readonly text: string;
  readonly code: Code;
}

const mostFailures = 64;
const mostParts = 12;

/** Follows a search and keeps the failures that came furthest. */
export class Watch {
  private readonly failures: Failure[] = [];
  private path: readonly string[] = [];
  private progress = 0;
  /** How many branches failed, kept or not. */
  tried = 0;

  probe(node: Expression, scope: Scope): Probe {
    const { at } = node;
    if (node.kind === "unchanged") {
      const now = { text: textAt(node.body.at), code: compileExpression(node.body, scope) };
      const next = { text: `${textAt(node.body.at)}'`, code: compileExpression({ kind: "prime", body: node.body, at }, scope) };
      return { at, parts: [now, next] };
    }
    return { at, parts: [...tellingParts(node, scope), ...partsOfDefinition(node, scope)] };
  }

  failed(probe: Probe, frame: Frame): boolean {
    this.tried += 1;
    const last = this.failures.at(-1);
    if (this.failures.length >= mostFailures && last !== undefined && last.progress >= this.progress) return false;
    const { at } = probe;
    const values = probe.parts.map(({ text, code }) => evaluatePart(text, code, frame));
    this.failures.push({ path: this.path, conjunct: textAt(at), module: at.source.module, line: at.line, column: at.column, progress: this.progress, values });
    this.failures.sort((a, b) => b.progress - a.progress);
    if (this.failures.length > mostFailures) this.failures.pop();
    return false;
  }

  passed(): void {
    this.progress += 1;
  }

  left(): void {
    this.progress -= 1;
  }

  /** Runs the body of an operator. */
  within(name: string, run: () => boolean): boolean {
    const before = this.path;
    this.path = [...before, name];
    const stop = run();
    this.path = before;
    return stop;
  }

  /** Runs what follows after the body of an operator. */
  outside(run: () => boolean): boolean {
    const before = this.path;
    this.path = before.slice(0, -1);
    const stop = run();
    this.path = before;
    return stop;
  }

  /** The failures, the deepest first. */
  report(): readonly Failure[] {
    return this.failures;
  }
}

/** The parts of `node` that have a value of their own, each once. */
function tellingParts(node: Expression, scope: Scope): Part[] {
  const texts = new Set<string>([textAt(node.at)]);
  const parts: Part[] = [];
  const collect = (part: Expression, bound: readonly string[]): void => {
    // What a quantifier inside binds has no value out here.
    if (bound.length > 0) return;
    const text = textAt(part.at);
    if (isTelling(part) && !texts.has(text) && parts.length < mostParts) {
      texts.add(text);
      const code = tryCompile(part, scope);
      if (code !== undefined) parts.push({ text, code });
    }
    visitParts(part, collect);
  };
  visitParts(node, collect);
  return parts;
}

/** Where the conjunct is nothing but the name of a definition, what that definition says: there lies the reason. */
function partsOfDefinition(node: Expression, scope: Scope): Part[] {
  if (node.kind !== "apply" || (node.path.length === 0 && scope.lookup(node.name) === undefined)) return [];
  const binding = resolve(node, scope);
  if (binding.kind !== "operator") return [];
  const { definition, home } = binding.operator;
  const { parameters, body, name } = definition;
  if (parameters.length !== node.args.length || parameters.some(({ arity }) => arity > 0)) return [];
  const inner = home.within(scope.layout).inside();
  parameters.forEach((parameter, index) => inner.names.set(parameter.name, { kind: "alias", expression: node.args[index]!, scope }));
  // The arguments stand among the parts of the call.
  const own = new Set(parameters.map((parameter) => parameter.name));
  return tellingParts(body, inner).flatMap(({ text, code }) => (own.has(text) ? [] : [{ text: `${name}: ${text}`, code }]));
}

function isTelling(node: Expression): boolean {
  return node.kind === "apply" || node.kind === "call" || node.kind === "field" || node.kind === "prime";
}

function tryCompile(node: Expression, scope: Scope): Code | undefined {
  try {
    return compileExpression(node, scope);
  } catch (error) {
    // Names of operators stand among the parts, and are no values.
    if (error instanceof TlaError) return undefined;
    throw error;
  }
}

function evaluatePart(expression: string, code: Code, frame: Frame): Failure["values"][number] {
  try {
    return { expression, value: code(frame) };
  } catch (error) {
    if (error instanceof TlaError || error instanceof Fault) return { expression, value: undefined, error: error instanceof TlaError ? error.what : error.message };
    throw error;
  }
}
