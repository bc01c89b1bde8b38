/** What the machine tells of a row that it changed. */

/**
 * One changed row of the replicated state. `value` is JSON text; `null` deletes. It may be made when it is asked for, and then
 * tells of the row as it is by that time: a row that changes at every entry is written to disk once in a while only.
 */
export interface RowChange {
  readonly table: string;
  readonly key: string;
  readonly value: string | null;
  /** About the bytes of the value, where that is cheaper to tell than the value. */
  readonly size?: number;
  /** Kept by who writes rows to the database: when it was written last, whole milliseconds of its clock, or `neverStored`. Absent: one may hold it. */
  storedMs?: number;
}

/** Of a row that no database ever held. */
export const neverStored = -1;
