import { expect, test } from "vitest";
import { exploreCluster, exploreRaft, type Instance, type Planted } from "./seeded-raft.ts";

interface Mistake extends Instance, Planted {
  readonly what: string;
  /** The law that is violated. */
  readonly law: string | readonly string[];
}

const small = { MaxTerm: 2, MaxLog: 2, MaxMessages: 6, MaxPending: 1, MaxRestarts: 0 };

const mistakes: readonly Mistake[] = [
  { what: "half of the voters are a quorum", file: "Raft", from: "2 * Cardinality(Q \\cap voters) > Cardinality(voters)", to: "2 * Cardinality(Q \\cap voters) >= Cardinality(voters)", voters: "{a, b}", bounds: small, law: ["ElectionSafety", "OneLeaderPerTerm"] },
  { what: "a node votes twice in a term", file: "Raft", from: "newer \\/ votedFor[i] \\in {Nil, m.from}", to: "TRUE", seed: "TwoCandidates", bounds: small, law: ["ElectionSafety", "OneLeaderPerTerm", "StepsAreSound"] },
  { what: "votes of an older term are counted", file: "Raft", from: "m.voteGranted /\\ role[i] = Candidate /\\ m.term = currentTerm[i]", to: "m.voteGranted /\\ role[i] = Candidate", seed: "OldVote", bounds: { ...small, MaxTerm: 3, MaxMessages: 7 }, law: ["ElectionSafety", "OneLeaderPerTerm"] },
  { what: "refused votes are counted", file: "Raft", from: "/\\ m.voteGranted /\\ role[i] = Candidate", to: "/\\ role[i] = Candidate", seed: "TwoCandidates", bounds: { ...small, MaxMessages: 7 }, law: ["ElectionSafety", "OneLeaderPerTerm"] },
  { what: "a restart forgets the vote", file: "Raft", from: "![i] = found.votedFor]", to: "![i] = Nil]", seed: "TwoCandidates", bounds: { ...small, MaxRestarts: 1 }, law: ["ElectionSafety", "OneLeaderPerTerm", "StepsAreSound"] },
  { what: "an outdated log is no reason to refuse a vote", file: "Raft", from: "free /\\ UpToDate(m.lastLogIndex, m.lastLogTerm, log[i])", to: "free", seed: "AfterCommit", bounds: { ...small, MaxTerm: 3, MaxLog: 3 }, law: ["LeaderCompleteness", "LeaderHasCommitted"] },
  { what: "an entry of an older term is committed by counting", file: "Raft", from: "/\\ log[i][n].term = currentTerm[i]", to: "", seed: "Figure8", bounds: { ...small, MaxTerm: 5, MaxLog: 3 }, law: ["LeaderCompleteness", "LeaderHasCommitted"] },
  { what: "a minority commits", file: "Raft", from: "IsQuorum(Holders(i, n), i)", to: "TRUE", seed: "Diverged", bounds: { ...small, MaxTerm: 4, MaxLog: 3 }, law: ["LeaderCompleteness", "LeaderHasCommitted", "CommittedIsDurable"] },
  { what: "the leader counts itself before its disk has the entry", file: "Raft", from: "IF durable[i].term = currentTerm[i] THEN Len(durable[i].log) ELSE 0", to: "Len(log[i])", seed: "Unwritten", bounds: { ...small, MaxTerm: 3, MaxRestarts: 1 }, law: ["LeaderCompleteness", "LeaderHasCommitted"] },
  { what: "what must wait for the disk is said at once", file: "Raft", from: "/\\ UNCHANGED <<messages, durable>>\n\n(* Nothing changed on disk", to: "/\\ UNCHANGED durable /\\ Send(ms)\n\n(* Nothing changed on disk", seed: "TwoCandidates", bounds: { ...small, MaxRestarts: 1 }, law: ["ElectionSafety", "OneLeaderPerTerm"] },
  { what: "the term of the entry before is not compared", file: "Raft", from: "\\/ TermAt(log[i], m.prevLogIndex) # m.prevLogTerm", to: "", seed: "Diverged", bounds: { ...small, MaxTerm: 3, MaxLog: 3, MaxMessages: 2 }, law: ["LogMatching", "MatchIsTrue"] },
  { what: "what conflicts stays in the log", file: "Raft", from: "(IF from > Len(@) THEN @ ELSE SubSeq(@, 1, from - 1)) \\o fresh", to: "@ \\o fresh", seed: "Diverged", bounds: { ...small, MaxTerm: 3, MaxLog: 3, MaxMessages: 3 }, law: ["LogMatching", "MatchIsTrue"] },
  { what: "an append of an older term is taken", file: "Raft", from: "IF m.term < currentTerm[i]\n       THEN /\\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes,\n                           matchIndex", to: "IF FALSE\n       THEN /\\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes,\n                           matchIndex", seed: "AfterCommit", bounds: { ...small, MaxTerm: 3, MaxMessages: 4 }, law: ["StepsAreSound", "DurableTermNeverFalls"] },
  { what: "a configuration does not take effect when appended", file: "Raft", from: "configurationIndex' = [configurationIndex EXCEPT ![i] = Len(log[i]) + 1]", to: "configurationIndex' = configurationIndex", seed: "AllHaveIt", bounds: { ...small, MaxLog: 3, MaxMessages: 2 }, law: "ConfigurationIsLatest" },
  { what: "a second change begins before the first is committed", file: "Raft", from: "/\\ configurationIndex[i] <= commitIndex[i] /\\ Outgoing(i) = {}\n    /\\ TermAt(log[i], commitIndex[i]) = currentTerm[i]", to: "/\\ TermAt(log[i], commitIndex[i]) = currentTerm[i]", seed: "AllHaveIt", bounds: { ...small, MaxTerm: 3, MaxLog: 4, MaxMessages: 3, MaxPending: 2 }, constraint: "OnlyRemovals", law: ["LeaderCompleteness", "LeaderHasCommitted"] },
  { what: "the rule of 2015 is dropped", file: "Raft", from: "/\\ TermAt(log[i], commitIndex[i]) = currentTerm[i]\n    /\\ IsOneChange", to: "/\\ IsOneChange", seed: "TwoChanges", voters: "{a, b, c, d}", bounds: { ...small, MaxTerm: 4, MaxLog: 3, MaxMessages: 6, MaxPending: 1 }, constraint: "OnlyTheseTwo", law: ["LeaderCompleteness", "LeaderHasCommitted"] },
  ...jointMistakes(),
];

/** Old voters a, b and c, all of one term, and learners that have caught up. */
function jointMistakes(): readonly Mistake[] {
  const seeded = { file: "Raft", joint: true, seed: "AllHaveIt", voters: "{a, b, c}", servers: "{a, b, c, d}", law: ["LeaderCompleteness", "LeaderHasCommitted"] } as const;
  const bounds = { MaxTerm: 3, MaxLog: 4, MaxMessages: 3, MaxPending: 2, MaxRestarts: 0 };
  const guard = "/\\ configurationIndex[i] <= commitIndex[i]";
  return [
    { ...seeded, what: "a joint configuration asks the new voters only", from: "    /\\ Outgoing(i) # {} => IsMajority(Q, Outgoing(i))\n", to: "", bounds, constraint: "JointAtNew" },
    { ...seeded, what: "a joint configuration asks the old voters only", from: "/\\ IsMajority(Q, Voters(i))\n", to: "/\\ Outgoing(i) = {} => IsMajority(Q, Voters(i))\n", bounds, constraint: "JointAtBoth" },
    { ...seeded, what: "the final configuration is appended before the joint one is committed", from: `${guard}\n    /\\ TermAt(log[i], commitIndex[i]) = currentTerm[i]\n    /\\ AppendConfiguration(i, Voters(i), Learners(i), {})`, to: "/\\ AppendConfiguration(i, Voters(i), Learners(i), {})", bounds, constraint: "JointAtNew" },
    { ...seeded, what: "a second joint change begins while one is pending", servers: "{a, b, c, d, e}", from: `EnterJoint(i, voters, learners) ==\n    /\\ role[i] = Leader\n    ${guard} /\\ Outgoing(i) = {}\n`, to: "EnterJoint(i, voters, learners) ==\n    /\\ role[i] = Leader\n", bounds: { ...bounds, MaxMessages: 2 }, constraint: "JointAtLearners" },
  ];
}

const clusterMistakes: readonly (Planted & { readonly what: string; readonly law: readonly string[] })[] = [
  { what: "a node starts what another one owns", file: "Cluster", from: "vms[i][vm].owner = i /\\ ", to: "", law: ["AtMostOneOwnerRunning", "OnlyOwnersRun"] },
  { what: "nodes need not agree on what an entry did", file: "Cluster", from: "/\\ \\A k \\in vmAt : Agrees(outcomes, k, TellAt(changes, k))", to: "", law: ["VmsAgree"] },
  { what: "a guest is up without a process", file: "Cluster", from: "VmReady(i, vm, uuid, generation) ==\n    /\\ Process(i, uuid) \\in running \\ doubtful", to: "VmReady(i, vm, uuid, generation) ==\n    /\\ TRUE", law: ["ReadyOnesRun"] },
  { what: "a process that ended stays in doubt", file: "Cluster", from: "guest.server # i}\n    /\\ doubtful' = doubtful \\ {Process(i, uuid)}", to: "guest.server # i}\n    /\\ doubtful' = doubtful", law: ["DoubtfulOnesWereLaunched"] },
  { what: "a report changes a record without being applied", file: "Cluster", from: "    /\\ UNCHANGED <<standing, applied, vms, outcomes, digests, configurations, leaseVars>>", to: "    /\\ vms' = [vms EXCEPT ![i][vm].observed = observed]\n    /\\ UNCHANGED <<standing, applied, outcomes, digests, configurations, leaseVars>>", law: ["RecordsChangeByApplying", "VmTypeOK", "VmsAgree"] },
];

function nameOf({ violation, distinct }: ReturnType<typeof exploreRaft>): string {
  if (violation === undefined) return `nothing in ${distinct} states`;
  return violation.kind === "error" ? violation.error.message : violation.kind === "deadlock" ? "deadlock" : violation.name;
}

test.each(clusterMistakes)("$what", ({ law, ...mistake }) => {
  expect(law).toContain(nameOf(exploreCluster(mistake)));
}, 300_000);

test.each(mistakes)("$what", ({ law, ...mistake }) => {
  expect([law].flat()).toContain(nameOf(exploreRaft(mistake, mistake)));
}, 300_000);

test.each([...new Map(mistakes.map((mistake) => [JSON.stringify([mistake.seed, mistake.voters, mistake.bounds]), mistake])).values()])("without a mistake: as for $what", (mistake) => {
  const { violation } = exploreRaft({ ...mistake, maxStates: 4000 });
  expect(violation).toBeUndefined();
}, 300_000);
