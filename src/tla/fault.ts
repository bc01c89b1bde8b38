/** A stretch of a module's text: where an expression stands, and the text itself for messages. */
export interface Place {
  readonly source: Source;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** The text of one module. */
export interface Source {
  readonly module: string;
  readonly text: string;
}

/** The text that stands at `place`, with runs of white space folded, for one line of a message. */
export function textAt(place: Place): string {
  return place.source.text.slice(place.start, place.end).replace(/\s+/g, " ").trim();
}

/** A mistake in a specification, or an evaluation that TLA+ leaves without a value, and where it stands. */
export class TlaError extends Error {
  override readonly name = "TlaError";
  readonly module: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong, without the place. */
  readonly what: string;

  constructor(what: string, place: Place | undefined) {
    super(place === undefined ? what : `${place.source.module}:${place.line}:${place.column}: ${what}`);
    this.what = what;
    this.module = place?.source.module ?? "";
    this.line = place?.line ?? 0;
    this.column = place?.column ?? 0;
  }
}

/** What is wrong, said by code that does not know the place; the expression around it adds the place. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** `error` with `place`, if it is a fault of the specification that has no place yet. */
export function located(error: unknown, place: Place): unknown {
  if (error instanceof Fault) return new TlaError(error.message, place);
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return new TlaError("the evaluation is nested too deeply (an unbounded recursion?)", place);
  }
  return error;
}
