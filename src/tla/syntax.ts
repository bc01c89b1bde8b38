import type { Place } from "./fault.ts";

/** The part of a concrete syntax tree's node that the reader of modules uses; a node of web-tree-sitter satisfies it. */
export interface SyntaxNode {
  readonly type: string;
  readonly isNamed: boolean;
  readonly isError: boolean;
  readonly isMissing: boolean;
  readonly hasError: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly startPosition: { readonly row: number; readonly column: number };
  readonly children: readonly (SyntaxNode | null)[];
}

/** Parses the text of a module with the community's grammar; the caller loads the grammar. */
export type SyntaxParser = (text: string) => SyntaxNode;

/** Names bound to the elements of a set: `x \in S`, or with `tuple` `<<x, y>> \in S`. */
export interface Bound {
  readonly names: readonly string[];
  readonly tuple: boolean;
  readonly set: Expression;
}

/** A parameter or a declared constant; `arity` above 0 says that it is an operator. */
export interface Parameter {
  readonly name: string;
  readonly arity: number;
}

/** One step of a path through instances: `M(a)!`. */
export interface InstanceStep {
  readonly name: string;
  readonly args: readonly Expression[];
}

export interface ExceptUpdate {
  /** A field is an index with a string. */
  readonly path: readonly Expression[];
  readonly value: Expression;
}

export interface NamedExpression {
  readonly name: string;
  readonly value: Expression;
}

interface Placed {
  readonly at: Place;
}

/** An expression. `apply` is every use of a name or operator symbol, with its arguments, infix or not. */
export type Expression = Placed &
  (
    | { readonly kind: "literal"; readonly value: number | string | boolean }
    | { readonly kind: "apply"; readonly path: readonly InstanceStep[]; readonly name: string; readonly args: readonly Expression[] }
    | { readonly kind: "junction"; readonly and: boolean; readonly items: readonly Expression[] }
    | { readonly kind: "prime"; readonly body: Expression }
    | { readonly kind: "unchanged"; readonly body: Expression }
    | { readonly kind: "enabled"; readonly body: Expression }
    | { readonly kind: "temporal"; readonly operator: string; readonly args: readonly Expression[] }
    | { readonly kind: "quantifier"; readonly every: boolean; readonly bounds: readonly Bound[]; readonly body: Expression }
    | { readonly kind: "unbounded"; readonly quantifier: string; readonly names: readonly string[]; readonly body: Expression }
    | { readonly kind: "choose"; readonly bound: Bound | null; readonly names: readonly string[]; readonly body: Expression }
    | { readonly kind: "set"; readonly items: readonly Expression[] }
    | { readonly kind: "filter"; readonly bound: Bound; readonly body: Expression }
    | { readonly kind: "map"; readonly bounds: readonly Bound[]; readonly body: Expression }
    | { readonly kind: "call"; readonly fn: Expression; readonly args: readonly Expression[] }
    | { readonly kind: "function"; readonly bounds: readonly Bound[]; readonly body: Expression; readonly self: string | null }
    | { readonly kind: "functionSet"; readonly domain: Expression; readonly range: Expression }
    | { readonly kind: "record"; readonly fields: readonly NamedExpression[] }
    | { readonly kind: "recordSet"; readonly fields: readonly NamedExpression[] }
    | { readonly kind: "field"; readonly record: Expression; readonly name: string }
    | { readonly kind: "except"; readonly fn: Expression; readonly updates: readonly ExceptUpdate[] }
    | { readonly kind: "tuple"; readonly items: readonly Expression[] }
    | { readonly kind: "product"; readonly items: readonly Expression[] }
    | { readonly kind: "step"; readonly stutter: boolean; readonly action: Expression; readonly subscript: Expression }
    | { readonly kind: "fairness"; readonly strong: boolean; readonly subscript: Expression; readonly action: Expression }
    | { readonly kind: "if"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
    | { readonly kind: "case"; readonly arms: readonly { readonly test: Expression; readonly value: Expression }[]; readonly other: Expression | null }
    | { readonly kind: "let"; readonly definitions: readonly Definition[]; readonly body: Expression }
    | { readonly kind: "lambda"; readonly parameters: readonly Parameter[]; readonly body: Expression }
    | { readonly kind: "unsupported"; readonly what: string }
  );

/** What stands behind a name: an operator's body, or an instance of a module. */
export type Definition = OperatorDefinition | InstanceDefinition;

export interface OperatorDefinition extends Placed {
  readonly kind: "operator";
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
  readonly local: boolean;
}

export interface InstanceDefinition extends Placed {
  readonly kind: "instance";
  /** Null for `INSTANCE M` without a name, which brings the definitions in as they are. */
  readonly name: string | null;
  readonly parameters: readonly Parameter[];
  readonly module: string;
  readonly substitutions: readonly NamedExpression[];
  readonly local: boolean;
}

/** A declared name. */
export interface Declaration extends Placed {
  readonly kind: "constant" | "variable";
  readonly name: string;
  readonly arity: number;
}

export interface Assumption extends Placed {
  readonly name: string | null;
  readonly body: Expression;
}

/** One module as written. */
export interface Module {
  readonly name: string;
  readonly at: Place;
  readonly extends: readonly string[];
  readonly declarations: readonly Declaration[];
  readonly definitions: readonly Definition[];
  readonly assumptions: readonly Assumption[];
  /** Modules written inside this one. */
  readonly inner: readonly Module[];
}
