/** How long the last writes took. */

const kept = 1000;

export class Latency {
  private readonly times = new Float64Array(kept);
  private count = 0;

  add(milliseconds: number): void {
    this.times[this.count % kept] = milliseconds;
    this.count += 1;
  }

  get writes(): number {
    return this.count;
  }

  /** Quantiles of the last 1,000 writes, in the order asked; 0 when there was none. */
  quantiles(...quantiles: readonly number[]): readonly number[] {
    const sorted = this.times.slice(0, Math.min(this.count, kept)).sort();
    return quantiles.map((quantile) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0);
  }
}
