/**
 * Makes traces/rejected from traces/accepted/leader-killed: one lie each, told as well as it can be (sequence numbers
 * are put right again where lines come or go), so that only the specification can notice. Run it when the lines of a
 * trace change: `npx tsx test/conformance/damaged-samples.ts`. It prints the verdict of each, to be read by a person
 * before it is committed.
 */

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { verifyTraces } from "../../src/verify/check.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";

type Line = Record<string, unknown> & { node: string; seq: number; clock: number; event: string };
type Files = Map<string, Line[]>;

const root = resolve(import.meta.dirname, "../../traces");
const source = join(root, "accepted/leader-killed");

function load(): Files {
  const files: Files = new Map();
  for (const path of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (!path.endsWith(".jsonl")) continue;
    const lines = readFileSync(join(source, path), "utf8").trimEnd().split("\n").map((text) => JSON.parse(text) as Line);
    files.set(path, lines);
  }
  return files;
}

/** Puts sequence numbers in order over the files of each node; clocks are left as they are. */
function renumber(files: Files): void {
  const next = new Map<string, number>();
  for (const lines of files.values()) {
    for (const line of lines) {
      const seq = (next.get(line.node) ?? 0) + 1;
      line.seq = seq;
      next.set(line.node, seq);
    }
  }
}

interface Place {
  readonly path: string;
  readonly lines: Line[];
  readonly at: number;
  readonly line: Line;
}

/** The first line for which `wanted` holds. */
function find(files: Files, wanted: (line: Line, path: string) => boolean): Place {
  for (const [path, lines] of files) {
    const at = lines.findIndex((line) => wanted(line, path));
    const line = lines[at];
    if (line !== undefined) return { path, lines, at, line };
  }
  throw new Error("the sample has no such line");
}

const isEvent = (event: string) => (line: Line) => line.event === event;
const hasVmChange = (line: Line) => line.event === "Apply" && (line["vmChanges"] as unknown[]).length > 0;

interface Damage {
  readonly name: string;
  readonly about: string;
  readonly change: (files: Files) => void;
}

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
      const persist = find(files, (line, path) => line.event === "Persist" && path.startsWith("n2"));
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
    name: "term-out-of-nowhere",
    about: "a follower is in a term that nobody told it of",
    change: (files) => {
      const handled = find(files, (line, path) => line.event === "HandleAppendEntriesRequest" && path.startsWith("n3"));
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
      const apply = find(files, (line, path) => line.event === "Apply" && path.startsWith("n2"));
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
      const persist = find(files, (line, path) => line.event === "Persist" && path.startsWith("n1"));
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

function write(directory: string, files: Files): void {
  rmSync(directory, { recursive: true, force: true });
  for (const [path, lines] of files) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}

async function judge(directory: string, about: string): Promise<void> {
  const verdict = await verifyTraces({ paths: [directory], specDirectory: ownSpecDirectory() });
  if (verdict.kind !== "rejected") throw new Error(`${directory}: the verdict is ${verdict.kind}`);
  const { code, event, law, file, line, what } = verdict;
  const expected = { verdict: "rejected", about, code, at: `${relative(directory, file)}:${line}`, event: event?.event, law };
  writeFileSync(join(directory, "verdict.json"), `${JSON.stringify(expected, null, 2)}\n`);
  console.log(`${relative(root, directory)}\n  ${about}\n  ${code} ${expected.at} ${expected.event ?? ""} ${law ?? ""}: ${what}\n  ${verdict.differences[0]?.conjunct ?? ""}`);
}

for (const { name, about, change } of damages) {
  const files = load();
  change(files);
  const directory = join(root, "rejected", name);
  write(directory, files);
  await judge(directory, about);
}

const torn = join(root, "rejected/torn-tail");
rmSync(torn, { recursive: true, force: true });
cpSync(source, torn, { recursive: true });
const [last] = readdirSync(join(torn, "n3")).sort().slice(-1);
if (last === undefined || !existsSync(join(torn, "n3", last))) throw new Error("the sample has a file of n3");
const text = readFileSync(join(torn, "n3", last), "utf8");
writeFileSync(join(torn, "n3", last), text.slice(0, -20));
await judge(torn, "the last line of a file is cut off in the middle, as a kill in the middle of a write leaves it");
