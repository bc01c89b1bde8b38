import type { Clock } from "../../../src/cli/clock.ts";

/** Time that passes only while somebody sleeps. */
export class FakeClock implements Clock {
  timeMs = 0;
  readonly sleeps: number[] = [];

  now(): number {
    return this.timeMs;
  }

  async sleep(durationMs: number): Promise<void> {
    this.sleeps.push(durationMs);
    this.timeMs += durationMs;
  }
}
