/** The words of a scenario. */

/**
 * A node: its name, `leader`, `follower` (the first that is up and does not lead), `joiner` (the newest node), or `$x` for
 * what a step before remembered with `"as": "x"`.
 */
export type NodeWord = string;

interface Timed {
  /** Seconds after the cluster was formed. */
  readonly at: number;
}

/** What happens. `keep`: the write under way reaches the disk. */
export type ScenarioStep = Timed &
  (
    | { readonly do: "remember"; readonly node: NodeWord; readonly as: string }
    | { readonly do: "crash"; readonly node: NodeWord; readonly keep?: boolean; readonly as?: string }
    /** Dies `afterMs` into the write that begins after `skip` others; starts again `restartMs` later. */
    | {
        readonly do: "crash-at-write";
        readonly node: NodeWord;
        readonly skip: number;
        readonly keep: boolean;
        readonly afterMs?: number;
        readonly restartMs: number;
      }
    | { readonly do: "start"; readonly node: NodeWord }
    | { readonly do: "pause" | "resume"; readonly node: NodeWord }
    /** Cuts both ways between the two sides; `rest` stands for all others. */
    | { readonly do: "separate"; readonly one: readonly NodeWord[]; readonly other: readonly NodeWord[] }
    | { readonly do: "cut"; readonly from: NodeWord; readonly to: NodeWord }
    | { readonly do: "heal" }
    | { readonly do: "links"; readonly quality: Readonly<Record<string, number | boolean>> }
    /** Submits `count` writes at the node, whatever becomes of them. */
    | { readonly do: "put"; readonly node: NodeWord; readonly count: number }
    | { readonly do: "read"; readonly node: NodeWord }
    | { readonly do: "transfer"; readonly to?: NodeWord }
    | { readonly do: "join" }
    | { readonly do: "remove"; readonly node: NodeWord; readonly at: number }
    /** Asks once, at this node, that another be added or removed; nobody asks again. */
    | { readonly do: "ask-remove"; readonly node: NodeWord; readonly gone: NodeWord }
    | { readonly do: "ask-add"; readonly node: NodeWord }
    | { readonly do: "ask-promote"; readonly node: NodeWord; readonly learner: NodeWord }
    | { readonly do: "campaign"; readonly node: NodeWord }
  );

const words: Readonly<Record<ScenarioStep["do"], readonly string[]>> = {
  remember: ["node", "as"],
  crash: ["node"],
  "crash-at-write": ["node", "skip", "keep", "restartMs"],
  start: ["node"],
  pause: ["node"],
  resume: ["node"],
  separate: ["one", "other"],
  cut: ["from", "to"],
  heal: [],
  links: ["quality"],
  put: ["node", "count"],
  read: ["node"],
  transfer: [],
  join: [],
  remove: ["node"],
  "ask-remove": ["node", "gone"],
  "ask-add": ["node"],
  "ask-promote": ["node", "learner"],
  campaign: ["node"],
};

/** True when `value` has all that such a step needs. */
export function isScenarioStep(value: unknown): value is ScenarioStep {
  if (typeof value !== "object" || value === null) return false;
  const { at, do: word } = value as { at?: unknown; do?: unknown };
  if (typeof at !== "number" || typeof word !== "string" || !Object.hasOwn(words, word)) return false;
  return words[word as ScenarioStep["do"]].every((field) => Object.hasOwn(value, field));
}
