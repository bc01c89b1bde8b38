/**
 * Where a run of a group lies in the one table of all logs: groups are numbered in the order in which the node got them, and
 * each has 2^40 ids, so that its runs lie together in order and are found by one integer.
 */

import { assert } from "../assert.ts";

const perGroup = 2 ** 40;
/** Ids stay below 2^53: beyond it the library rounds. */
const groupsAtMost = 2 ** 13;

/** The ids of a group: from `first` up to but not including `end`. A run has `first` plus the index of its first entry. */
export interface LogIds {
  readonly first: number;
  readonly end: number;
}

/** The ids of the group with number `slot`. */
export function logIds(slot: number): LogIds {
  assert(slot >= 0 && slot < groupsAtMost, "a node has at most 8,192 groups");
  return { first: slot * perGroup, end: (slot + 1) * perGroup };
}
