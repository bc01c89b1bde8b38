import { compileExpression } from "./compile.ts";
import { TlaError } from "./fault.ts";
import { truth } from "./compile.ts";
import type { Code, Frame } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

type Case = Extract<Expression, { kind: "case" }>;

/**
 * Which arm of a CASE is the first that is true: its number, or -1 when none is. Arms that all compare one expression with a
 * text are not tried one by one.
 */
export function compileArms(node: Case, scope: Scope): (frame: Frame) => number {
  const tests = node.arms.map((arm) => compileExpression(arm.test, scope));
  const inTurn = (frame: Frame): number => {
    for (let i = 0; i < tests.length; i++) if (truth(tests[i]!(frame), node.arms[i]!.test.at)) return i;
    return -1;
  };
  const common = commonSubject(node);
  if (common === undefined) return inTurn;
  const { numbers } = common;
  const subject = compileExpression(common.subject, scope);
  return (frame) => {
    const value = subject(frame);
    return typeof value === "string" ? (numbers.get(value) ?? -1) : inTurn(frame);
  };
}

/** The code for the case that no arm is true. */
export function noArm(node: Case): Code {
  return () => {
    throw new TlaError("no arm of the CASE is true, and there is no OTHER", node.at);
  };
}

function commonSubject({ arms }: Case): { readonly subject: Expression; readonly numbers: ReadonlyMap<string, number> } | undefined {
  const numbers = new Map<string, number>();
  let subject: Expression | undefined;
  for (const [index, { test }] of arms.entries()) {
    if (test.kind !== "apply" || test.name !== "=" || test.path.length > 0) return undefined;
    const [left, right] = test.args;
    if (left === undefined || right?.kind !== "literal" || typeof right.value !== "string") return undefined;
    if (subject !== undefined && !sameField(left, subject)) return undefined;
    subject ??= left;
    if (!numbers.has(right.value)) numbers.set(right.value, index);
  }
  return subject === undefined || arms.length < 3 || !sameField(subject, subject) ? undefined : { subject, numbers };
}

/** Names, and fields of names: written alike they mean the same in all arms. */
function sameField(a: Expression, b: Expression): boolean {
  if (a.kind === "field" && b.kind === "field") return a.name === b.name && sameField(a.record, b.record);
  return a.kind === "apply" && b.kind === "apply" && a.name === b.name && a.path.length + b.path.length + a.args.length + b.args.length === 0;
}
