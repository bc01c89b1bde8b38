/** The tree of records: put, put-if-absent, compare-and-swap, conditional delete, batches (rows S1, S2). */

import { unreachable } from "../assert.ts";
import type { BatchCommand, BatchItem, KvDeleted, KvOperation, KvWritten } from "./commands.ts";
import { accept, refuse, type Decision, type Refused, type Write } from "./decision.ts";
import type { KvRecord } from "./records.ts";
import type { MachineState } from "./state.ts";

/** Operations of one batch at most: what one apply may cost has a bound. */
export const batchLimit = 1_024;

/** Decides one operation. */
export function decideOperation(state: MachineState, operation: KvOperation, index: number): Decision {
  const now = state.kv.get(operation.key);
  const refused = conditionRefused(operation, now);
  if (refused !== null) return refused;
  const record = outcomeOf(operation, now, index);
  const value: KvWritten | KvDeleted = { version: record?.version ?? now?.version ?? 0 };
  return accept(value, { table: "kv", key: now?.key ?? operation.key, record, formerVersion: now?.version ?? 0 });
}

/**
 * Decides a batch: all operations or none. They happen one after the other, so a later one sees what an earlier one
 * wrote. When any is refused nothing is written, and the refusal tells what came of each.
 */
export function decideBatch(state: MachineState, batch: BatchCommand, index: number): Decision {
  const written = new Map<string, KvRecord | null>();
  const items: BatchItem[] = [];
  let firstRefused: { readonly place: number; readonly refused: Refused } | null = null;
  for (const operation of batch.operations) {
    const { key } = operation;
    const now = written.has(key) ? (written.get(key) ?? undefined) : state.kv.get(key);
    const refused = conditionRefused(operation, now);
    if (refused !== null) {
      items.push({ outcome: "refused", code: refused.code, message: refused.message });
      firstRefused ??= { place: items.length, refused };
      continue;
    }
    const record = outcomeOf(operation, now, index);
    written.set(key, record);
    items.push(record === null ? { outcome: "deleted", version: now?.version ?? 0 } : { outcome: "written", version: record.version });
  }
  if (firstRefused === null) return accept({ items }, ...writesOf(state, written));
  const { place, refused } = firstRefused;
  const message = `operation ${place} of ${items.length}: ${refused.message}; nothing of the batch was written`;
  const withheld = items.map((item): BatchItem => (item.outcome === "refused" ? item : { outcome: "withheld" }));
  return { accepted: false, code: refused.code, message, items: withheld };
}

/** A key that was absent before the batch and is absent after it has no row to write. */
function writesOf(state: MachineState, written: ReadonlyMap<string, KvRecord | null>): readonly Write[] {
  const writes: Write[] = [];
  for (const [key, record] of written) {
    const formerVersion = state.kv.get(key)?.version ?? 0;
    if (record !== null || formerVersion > 0) writes.push({ table: "kv", key, record, formerVersion });
  }
  return writes;
}

function conditionRefused(operation: KvOperation, now: KvRecord | undefined): Refused | null {
  switch (operation.kind) {
    case "kv-put":
      return null;
    case "kv-put-if-absent":
      if (now === undefined) return null;
      return refuse("ALREADY_EXISTS", `${now.key} is already there, at version ${now.version}`);
    case "kv-cas":
      return versionRefused(operation.key, operation.ifVersion, now) ?? valueRefused(operation.key, operation.ifValue, now);
    case "kv-delete":
      if (now === undefined && operation.ifVersion === undefined) return refuse("NOT_FOUND", `${operation.key} is not there`);
      return versionRefused(operation.key, operation.ifVersion, now);
    default:
      return unreachable(operation);
  }
}

/** `ifVersion` 0: only if absent. */
function versionRefused(key: string, ifVersion: number | undefined, now: KvRecord | undefined): Refused | null {
  if (ifVersion === undefined || ifVersion === (now?.version ?? 0)) return null;
  const wanted = ifVersion === 0 ? "absent" : `at version ${ifVersion}`;
  return refuse("CONFLICT", `${key} is ${now === undefined ? "absent" : `at version ${now.version}`}, not ${wanted}`);
}

/** The message shows no value: values may be secrets, messages go to logs. */
function valueRefused(key: string, ifValue: string | undefined, now: KvRecord | undefined): Refused | null {
  if (ifValue === undefined || ifValue === now?.value) return null;
  if (now === undefined) return refuse("CONFLICT", `${key} is absent, so its value is not the expected one`);
  return refuse("CONFLICT", `${key} has another value than expected, at version ${now.version}`);
}

function outcomeOf(operation: KvOperation, now: KvRecord | undefined, index: number): KvRecord | null {
  if (operation.kind === "kv-delete") return null;
  return {
    // The text that is there already, so that each put does not keep one of its own.
    key: now?.key ?? operation.key,
    value: operation.value,
    version: (now?.version ?? 0) + 1,
    createdIndex: now?.createdIndex ?? index,
    changedIndex: index,
  };
}
