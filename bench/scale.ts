/** Axes of charts: where a value lies between 0 and 1, and which values are written beside the axis. */

export type ScaleKind = "linear" | "log";

export interface Scale {
  /** 0 at the lower end, 1 at the upper. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

const mostTicks = 8;

/**
 * A scale that holds all `values`: a linear one begins at 0, a logarithmic one ends at steps of 1, 2, 5. `ticks`: in place of
 * its own. Throws for a value that is no number, below 0, or, on a logarithmic scale, 0.
 */
export function scaleOf(kind: ScaleKind, values: readonly number[], ticks?: readonly number[]): Scale {
  if (values.length === 0) throw new RangeError("a scale needs a value");
  for (const value of values) {
    if (!Number.isFinite(value) || value < 0 || (kind === "log" && value === 0)) throw new RangeError(`${value} has no place on a ${kind} scale`);
  }
  return kind === "log" ? logScale(values, ticks) : linearScale(Math.max(...values), ticks);
}

function linearScale(highest: number, own?: readonly number[]): Scale {
  const step = stepAbove(highest / (mostTicks - 1));
  const end = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
  const count = Math.round(end / step);
  const ticks = own ?? Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
  return { at: (value) => value / end, ticks };
}

function logScale(values: readonly number[], own?: readonly number[]): Scale {
  const [low, high] = [stepBelow(Math.min(...values)), stepAbove(Math.max(...values))];
  const [from, to] = [Math.log(low), Math.log(high === low ? low * 2 : high)];
  return { at: (value) => (Math.log(value) - from) / (to - from), ticks: own ?? logTicks(Math.exp(from), Math.exp(to)) };
}

/** Steps of 1, 2, 5; where that is too many, of 10, of 100. */
function logTicks(low: number, high: number): readonly number[] {
  for (const steps of [[1, 2, 5], [1]]) {
    const ticks: number[] = [];
    for (let decade = Math.floor(Math.log10(low) + 1e-9); decade <= Math.log10(high) + 1e-9; decade += 1) {
      for (const step of steps) ticks.push(Number(`${step}e${decade}`));
    }
    const inside = ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
    if (inside.length <= mostTicks || steps.length === 1) return inside;
  }
  return [];
}

/** The least of 1, 2, 5 times a power of ten that is not below `value`. */
function stepAbove(value: number): number {
  if (value <= 0) return 1;
  const decade = Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => Number((step * 10 ** decade).toPrecision(12)));
  return steps.find((step) => step >= value * (1 - 1e-9)) as number;
}

function stepBelow(value: number): number {
  const decade = Math.floor(Math.log10(value));
  const steps = [5, 2, 1, 0.5].map((step) => Number((step * 10 ** decade).toPrecision(12)));
  return steps.find((step) => step <= value * (1 + 1e-9)) as number;
}
