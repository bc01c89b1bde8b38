/** Time as the commands are told it, so that their tests wait for nothing. */

export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  sleep(durationMs: number): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
};
