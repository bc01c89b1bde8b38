/**
 * What clients saw, and whether it can be. A key that is only ever put has versions that count its puts, so the version
 * tells where in the order of that key an operation stands: an order that must agree with real time.
 */

import type { KvOperation, Reply } from "../machine/commands.ts";
import type { KvRecord } from "../machine/records.ts";

/** What a node held when it answered a consistent read. */
export interface ReadAnswer {
  readonly record: KvRecord | null;
  readonly appliedIndex: number;
}

/** A request about one key, from when it was sent first to when its outcome was known; null while it is not. */
export interface ClientRequest {
  readonly client: string;
  readonly request: KvOperation | { readonly kind: "kv-get"; readonly key: string };
  readonly askedMs: number;
  outcome: { readonly answeredMs: number; readonly answer: Reply | ReadAnswer } | null;
}

/** An operation on one register that was answered. */
export interface Observation {
  readonly key: string;
  readonly kind: "write" | "read";
  readonly version: number;
  readonly value: string;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly client: string;
}

export class History {
  /** Writes that were acknowledged, of every kind. */
  acknowledged = 0;
  reads = 0;
  /** Requests of which the client does not know the outcome yet. */
  retries = 0;
  /** Requests that a client did not pursue to an answer: their outcome stays unknown. */
  givenUp = 0;
  /** Every request about one key, in the order of asking. */
  readonly requests: ClientRequest[] = [];
  readonly #observations: Observation[] = [];
  /** Keys that must exist with this value and version at the end. */
  readonly expected = new Map<string, { value: string; version: number } | null>();

  /** Notes a request that is sent for the first time. The answer to it is put into what this returns. */
  asked(client: string, request: ClientRequest["request"], askedMs: number): ClientRequest {
    const noted: ClientRequest = { client, request, askedMs, outcome: null };
    this.requests.push(noted);
    return noted;
  }

  observe(observation: Observation): void {
    this.#observations.push(observation);
  }

  /** What cannot be: linearizability of every register, and no write lost. */
  problems(finalVersion: (key: string) => { version: number; value: string } | undefined): string[] {
    const byKey = new Map<string, Observation[]>();
    for (const observation of this.#observations) {
      const list = byKey.get(observation.key);
      if (list === undefined) byKey.set(observation.key, [observation]);
      else list.push(observation);
    }
    const problems: string[] = [];
    for (const [key, list] of byKey) problems.push(...registerProblems(key, list));
    for (const [key, list] of byKey) {
      const last = Math.max(...list.map((observation) => observation.version));
      const found = finalVersion(key)?.version ?? 0;
      if (found < last) problems.push(`${key} had version ${last} for a client and has version ${found} at the end`);
    }
    for (const [key, wanted] of this.expected) {
      const found = finalVersion(key);
      const same = wanted === null ? found === undefined : found?.version === wanted.version && found.value === wanted.value;
      if (!same) problems.push(`${key} should be ${JSON.stringify(wanted)} at the end and is ${JSON.stringify(found ?? null)}`);
    }
    return problems;
  }
}

/** One register: versions written once; values by version agree; the order of versions respects real time. */
function registerProblems(key: string, list: readonly Observation[]): string[] {
  const problems: string[] = [];
  const writes = new Map<number, Observation>();
  for (const observation of list) {
    if (observation.kind !== "write") continue;
    const other = writes.get(observation.version);
    if (other !== undefined) problems.push(`${key}: ${other.client} and ${observation.client} both wrote version ${observation.version}`);
    writes.set(observation.version, observation);
  }
  for (const { kind, version, value, client } of list) {
    const write = kind === "read" ? writes.get(version) : undefined;
    if (write !== undefined && write.value !== value) {
      problems.push(`${key}: ${client} read ${value} at version ${version}, where ${write.client} had written ${write.value}`);
    }
  }
  const answered = [...list].sort((a, b) => a.answeredMs - b.answeredMs);
  const asked = [...list].sort((a, b) => a.askedMs - b.askedMs);
  let at = 0;
  let latest: Observation | undefined;
  for (const later of asked) {
    for (; at < answered.length && (answered[at] as Observation).answeredMs < later.askedMs; at += 1) {
      const before = answered[at] as Observation;
      if (latest === undefined || before.version > latest.version) latest = before;
    }
    if (latest === undefined || latest === later) continue;
    const goesBack = later.kind === "write" ? later.version <= latest.version : later.version < latest.version;
    if (!goesBack) continue;
    const was = `${latest.client}'s ${latest.kind} of version ${latest.version} at ${latest.answeredMs.toFixed(1)} ms`;
    problems.push(`${key}: ${later.client}'s ${later.kind} of version ${later.version} was asked after ${was} was answered`);
  }
  return problems;
}
