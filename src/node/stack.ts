import { UserError } from "../errors.ts";

/** What a log says of an error: the message of one that a user can meet, the stack of a bug. */
export function stackOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
