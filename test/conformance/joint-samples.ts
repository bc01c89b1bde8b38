/**
 * Makes damaged traces of traces/accepted/joint-change, a run of real daemons: one lie each about a change of several
 * members. Run it when the lines of a trace change: `npx tsx test/conformance/joint-samples.ts`. It prints the verdict of
 * each, to be read by a person before it is committed.
 */

import { join } from "node:path";
import { type Damage, damage } from "./make-samples.ts";
import { type Files, type Line, find, insertAfter, isEvent, renumber, root } from "./sample-files.ts";

const source = join(root, "accepted/joint-change");

/** Where the leader that completes the change was elected. */
function election(files: Files): { readonly lines: Line[]; readonly at: number; readonly line: Line } {
  const { lines, at: left } = find(files, isEvent("LeaveJoint"));
  const at = lines.findLastIndex((line, k) => k < left && line.event === "BecomeLeader");
  return { lines, at, line: lines[at]! };
}

const damages: readonly Damage[] = [
  {
    name: "joint-election-by-one-set",
    about: "in a joint configuration a candidate leads with a majority of the old voters alone",
    change: (files) => {
      const joint = find(files, isEvent("EnterJoint"));
      const old = new Set((find(files, (line) => line.event === "ChangeConfiguration" && (line["voters"] as string[]).length === 3).line["voters"]) as string[]);
      const fresh = (joint.line["voters"] as string[]).filter((id) => !old.has(id));
      const { lines, at } = election(files);
      for (let k = at; k >= 0; k -= 1) {
        const line = lines[k]!;
        if (line.event === "HandleRequestVoteResponse" && fresh.includes(String(line["from"]))) lines.splice(k, 1);
      }
      renumber(files);
    },
  },
  {
    name: "final-configuration-too-early",
    about: "a new leader appends the final configuration before the joint one is committed",
    change: (files) => {
      const { lines, at, line } = election(files);
      insertAfter(lines, at, { ...line, event: "LeaveJoint", lastLogIndex: Number(line["lastLogIndex"]) + 1 });
      renumber(files);
    },
  },
  {
    name: "several-members-by-one-entry",
    about: "a leader changes two voters by one entry, in which the old ones have no say",
    change: (files) => {
      find(files, isEvent("EnterJoint")).line.event = "ChangeConfiguration";
    },
  },
  {
    name: "joint-entry-without-the-old-voters",
    about: "a follower takes a joint configuration for a final one",
    change: (files) => {
      for (const lines of files.values()) {
        for (const line of lines) {
          if (line.event !== "HandleAppendEntriesRequest") continue;
          const joint = (line["entries"] as { outgoing?: unknown }[]).find(({ outgoing }) => outgoing !== undefined);
          if (joint === undefined) continue;
          delete joint.outgoing;
          return;
        }
      }
    },
  },
];

await damage(source, damages);
