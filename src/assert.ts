/**
 * A law of the program that must hold. A broken law is our bug: the node stops instead of going on with a state
 * that nobody has reasoned about.
 */
export class BrokenLaw extends Error {
  override readonly name = "BrokenLaw";
}

/** Throws `BrokenLaw` with `law` when `condition` is false. `law` states what should have been true. */
export function assert(condition: boolean, law: string): asserts condition {
  if (!condition) throw new BrokenLaw(law);
}

/** Ends an exhaustive `switch`: the compiler proves that no case is left; at run time it stops the node. */
export function unreachable(value: never): never {
  throw new BrokenLaw(`no case for ${JSON.stringify(value)}`);
}

/** The value, which must be there. */
export function present<T>(value: T | undefined | null, law: string): T {
  assert(value !== undefined && value !== null, law);
  return value;
}
