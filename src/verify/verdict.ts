/** What the judge finds, as data. `report.ts` has the words for people. */

import type { ErrorCode } from "../errors.ts";
import type { TraceLine } from "../trace/event.ts";

export type Verdict = AcceptedVerdict | RejectedVerdict | UndecidedVerdict;

/** Every line is a step that the specification allows, and every law held in every state. */
export interface AcceptedVerdict extends Examined {
  readonly kind: "accepted";
}

/** The first line that does not fit. */
export interface RejectedVerdict extends Examined, Finding {
  readonly kind: "rejected";
  readonly code: RejectionCode;
}

/** More explanations of the trace remain possible than the judge follows. */
export interface UndecidedVerdict extends Examined, Finding {
  readonly kind: "undecided";
}

export type RejectionCode = Extract<
  ErrorCode,
  "TRACE_REFUSED" | "INVARIANT_VIOLATED" | "TRACE_GAP" | "TRACE_INVALID" | "TRACE_TORN_TAIL" | "TRACE_EMPTY"
>;

/** How much was looked at until the verdict. */
export interface Examined {
  /** Runs of clusters among the paths; each is judged by itself. */
  readonly runs: number;
  /** Lines read, headers included. */
  readonly lines: number;
  /** Lines that were steps, and were held against the specification. */
  readonly steps: number;
  readonly nodes: readonly NodeCount[];
  /** Steps of each group. */
  readonly groups: Readonly<Record<string, number>>;
  /** Steps of each kind. */
  readonly events: Readonly<Record<string, number>>;
  /** Names of the invariants and of the properties of steps that were held against every state and step. */
  readonly invariants: readonly string[];
  readonly properties: readonly string[];
  /** How often one of them was evaluated: not again where nothing that it reads had changed. */
  readonly evaluations: number;
  /** The largest number of explanations that were possible at one time; 1 when nothing was in doubt. */
  readonly widest: number;
  readonly warnings: readonly string[];
  readonly seconds: number;
}

export interface NodeCount {
  readonly node: string;
  readonly name: string;
  readonly lines: number;
}

/** Where the judge stopped, and why. What is about a line is absent when the fault is of a file. */
export interface Finding {
  readonly file: string;
  /** Counted from 1; 0 when the fault is of the file as a whole. */
  readonly line: number;
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What the reader can do next. */
  readonly next?: string;
  readonly event?: TraceLine;
  /** The invariant or property that is broken. */
  readonly law?: string;
  /** The conjuncts that were false; those that came furthest first. */
  readonly differences: readonly Difference[];
  /** The state of the group before the line: variables as TLA+ prints them. */
  readonly stateBefore: readonly VariableText[];
  /** Variables that the step changed, as they were to become; of a broken law only. */
  readonly stateAfter: readonly VariableText[];
  /** The lines before it, of all nodes and groups, oldest first. */
  readonly context: readonly ContextLine[];
  /** Some lines behind it. */
  readonly after: readonly ContextLine[];
  /** When it was asked for: what nodes knew before each of the last lines, oldest first. */
  readonly states: readonly StateBefore[];
}

/** The state of a line's node before it. */
export interface StateBefore {
  readonly file: string;
  readonly line: number;
  readonly state: readonly VariableText[];
}

/** A conjunct of the specification that is false of the line. */
export interface Difference {
  /** `module:line` */
  readonly at: string;
  readonly conjunct: string;
  /** The definitions around it, outermost first. */
  readonly within: readonly string[];
  /** What its parts were. */
  readonly values: readonly { readonly expression: string; readonly value: string }[];
}

export interface VariableText {
  readonly name: string;
  readonly value: string;
  /** Of a variable that has a value for each node: its value at the node of the line. */
  readonly atNode?: string;
}

export interface ContextLine {
  readonly file: string;
  readonly line: number;
  readonly event: TraceLine;
}
