/**
 * One request, sent again until it is answered or the time is up (rows P6, R4). What may be sent again depends on what
 * the request is, and the last word to the user on whether any attempt may have reached the log.
 */

import { type ErrorCode, UserError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { userErrorOf } from "./failure.ts";

/**
 * read: changes nothing. write: carries a request id, so that it is applied once however often it is sent. once: has no
 * id; sent again only when it surely did nothing.
 */
export type RequestKind = "read" | "write" | "once";

export interface RetryOptions {
  readonly kind: RequestKind;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told once for each new reason why it has to wait. */
  readonly onWait?: (error: UserError) => void;
}

/** Nothing was done, and waiting may help. */
const notDone: ReadonlySet<ErrorCode> = new Set(["NO_LEADER", "NOT_LEADER", "OVERLOADED", "CHANGE_PENDING"]);
/** It may have been done. */
const unknown: ReadonlySet<ErrorCode> = new Set(["OUTCOME_UNKNOWN", "NO_QUORUM", "TIMEOUT"]);

const firstBackoffMs = 50;
const longestBackoffMs = 1000;

/** Calls `attempt` with the milliseconds left. Throws the `UserError` that tells the truth about the whole request. */
export async function withRetries<T>(attempt: (timeoutMs: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { kind, timeoutMs, clock, onWait = () => {} } = options;
  const endMs = clock.now() + timeoutMs;
  let mayBeDone = false;
  let lastCode: ErrorCode | null = null;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt(Math.max(1, endMs - clock.now()));
    } catch (thrown) {
      const error = userErrorOf(thrown);
      if (error === null) throw thrown;
      mayBeDone ||= kind === "write" && unknown.has(error.code);
      const backoffMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(tries, 10));
      const timeIsUp = clock.now() + backoffMs >= endMs;
      if (timeIsUp || !mayRepeat(kind, error, tries)) throw verdict(error, mayBeDone, timeIsUp, timeoutMs);
      if (error.code !== lastCode) onWait(error);
      lastCode = error.code;
      await clock.sleep(backoffMs);
    }
  }
}

function mayRepeat(kind: RequestKind, error: UserError, tries: number): boolean {
  if (notDone.has(error.code)) return true;
  if (kind === "once") return false;
  if (unknown.has(error.code)) return true;
  // Nobody listens: told at once. A daemon that answered before and is gone now may come back.
  return error.code === "UNREACHABLE" && tries > 0;
}

function verdict(error: UserError, mayBeDone: boolean, timeIsUp: boolean, timeoutMs: number): UserError {
  const open = mayBeDone && (timeIsUp || error.code === "SESSION_EXPIRED");
  if (!open) return error;
  if (error.code === "NO_QUORUM") return error;
  const message = `outcome unknown: no answer within ${formatDuration(timeoutMs)}; the change may or may not have been made (${error.message})`;
  return new UserError("OUTCOME_UNKNOWN", message, {
    ...error.place,
    next: "Look at the present state before you decide whether to give the command again.",
  });
}
