/** The words of a scenario. */

import type { CrashPoint } from "./crash-point.ts";
import type { WriteFate } from "./node-disk.ts";

/**
 * A node: its name, `leader`, `follower` (the first that is up and does not lead), `joiner` (the newest node), or `$x` for
 * what a step before remembered with `"as": "x"`.
 */
export type NodeWord = string;

interface Timed {
  /** Seconds after the cluster was formed. */
  readonly at: number;
}

/** What happens. `keep`: the write under way reaches the disk; `fate` says the same with a third case. */
export type ScenarioStep = Timed &
  (
    | { readonly do: "remember"; readonly node: NodeWord; readonly as: string }
    | { readonly do: "crash"; readonly node: NodeWord; readonly keep?: boolean; readonly fate?: WriteFate; readonly as?: string; readonly restartMs?: number }
    /** Dies `afterMs` into the write that begins after `skip` others; starts again `restartMs` later. */
    | {
        readonly do: "crash-at-write";
        readonly node: NodeWord;
        readonly skip: number;
        readonly keep?: boolean;
        readonly fate?: WriteFate;
        readonly afterMs?: number;
        readonly restartMs: number;
      }
    /** Dies when it passes that point after having passed it `skip` times. */
    | {
        readonly do: "crash-at-point";
        readonly node: NodeWord;
        readonly point: CrashPoint;
        readonly skip: number;
        readonly fate: WriteFate;
        readonly restartMs: number;
      }
    | { readonly do: "start"; readonly node: NodeWord }
    /** `forMs`: continues, is mended, or works again by itself after so long. */
    | { readonly do: "pause"; readonly node: NodeWord; readonly forMs?: number }
    | { readonly do: "resume"; readonly node: NodeWord }
    /** Cuts both ways between the two sides; `rest` stands for all others. */
    | { readonly do: "separate"; readonly one: readonly NodeWord[]; readonly other: readonly NodeWord[]; readonly forMs?: number }
    | { readonly do: "cut"; readonly from: NodeWord; readonly to: NodeWord; readonly forMs?: number }
    /** Cuts several links, each in one direction, from the first to the second. */
    | { readonly do: "drop"; readonly links: readonly (readonly [NodeWord, NodeWord])[]; readonly forMs?: number }
    /** The write that begins after `skip` others ends in an error; `fate` says what is on disk all the same. */
    | { readonly do: "fsync-error"; readonly node: NodeWord; readonly skip: number; readonly fate: WriteFate }
    | { readonly do: "full-disk"; readonly node: NodeWord; readonly forMs: number }
    /** The node is down for a while, and one bit of its disk turns. `lot` in [0, 1) says which. */
    | { readonly do: "bit-flip"; readonly node: NodeWord; readonly lot: number; readonly restartMs: number }
    /** The disk is lost; another member takes the place, with a new id. */
    | { readonly do: "lose-disk"; readonly node: NodeWord; readonly restartMs: number }
    | { readonly do: "disks"; readonly quality: Readonly<Record<string, number>> }
    | { readonly do: "clock"; readonly node: NodeWord; readonly rate: number; readonly jumpMs: number }
    /** Daemons die with this chance between the line that they start a VM and the start. */
    | { readonly do: "launches"; readonly crashChance: number }
    | { readonly do: "end-guest"; readonly node: NodeWord; readonly uuid: string; readonly how: string }
    /** One member goes for good and a new one joins. */
    | { readonly do: "replace"; readonly node: NodeWord; readonly asLearner?: boolean }
    /** Several members go for good, and as many new ones take their places, by a joint configuration. */
    | { readonly do: "replace-several"; readonly leaving: readonly NodeWord[] }
    | { readonly do: "ask-transfer"; readonly node: NodeWord }
    | { readonly do: "heal" }
    | { readonly do: "links"; readonly quality: Readonly<Record<string, number | boolean>> }
    /** Submits `count` writes at the node, whatever becomes of them. */
    | { readonly do: "put"; readonly node: NodeWord; readonly count: number }
    /** Cuts the node off and lets the leader write, until the node needs a snapshot; goes on writing while it gets it. */
    | { readonly do: "outrun"; readonly node: NodeWord; readonly leader: NodeWord; readonly count: number; readonly forMs: number }
    | { readonly do: "read"; readonly node: NodeWord }
    | { readonly do: "transfer"; readonly to?: NodeWord }
    /** With `asLearner` it stays one. */
    | { readonly do: "join"; readonly asLearner?: boolean }
    | { readonly do: "remove"; readonly node: NodeWord; readonly at: number }
    /** Asks once, at this node, that another be added or removed; nobody asks again. */
    | { readonly do: "ask-remove"; readonly node: NodeWord; readonly gone: NodeWord }
    | { readonly do: "ask-add"; readonly node: NodeWord }
    | { readonly do: "ask-promote"; readonly node: NodeWord; readonly learner: NodeWord }
    | { readonly do: "ask-replace"; readonly node: NodeWord; readonly leaving: readonly NodeWord[]; readonly entering: readonly NodeWord[] }
    | { readonly do: "campaign"; readonly node: NodeWord }
  );

/** What is done to one node alone. */
export type NodeFault = Extract<
  ScenarioStep,
  { do: "crash" | "crash-at-write" | "crash-at-point" | "pause" | "fsync-error" | "full-disk" | "bit-flip" | "lose-disk" | "clock" }
>;

const words: Readonly<Record<ScenarioStep["do"], readonly string[]>> = {
  remember: ["node", "as"],
  crash: ["node"],
  "crash-at-write": ["node", "skip", "restartMs"],
  "crash-at-point": ["node", "point", "skip", "fate", "restartMs"],
  drop: ["links"],
  "fsync-error": ["node", "skip", "fate"],
  "full-disk": ["node", "forMs"],
  "bit-flip": ["node", "lot", "restartMs"],
  "lose-disk": ["node", "restartMs"],
  disks: ["quality"],
  clock: ["node", "rate", "jumpMs"],
  launches: ["crashChance"],
  "end-guest": ["node", "uuid", "how"],
  replace: ["node"],
  "replace-several": ["leaving"],
  "ask-transfer": ["node"],
  start: ["node"],
  pause: ["node"],
  resume: ["node"],
  separate: ["one", "other"],
  cut: ["from", "to"],
  heal: [],
  links: ["quality"],
  put: ["node", "count"],
  outrun: ["node", "leader", "count", "forMs"],
  read: ["node"],
  transfer: [],
  join: [],
  remove: ["node"],
  "ask-remove": ["node", "gone"],
  "ask-add": ["node"],
  "ask-promote": ["node", "learner"],
  "ask-replace": ["node", "leaving", "entering"],
  campaign: ["node"],
};

/** True when `value` has all that such a step needs. */
export function isScenarioStep(value: unknown): value is ScenarioStep {
  if (typeof value !== "object" || value === null) return false;
  const { at, do: word } = value as { at?: unknown; do?: unknown };
  if (typeof at !== "number" || typeof word !== "string" || !Object.hasOwn(words, word)) return false;
  return words[word as ScenarioStep["do"]].every((field) => Object.hasOwn(value, field));
}
