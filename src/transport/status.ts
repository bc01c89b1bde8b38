/** Errors across the wire: a `UserError` travels as a gRPC status with its details in `blixard-error-bin`. */

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorCode, type ErrorPlace, UserError, isErrorCode } from "../errors.ts";
import type { ErrorDetail } from "./messages.generated.ts";
import type { Init } from "./wire.ts";

/** Trailing metadata that holds the JSON of an error. */
const errorKey = "blixard-error-bin";

/**
 * What each code is called in gRPC, for clients that know gRPC only. DEADLINE_EXCEEDED is its word for "may have
 * happened"; UNAVAILABLE says that trying again does no harm, so no code that leaves the outcome open maps to it.
 */
const statusOf: Readonly<Record<ErrorCode, status>> = {
  FAILED: status.UNKNOWN,
  NOT_IMPLEMENTED: status.UNIMPLEMENTED,
  DISK_FAILED: status.INTERNAL,
  DISK_FULL: status.RESOURCE_EXHAUSTED,
  DATABASE_DAMAGED: status.DATA_LOSS,
  DATABASE_BINARY_MISSING: status.INTERNAL,
  DATA_DIR_LOCKED: status.FAILED_PRECONDITION,
  DATA_DIR_FOREIGN: status.FAILED_PRECONDITION,
  PORT_IN_USE: status.FAILED_PRECONDITION,
  DRIVER_UNAVAILABLE: status.FAILED_PRECONDITION,
  DRIVER_FAILED: status.UNKNOWN,
  IMAGE_DAMAGED: status.DATA_LOSS,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  INVALID_CONFIG: status.INVALID_ARGUMENT,
  MESSAGE_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  NOT_FOUND: status.NOT_FOUND,
  NO_LEADER: status.UNAVAILABLE,
  NOT_LEADER: status.UNAVAILABLE,
  NOT_INITIALIZED: status.FAILED_PRECONDITION,
  NO_QUORUM: status.DEADLINE_EXCEEDED,
  OUTCOME_UNKNOWN: status.DEADLINE_EXCEEDED,
  TIMEOUT: status.DEADLINE_EXCEEDED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  CONFLICT: status.ABORTED,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  NO_CAPACITY: status.RESOURCE_EXHAUSTED,
  WRONG_STATE: status.FAILED_PRECONDITION,
  CHANGE_PENDING: status.ABORTED,
  SESSION_EXPIRED: status.FAILED_PRECONDITION,
  REMOVED: status.FAILED_PRECONDITION,
  COMPACTED: status.OUT_OF_RANGE,
  SLOW_READER: status.RESOURCE_EXHAUSTED,
  WRONG_EPOCH: status.FAILED_PRECONDITION,
  BACKUP_DAMAGED: status.DATA_LOSS,
  UNREACHABLE: status.UNAVAILABLE,
  TRACE_INVALID: status.DATA_LOSS,
  TRACE_TORN_TAIL: status.DATA_LOSS,
  TRACE_EMPTY: status.DATA_LOSS,
  TRACE_GAP: status.DATA_LOSS,
  TRACE_REFUSED: status.DATA_LOSS,
  INVARIANT_VIOLATED: status.DATA_LOSS,
  UNDECIDED: status.UNKNOWN,
  SPEC_INVALID: status.INVALID_ARGUMENT,
};

/** An error as a message: what is not known is left out. */
export function toDetail(error: UserError): Init<ErrorDetail> {
  return { code: error.code, message: error.message, ...error.place };
}

/** The error of a message. A code that this version does not know reads as FAILED. */
export function fromDetail(detail: Init<ErrorDetail>): UserError {
  const { code = "", message = "", node, group, leader, next } = detail;
  const place: ErrorPlace = {
    ...(node ? { node } : {}),
    ...(group ? { group } : {}),
    ...(leader ? { leader } : {}),
    ...(next ? { next } : {}),
  };
  return isErrorCode(code) ? new UserError(code, message, place) : new UserError("FAILED", message || code, place);
}

/** Statuses travel in headers, which have a limit; no message that a person reads is as long. */
const longestText = 2000;

/** The status that a call ends with. */
export function toStatus(error: UserError): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  const message = error.message.slice(0, longestText);
  metadata.set(errorKey, Buffer.from(JSON.stringify({ ...toDetail(error), message })));
  return { code: statusOf[error.code], details: message, metadata };
}

/** The error that a daemon sent with the status, or undefined when the status is gRPC's own. */
export function fromStatus(error: ServiceError): UserError | undefined {
  const [bytes] = error.metadata?.get(errorKey) ?? [];
  if (!Buffer.isBuffer(bytes)) return undefined;
  const detail = parseObject(bytes.toString());
  if (detail === undefined) return undefined;
  const text = (field: string): string => (typeof detail[field] === "string" ? detail[field] : "");
  return fromDetail({
    code: text("code"),
    message: text("message"),
    node: text("node"),
    group: text("group"),
    leader: text("leader"),
    next: text("next"),
  });
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
