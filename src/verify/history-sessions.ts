/**
 * What a client may rely on even where it reads what a node happens to have applied (Terry et al. 1994, "Session
 * guarantees for weakly consistent replicated data"): at one node its reads never go back in time, and it sees what that
 * node has acknowledged to it. Linearizable reads keep both by themselves; a node that answers from an older state breaks
 * them even for stale ones.
 *
 * Histories with indices are judged by these. Without them versions are compared, of keys that nobody deletes: a version
 * begins anew behind a delete.
 */

import { type HistoryOperation, operationText, resultText } from "./history-operation.ts";

export type SessionGuarantee = "monotonic-reads" | "read-your-writes" | "reads-of-writes";

export interface SessionFinding {
  readonly guarantee: SessionGuarantee;
  readonly key: string;
  readonly client: string;
  /** What the client had seen or written; null for a value that nobody wrote. */
  readonly earlier: HistoryOperation | null;
  readonly later: HistoryOperation;
  /** One sentence. */
  readonly what: string;
}

/** Every read that breaks a guarantee, in order of invocation. Empty when all is well. */
export function checkSessionGuarantees(history: readonly HistoryOperation[]): SessionFinding[] {
  const deleted = new Set(history.filter(({ operation, result }) => operation.kind === "delete" && result?.kind !== "refused").map(({ operation }) => operation.key));
  const groups = new Map<string, HistoryOperation[]>();
  for (const operation of history) {
    const group = JSON.stringify([operation.client, operation.node ?? null, operation.operation.key]);
    const operations = groups.get(group);
    if (operations === undefined) groups.set(group, [operation]);
    else operations.push(operation);
  }
  const findings = valuesFromNowhere(history);
  for (const operations of groups.values()) findings.push(...sessionFindings(operations, deleted));
  return findings.sort((a, b) => a.later.invokedAt - b.later.invokedAt);
}

/** Of one client at one node about one key. */
function sessionFindings(operations: readonly HistoryOperation[], deleted: ReadonlySet<string>): SessionFinding[] {
  const findings: SessionFinding[] = [];
  const byReturn = operations.filter(({ result }) => result !== null).sort((a, b) => (a.returnedAt ?? 0) - (b.returnedAt ?? 0));
  const reads = operations.filter(({ operation, result }) => operation.kind === "get" && result !== null).sort((a, b) => a.invokedAt - b.invokedAt);
  const growsOnly = !deleted.has(operations[0]?.operation.key ?? "");
  let returned = 0;
  let byIndex: HistoryOperation | undefined;
  let byChange: HistoryOperation | undefined;
  let byVersion: HistoryOperation | undefined;
  for (const later of reads) {
    for (; returned < byReturn.length; returned += 1) {
      const earlier = byReturn[returned] as HistoryOperation;
      if ((earlier.returnedAt ?? 0) >= later.invokedAt) break;
      if (byIndex === undefined || seenIndex(earlier) > seenIndex(byIndex)) byIndex = earlier;
      if (byChange === undefined || changedIndexOf(earlier) > changedIndexOf(byChange)) byChange = earlier;
      if (byVersion === undefined || seenVersion(earlier) > seenVersion(byVersion)) byVersion = earlier;
    }
    if (byIndex !== undefined && newestIndex(later) < seenIndex(byIndex)) findings.push(wentBack(byIndex, later));
    else if (byChange !== undefined && changeFoundBy(later) < changedIndexOf(byChange)) findings.push(wentBack(byChange, later));
    else if (growsOnly && byVersion !== undefined && seenVersion(later) < seenVersion(byVersion)) findings.push(wentBack(byVersion, later));
  }
  return findings;
}

/** What the node had applied at least when it answered. */
function seenIndex({ result }: HistoryOperation): number {
  const changed = result?.kind === "found" ? (result.changedIndex ?? 0) : 0;
  return Math.max(result?.index ?? 0, changed);
}

/** What the node had applied at most when it answered a read. */
function newestIndex({ result }: HistoryOperation): number {
  return result?.index ?? Number.POSITIVE_INFINITY;
}

/** Where the record that was found, written or deleted stands in the log; 0 when that is not told. */
function changedIndexOf({ result }: HistoryOperation): number {
  if (result?.kind === "found") return result.changedIndex ?? 0;
  return result?.kind === "written" || result?.kind === "deleted" ? (result.index ?? 0) : 0;
}

/** Of a read that found nothing it is not told when the key was deleted. */
function changeFoundBy({ result }: HistoryOperation): number {
  return (result?.kind === "found" ? result.changedIndex : undefined) ?? Number.POSITIVE_INFINITY;
}

function seenVersion({ result }: HistoryOperation): number {
  return result?.kind === "found" || result?.kind === "written" ? result.version : 0;
}

function wentBack(earlier: HistoryOperation, later: HistoryOperation): SessionFinding {
  const guarantee = earlier.operation.kind === "get" ? "monotonic-reads" : "read-your-writes";
  const { client, node } = later;
  const { key } = later.operation;
  const what = `${key}: ${client}'s ${asked(later)}${node === undefined ? "" : ` at ${node}`} goes back behind its ${asked(earlier)}`;
  return { guarantee, key, client, earlier, later, what };
}

/** A value may only be found once somebody has asked to write it. */
function valuesFromNowhere(history: readonly HistoryOperation[]): SessionFinding[] {
  const asked = new Map<string, number>();
  for (const { operation, invokedAt } of history) {
    if (!("value" in operation)) continue;
    const name = JSON.stringify([operation.key, operation.value]);
    asked.set(name, Math.min(asked.get(name) ?? Number.POSITIVE_INFINITY, invokedAt));
  }
  return history.flatMap((later): SessionFinding[] => {
    const { client, operation, result, returnedAt } = later;
    if (result?.kind !== "found" || returnedAt === null) return [];
    const first = asked.get(JSON.stringify([operation.key, result.value]));
    if (first !== undefined && first <= returnedAt) return [];
    const what = `${operation.key}: ${client} found ${resultText(result)}, which nobody had asked to write`;
    return [{ guarantee: "reads-of-writes", key: operation.key, client, earlier: null, later, what }];
  });
}

function asked({ operation, result }: HistoryOperation): string {
  return `${operationText(operation)} → ${resultText(result)}`;
}
