/**
 * Errors that a user can meet. Each has a stable code, an exit status (row O3), says what is wrong, where, why, and
 * what to do next. Everything else that is thrown is our bug and keeps its stack.
 */

/** Exit statuses of every command (row O3). */
export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  noLeader: 4,
  outcomeUnknown: 5,
  conflict: 6,
  unreachable: 7,
  verificationFailed: 8,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** Every stable code, with its exit status and whether the same request may be sent again without harm. */
const codes = {
  FAILED: { exit: exitStatus.failed, retrySafe: false },
  NOT_IMPLEMENTED: { exit: exitStatus.failed, retrySafe: false },
  DISK_FAILED: { exit: exitStatus.failed, retrySafe: false },
  DISK_FULL: { exit: exitStatus.failed, retrySafe: false },
  DATABASE_DAMAGED: { exit: exitStatus.failed, retrySafe: false },
  DATABASE_BINARY_MISSING: { exit: exitStatus.failed, retrySafe: false },
  DATA_DIR_LOCKED: { exit: exitStatus.conflict, retrySafe: false },
  DATA_DIR_FOREIGN: { exit: exitStatus.conflict, retrySafe: false },
  PORT_IN_USE: { exit: exitStatus.conflict, retrySafe: false },
  DRIVER_UNAVAILABLE: { exit: exitStatus.failed, retrySafe: false },
  DRIVER_FAILED: { exit: exitStatus.failed, retrySafe: false },
  IMAGE_DAMAGED: { exit: exitStatus.failed, retrySafe: false },
  INVALID_ARGUMENT: { exit: exitStatus.usage, retrySafe: false },
  INVALID_CONFIG: { exit: exitStatus.usage, retrySafe: false },
  MESSAGE_TOO_LARGE: { exit: exitStatus.usage, retrySafe: false },
  NOT_FOUND: { exit: exitStatus.notFound, retrySafe: true },
  NO_LEADER: { exit: exitStatus.noLeader, retrySafe: true },
  NOT_LEADER: { exit: exitStatus.noLeader, retrySafe: true },
  NOT_INITIALIZED: { exit: exitStatus.noLeader, retrySafe: true },
  NO_QUORUM: { exit: exitStatus.outcomeUnknown, retrySafe: true },
  OUTCOME_UNKNOWN: { exit: exitStatus.outcomeUnknown, retrySafe: true },
  TIMEOUT: { exit: exitStatus.outcomeUnknown, retrySafe: true },
  OVERLOADED: { exit: exitStatus.failed, retrySafe: true },
  CONFLICT: { exit: exitStatus.conflict, retrySafe: false },
  ALREADY_EXISTS: { exit: exitStatus.conflict, retrySafe: false },
  NO_CAPACITY: { exit: exitStatus.conflict, retrySafe: false },
  WRONG_STATE: { exit: exitStatus.conflict, retrySafe: false },
  CHANGE_PENDING: { exit: exitStatus.conflict, retrySafe: true },
  SESSION_EXPIRED: { exit: exitStatus.conflict, retrySafe: false },
  REMOVED: { exit: exitStatus.conflict, retrySafe: false },
  COMPACTED: { exit: exitStatus.conflict, retrySafe: false },
  SLOW_READER: { exit: exitStatus.failed, retrySafe: true },
  WRONG_EPOCH: { exit: exitStatus.conflict, retrySafe: false },
  BACKUP_DAMAGED: { exit: exitStatus.failed, retrySafe: false },
  UNREACHABLE: { exit: exitStatus.unreachable, retrySafe: true },
  TRACE_INVALID: { exit: exitStatus.verificationFailed, retrySafe: false },
  TRACE_TORN_TAIL: { exit: exitStatus.verificationFailed, retrySafe: false },
  TRACE_EMPTY: { exit: exitStatus.verificationFailed, retrySafe: false },
  TRACE_GAP: { exit: exitStatus.verificationFailed, retrySafe: false },
  TRACE_REFUSED: { exit: exitStatus.verificationFailed, retrySafe: false },
  INVARIANT_VIOLATED: { exit: exitStatus.verificationFailed, retrySafe: false },
  UNDECIDED: { exit: exitStatus.verificationFailed, retrySafe: false },
  SPEC_INVALID: { exit: exitStatus.failed, retrySafe: false },
} as const satisfies Record<string, { exit: ExitStatus; retrySafe: boolean }>;

export type ErrorCode = keyof typeof codes;

/** Where an error belongs (row R9). All optional: say what is known. */
export interface ErrorPlace {
  readonly node?: string;
  readonly group?: string;
  /** Address of the leader, as far as the answering node knows. */
  readonly leader?: string;
  /** What the user can do next, as one sentence. */
  readonly next?: string;
}

/** An error for the user. `message` says what and why; `place.next` says what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message);
    this.code = code;
    this.place = place;
  }

  get exit(): ExitStatus {
    return codes[this.code].exit;
  }

  get retrySafe(): boolean {
    return codes[this.code].retrySafe;
  }
}

/** True when `text` is one of the stable codes; for errors that come over the wire. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(codes, text);
}
