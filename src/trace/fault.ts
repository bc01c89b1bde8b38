import { UserError } from "../errors.ts";

/** What can be wrong with a trace as a file, before any specification is asked. */
export type TraceFaultCode = "TRACE_INVALID" | "TRACE_TORN_TAIL" | "TRACE_EMPTY" | "TRACE_GAP";

/** A trace that cannot be read as one: names the file and, when there is one, the line (from 1). */
export class TraceFault extends UserError {
  readonly file: string;
  /** 0 when the fault is of the file as a whole. */
  readonly line: number;
  readonly what: string;

  constructor(code: TraceFaultCode, file: string, line: number, what: string, next?: string) {
    super(code, `${line === 0 ? file : `${file}:${line}`}: ${what}`, next === undefined ? {} : { next });
    this.file = file;
    this.line = line;
    this.what = what;
  }
}
