/** Moments between two steps of a node at which it may die: each stands for an await or a system call of the daemon. */

export const crashPoints = [
  /** Steps were taken; neither line, nor message, nor write has left. */
  "stepped",
  /** The lines are in the trace; no message has left. */
  "flushed",
  /** The first of several messages has left. */
  "sent",
  /** The write is durable; the core does not know yet. */
  "written",
  /** A snapshot was received and lies aside; it is not installed. */
  "staged",
  /** A line that tells of a deed is written; the deed is not done. */
  "told",
  /** The state was read from the disk; nobody was told that the node is there. */
  "restored",
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Unwinds the stack of a process that has died. */
export class Died extends Error {
  override readonly name = "Died";
}
