/** Waits for a state by looking again and again, with an end. */

import { UserError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { userErrorOf } from "./failure.ts";

/** What a look found: the end, or where it stands, in words for the user. */
export type Look<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly state: string };

export interface PollOptions {
  /** "VM web to run". */
  readonly goal: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told each new state. */
  readonly onState: (state: string) => void;
  /** What the user can do when time is up. */
  readonly next?: string;
}

const firstPauseMs = 50;
const longestPauseMs = 500;
/** A look at the very end still gets this long, or it would only say that nobody answered. */
const leastLookMs = 250;

/** Errors of a look after which looking again may help. */
const passing = new Set(["NO_LEADER", "NOT_LEADER", "NO_QUORUM", "TIMEOUT", "UNREACHABLE", "OVERLOADED", "NOT_INITIALIZED", "OUTCOME_UNKNOWN"]);

/** Looks until it is done. `UserError TIMEOUT` tells the last known state. `look` gets the milliseconds left. */
export async function pollUntil<T>(look: (timeoutMs: number) => Promise<Look<T>>, options: PollOptions): Promise<T> {
  const { goal, timeoutMs, clock, onState, next } = options;
  const endMs = clock.now() + timeoutMs;
  let state = "";
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const seen = await attempt(look, Math.max(leastLookMs, endMs - clock.now()));
    if (seen.done) return seen.value;
    if (seen.state !== state) onState(seen.state);
    state = seen.state;
    const leftMs = endMs - clock.now();
    if (leftMs <= 0) {
      const message = `waited ${formatDuration(timeoutMs)} for ${goal}; the last known state: ${state}`;
      throw new UserError("TIMEOUT", message, { next: next ?? "Give it longer with --timeout, or look at `blixard cluster status`." });
    }
    // The last look is at the end of the time.
    await clock.sleep(Math.min(pauseMs, leftMs));
  }
}

async function attempt<T>(look: (timeoutMs: number) => Promise<Look<T>>, timeoutMs: number): Promise<Look<T>> {
  try {
    return await look(timeoutMs);
  } catch (thrown) {
    const error = userErrorOf(thrown);
    if (error === null || !passing.has(error.code)) throw thrown;
    return { done: false, state: error.message };
  }
}
