import type { Value } from "./value-kinds.ts";

/**
 * Where evaluation finds the variables. `now` and `next` are indexed by variable; an entry of `next` is undefined as long
 * as the action has not given that variable a value, and becomes undefined again when the search takes that step back.
 */
export class Registers {
  now: (Value | undefined)[] = [];
  next: (Value | undefined)[] = [];
  /** False while `now` may change under our hands: under a prime, and while initial states are being found. */
  stable = true;
  /** True under a prime, where names of variables mean their next values. */
  primed = false;
  /** True where `now` is another state than the one an action began in: nothing kept from there may be used. */
  elsewhere = false;
  /** How often any variable was read: an evaluation that did not move it depends on no variable. */
  reads = 0;
  /** How often something was read that may be another value later in the same evaluation: then nothing may be kept. */
  unstableReads = 0;
}

/** The values of names bound inside an operator, by slot. Slot 0 is the frame of the operator around it. */
export type Frame = unknown[];

/** `size` places, which the engine keeps together because it knows their number from the start. */
export function cells<T>(size: number): T[] {
  // oxlint-disable-next-line unicorn/no-new-array
  return new Array<T>(size);
}

/** A frame with `size` slots. */
export function newFrame(size: number): Frame {
  return cells<unknown>(size);
}

/** A compiled expression. */
export type Code = (frame: Frame) => Value;

/** An operator handed to another operator. */
export type Callable = (...args: Value[]) => Value;

/** An argument that is evaluated when it is first wanted, as TLA+'s operators are defined by substitution. */
export class Thunk {
  private readonly code: Code;
  private readonly frame: Frame;
  private value: Value | undefined;

  constructor(code: Code, frame: Frame) {
    this.code = code;
    this.frame = frame;
  }

  force(registers: Registers): Value {
    if (registers.elsewhere) return this.code(this.frame);
    if (this.value !== undefined) return this.value;
    const before = registers.unstableReads;
    const value = this.code(this.frame);
    if (registers.unstableReads === before) this.value = value;
    return value;
  }
}

/** How many slots the frames of one operator have, and the operator around it. */
export class FrameLayout {
  readonly parent: FrameLayout | null;
  size = 1;

  constructor(parent: FrameLayout | null) {
    this.parent = parent;
  }

  allot(): number {
    return this.size++;
  }
}
