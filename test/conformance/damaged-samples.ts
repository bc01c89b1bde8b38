/**
 * Makes traces/rejected from traces/accepted/leader-killed: one lie each, told as well as it can be (sequence numbers
 * are put right again where lines come or go), so that only the specification can notice. Run it when the lines of a
 * trace change: `npx tsx test/conformance/damaged-samples.ts`. It prints the verdict of each, to be read by a person
 * before it is committed.
 */

import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Damage, damage, judge } from "./make-samples.ts";
import { type Line, find, isEvent, renumber, root } from "./sample-files.ts";

const source = join(root, "accepted/leader-killed");

const hasVmChange = (line: Line) => line.event === "Apply" && (line["vmChanges"] as unknown[]).length > 0;

const damages: readonly Damage[] = [
  {
    name: "vm-running-without-a-report",
    about: "a node applies the create of a VM and calls it running at once, though no executor has said so",
    change: (files) => {
      const { line } = find(files, hasVmChange);
      (line["vmChanges"] as Record<string, unknown>[])[0]!["toObserved"] = "running";
    },
  },
  {
    name: "vm-change-without-an-entry",
    about: "a node changes the record of a VM at an index that holds another entry",
    change: (files) => {
      const { line } = find(files, hasVmChange);
      const change = (line["vmChanges"] as Record<string, unknown>[])[0]!;
      change["index"] = Number(change["index"]) - 1;
    },
  },
  {
    name: "vm-launched-by-another-node",
    about: "a node that no committed entry names starts the VM's process as well: two owners",
    change: (files) => {
      const launch = find(files, isEvent("LaunchVm"));
      const other = find(files, (line, path) => hasVmChange(line) && path.split("/")[0] !== launch.path.split("/")[0]);
      const { node, incarnation, clock } = other.line;
      other.lines.splice(other.at + 1, 0, { ...launch.line, node, incarnation, seq: 0, clock });
      const after = other.lines[other.at + 2];
      // The clock grows from line to line; between two neighbours there is none, so the rest of the file moves up.
      for (let k = other.at + 1; k < other.lines.length; k += 1) other.lines[k]!.clock += 1;
      if (after === undefined) throw new Error("the line has a successor");
      renumber(files);
    },
  },
  {
    name: "report-of-what-was-not-seen",
    about: "a report of a running VM stands in the log, and the executor that it names never made it",
    change: (files) => {
      const report = find(files, (line) => line.event === "ReportVm" && line["observed"] === "running");
      report.lines.splice(report.at, 1);
      renumber(files);
    },
  },
  {
    name: "acknowledged-before-durable",
    about: "a follower's write never became durable, and the leader has its acknowledgement all the same",
    change: (files) => {
      const persist = find(files, isEvent("Persist", "n2"));
      persist.lines.splice(persist.at, 1);
      renumber(files);
    },
  },
  {
    name: "commit-beyond-the-quorum",
    about: "a leader commits one entry more than a quorum holds",
    change: (files) => {
      const commit = find(files, (line) => line.event === "AdvanceCommitIndex" && Number(line["lastLogIndex"]) > 3);
      commit.line["commitIndex"] = Number(commit.line["commitIndex"]) + 1;
    },
  },
  {
    name: "restart-forgets-its-vote",
    about: "the killed leader comes back with its term, and without the vote that it gave in it",
    change: (files) => {
      const restart = find(files, (line) => line.event === "Restart" && line["votedFor"] !== "");
      restart.line["votedFor"] = "";
    },
  },
  {
    name: "restart-loses-an-entry",
    about: "the killed leader comes back with one entry less than was durable",
    change: (files) => {
      const restart = find(files, (line) => line.event === "Restart" && Number(line["lastLogIndex"]) > 3);
      restart.line["lastLogIndex"] = Number(restart.line["lastLogIndex"]) - 1;
    },
  },
  {
    name: "membership-told-wrongly",
    about: "a node reports a committed configuration without the last of its voters",
    change: (files) => {
      const apply = find(files, (line) => {
        const told = line["configurations"] as { voters: string[] }[] | undefined;
        return line.event === "Apply" && (told?.some((one) => one.voters.length === 3) ?? false);
      });
      for (const one of apply.line["configurations"] as { voters: string[] }[]) one.voters = one.voters.slice(0, -1);
    },
  },
  {
    name: "states-differ",
    about: "a node has another digest of the replicated state than the others at the same index",
    change: (files) => {
      const apply = find(files, (line, path) => line.event === "Apply" && path.startsWith("n3") && Number(line["index"]) > 10);
      (apply.line["digests"] as { digest: string }[]).at(-1)!.digest = "0123456789abcdef";
    },
  },
  {
    name: "leader-without-votes",
    about: "a candidate leads though the answer that made its quorum never came",
    change: (files) => {
      const vote = find(files, (line) => line.event === "HandleRequestVoteResponse" && line["granted"] === true);
      vote.lines.splice(vote.at, 1);
      renumber(files);
    },
  },
  {
    name: "vote-while-a-leader-is-heard",
    about: "a voter helps another node to lead although it heard a leader a moment ago",
    change: (files) => {
      const { line } = find(files, (one) => one.event === "HandleRequestVoteRequest" && one["granted"] === true && one["transfer"] === false);
      line["heardMs"] = Number(line["localMs"]) - 20;
    },
  },
  {
    name: "term-out-of-nowhere",
    about: "a follower is in a term that nobody told it of",
    change: (files) => {
      const handled = find(files, isEvent("HandleAppendEntriesRequest", "n3"));
      handled.line["term"] = Number(handled.line["term"]) + 1;
    },
  },
  {
    name: "message-that-nobody-sent",
    about: "a follower appends entries that no leader sent",
    change: (files) => {
      const handled = find(files, (line) => {
        const runs = line["entries"] as { kind: string }[] | undefined;
        return line.event === "HandleAppendEntriesRequest" && runs?.length === 1 && runs[0]?.kind === "command";
      });
      (handled.line["entries"] as { count: number }[])[0]!.count += 1;
      handled.line["lastLogIndex"] = Number(handled.line["lastLogIndex"]) + 1;
      handled.line["matchIndex"] = Number(handled.line["matchIndex"]) + 1;
    },
  },
  {
    name: "two-lines-swapped",
    about: "a node says that it applied entries before it says that it received them",
    change: (files) => {
      const apply = find(files, isEvent("Apply", "n2"));
      const before = apply.lines[apply.at - 1]!;
      const [seq, clock] = [before.seq, before.clock];
      [before.seq, before.clock] = [apply.line.seq, apply.line.clock];
      [apply.line.seq, apply.line.clock] = [seq, clock];
      apply.lines.splice(apply.at - 1, 2, apply.line, before);
    },
  },
  {
    name: "line-missing",
    about: "a line was taken out; its neighbours have not moved up",
    change: (files) => {
      const persist = find(files, isEvent("Persist", "n1"));
      persist.lines.splice(persist.at, 1);
    },
  },
  {
    name: "unknown-step",
    about: "a line names a step that the specification does not know",
    change: (files) => {
      find(files, isEvent("BecomeLeader")).line.event = "BecomeKing";
    },
  },
];

await damage(source, damages);

const torn = join(root, "rejected/torn-tail");
rmSync(torn, { recursive: true, force: true });
cpSync(source, torn, { recursive: true });
const [last] = readdirSync(join(torn, "n3")).sort().slice(-1);
if (last === undefined || !existsSync(join(torn, "n3", last))) throw new Error("the sample has a file of n3");
const text = readFileSync(join(torn, "n3", last), "utf8");
writeFileSync(join(torn, "n3", last), text.slice(0, -20));
await judge(torn, "the last line of a file is cut off in the middle, as a kill in the middle of a write leaves it");
