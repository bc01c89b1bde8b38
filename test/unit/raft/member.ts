/** One member of a group, told what happens, step by step. */

import { makeEntry } from "../../../src/entry.ts";
import type { Entry, EntryKind } from "../../../src/entry.ts";
import type { Configuration, Member } from "../../../src/raft/configuration.ts";
import type { Effect, PersistEffect, RaftEvent } from "../../../src/raft/event.ts";
import type { RaftMessage } from "../../../src/raft/message.ts";
import { seededRandom } from "../../../src/raft/random.ts";
import { defaultRaftOptions, emptyRestoredState, restoreRaft } from "../../../src/raft/state.ts";
import type { RaftOptions, RaftState, RestoredState } from "../../../src/raft/state.ts";
import { step } from "../../../src/raft/step.ts";

export const group = "meta";

export function member(id: string): Member {
  return { id, name: id, address: `${id}:1` };
}

export function voters(...ids: readonly string[]): Configuration {
  return { voters: ids.map(member), learners: [] };
}

export function entry(index: number, term: number, kind: EntryKind = "command", text = ""): Entry {
  return makeEntry(index, term, 0, kind, new TextEncoder().encode(text));
}

export function configurationEntry(index: number, term: number, configuration: Configuration): Entry {
  return entry(index, term, "configuration", JSON.stringify(configuration));
}

/** A log that begins with a configuration at index 1, followed by commands of these terms. */
export function logOf(configuration: Configuration, ...terms: readonly number[]): readonly Entry[] {
  return [configurationEntry(1, 1, configuration), ...terms.map((term, at) => entry(at + 2, term))];
}

type Unaddressed<M> = M extends RaftMessage ? Omit<M, "group" | "to"> : never;

export class TestMember {
  readonly raft: RaftState;
  nowMs = 10_000;
  /** Persist effects that are not acknowledged yet. */
  writes: PersistEffect[] = [];
  effects: Effect[] = [];

  /** `started` now, or a while ago, and it has heard nobody since. */
  constructor(self: string, restored: Partial<RestoredState> = {}, options: Partial<RaftOptions> = {}, started: "now" | "before" = "before") {
    this.raft = restoreRaft(group, self, { ...defaultRaftOptions, ...options }, seededRandom(1), { ...emptyRestoredState, ...restored }, this.nowMs);
    if (started === "before") this.raft.heardLeaderMs = 0;
    this.effects = this.raft.effects.splice(0);
  }

  /** One step; returns what came out of it. */
  step(event: RaftEvent): readonly Effect[] {
    const effects = step(this.raft, event, this.nowMs);
    for (const effect of effects) if (effect.kind === "persist") this.writes.push(effect);
    this.effects.push(...effects);
    return effects;
  }

  receive(message: Unaddressed<RaftMessage>): readonly Effect[] {
    return this.step({ kind: "receive", message: { ...message, group, to: this.raft.self } });
  }

  /** Everything so far is on disk. */
  persist(): readonly Effect[] {
    const last = this.writes.at(-1);
    this.writes = [];
    return last === undefined ? [] : this.step({ kind: "persisted", sequence: last.sequence });
  }

  /** Lets time pass and ticks. */
  wait(ms: number): readonly Effect[] {
    this.nowMs += ms;
    return this.step({ kind: "tick" });
  }

  /** Becomes leader with the votes of `others`; its first entry is durable. */
  lead(...others: readonly string[]): void {
    this.wait(700);
    for (const from of others) this.receive({ kind: "PreVoteResponse", from, term: this.raft.currentTerm + 1, voteGranted: true });
    this.persist();
    for (const from of others) this.receive({ kind: "RequestVoteResponse", from, term: this.raft.currentTerm, voteGranted: true });
    this.persist();
  }

  /** `from` has everything up to `matchIndex`. */
  acknowledge(from: string, matchIndex: number, round = this.raft.round): readonly Effect[] {
    return this.receive({ kind: "AppendEntriesResponse", from, term: this.raft.currentTerm, success: true, matchIndex, round });
  }

  propose(...ids: readonly number[]): readonly Effect[] {
    const proposals = ids.map((id) => ({ id, kind: "command" as const, payload: new Uint8Array(8) }));
    return this.step({ kind: "propose", proposals, timeMs: 0 });
  }
}

export function sent<K extends RaftMessage["kind"]>(effects: readonly Effect[], kind: K): Extract<RaftMessage, { kind: K }>[] {
  return effects.flatMap((effect) => (effect.kind === "send" && effect.message.kind === kind ? [effect.message as Extract<RaftMessage, { kind: K }>] : []));
}

export function kinds(effects: readonly Effect[]): readonly string[] {
  return effects.map((effect) => (effect.kind === "trace" ? `trace ${effect.event.event}` : effect.kind === "send" ? `send ${effect.message.kind}` : effect.kind));
}
