/**
 * Makes traces/accepted/reads and the damaged ones of it: one lie each about a read. Run it when the lines of a trace change:
 * `npx tsx test/conformance/read-samples.ts`. It prints the verdict of each, to be read by a person before it is committed.
 */

import { playScenario } from "../../src/sim/scenario.ts";
import type { ScenarioStep } from "../../src/sim/scenario-step.ts";
import { type Damage, damage, keep } from "./make-samples.ts";
import { type Line, find, insertAfter, renumber } from "./sample-files.ts";

const steps: readonly ScenarioStep[] = [
  { at: 0.1, do: "remember", node: "leader", as: "old" },
  { at: 0.1, do: "remember", node: "follower", as: "other" },
  { at: 0.1, do: "put", node: "$old", count: 2 },
  { at: 0.2, do: "read", node: "$old" },
  { at: 0.3, do: "read", node: "$other" },
  { at: 0.4, do: "put", node: "$other", count: 2 },
  { at: 0.5, do: "read", node: "$other" },
  { at: 0.6, do: "separate", one: ["$old"], other: ["rest"], forMs: 1_500 },
  { at: 0.65, do: "read", node: "$old" },
  { at: 1.6, do: "put", node: "$other", count: 2 },
  { at: 1.8, do: "read", node: "$other" },
  { at: 2.3, do: "read", node: "$old" },
];

const damages: readonly Damage[] = [
  {
    name: "read-without-a-quorum",
    about: "a leader answers a read although nobody acknowledged its round",
    change: (files) => {
      // Not the first ones: then the leader was alone.
      const read = find(files, (line) => line.event === "ServeRead" && Number(line["index"]) >= 10);
      for (const lines of files.values()) {
        const told = lines.findIndex((line) => line.event === "AcknowledgeRound" && line["round"] === read.line["round"] && line["term"] === read.line["term"]);
        if (told >= 0) lines.splice(told, 1);
      }
      renumber(files);
    },
  },
  {
    name: "stale-read-at-a-deposed-leader",
    about: "a leader that was cut off answers a read by itself, though it may not lead any more",
    change: (files) => {
      const down = find(files, (line) => line.event === "StepDown");
      const at = down.lines.findLastIndex((line, k) => k < down.at && line.event === "ReadIndex");
      const begun = down.lines[at]!;
      const { sentMs: _, ...rest } = begun as Line & { sentMs: number };
      insertAfter(down.lines, at, { ...rest, event: "ServeRead", index: begun["commitIndex"] } as Line);
      renumber(files);
    },
  },
  {
    name: "read-index-kept-for-the-next-read",
    about: "a follower answers a read with the index that it was given for an earlier one",
    change: (files) => {
      const first = find(files, (line) => line.event === "ServeForwardedRead");
      const second = first.lines.find((line, k) => k > first.at && line.event === "ServeForwardedRead");
      if (second === undefined) throw new Error("the follower reads twice");
      for (const field of ["round", "index", "messageTerm"]) second[field] = first.line[field];
    },
  },
  {
    name: "read-before-it-was-applied",
    about: "a follower answers a read before it has applied as much as the leader had committed",
    change: (files) => {
      const read = find(files, (line) => line.event === "ServeForwardedRead");
      const apply = read.lines.findLastIndex((line, k) => k < read.at && line.event === "Apply");
      read.lines.splice(apply, 1);
      renumber(files);
    },
  },
];

const result = playScenario({ name: "reads", about: "", seed: 5, nodes: 3, seconds: 3, clients: 0, steps, expect: [] });
await damage(keep("reads", result, "a simulated run: reads at a leader, at a follower, and at a leader that is cut off"), damages);
