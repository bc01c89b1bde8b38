------------------------------- MODULE MCRaft -------------------------------
(***************************************************************************)
(* A small instance of Raft, to be explored completely: all states of a    *)
(* formed cluster within bounds on terms, logs and messages.  The          *)
(* invariants are the paper's own (figure 3), each over all pairs of       *)
(* nodes and entries; the cheap ones by which traces are judged must hold  *)
(* along with them.                                                        *)
(*                                                                         *)
(* Pre-vote is left out: it only says when a node may campaign, and here   *)
(* a node may campaign at any time, which allows more.                     *)
(***************************************************************************)
EXTENDS Raft, TLC

CONSTANTS
    FirstVoters,   \* who votes at the beginning; the other servers are learners
    MaxTerm, MaxLog, MaxMessages, MaxPending, MaxRestarts

VARIABLE restarts

mcVars == <<raftVars, restarts>>

FirstEntry == Configuration(1, FirstVoters, Server \ FirstVoters, {})

(* Formed: everybody holds the first configuration, committed.             *)
MCInit ==
    /\ messages           = {}
    /\ currentTerm        = [i \in Server |-> 1]
    /\ votedFor           = [i \in Server |-> Nil]
    /\ role               = [i \in Server |-> Follower]
    /\ log                = [i \in Server |-> <<FirstEntry>>]
    /\ commitIndex        = [i \in Server |-> 1]
    /\ configurationIndex = [i \in Server |-> 1]
    /\ votes              = [i \in Server |-> {}]
    /\ matchIndex         = [i \in Server |-> [j \in Server |-> 0]]
    /\ durable            = [i \in Server |-> NoWrite(1, Nil, <<FirstEntry>>)]
    /\ pending            = [i \in Server |-> <<>>]
    /\ committedLog       = <<FirstEntry>>
    /\ leaders            = {}
    /\ restarts           = 0

Campaign(i) ==
    /\ role[i] # Leader
    /\ currentTerm[i] < MaxTerm
    /\ BecomeCandidate(i, FALSE)

Propose(i) ==
    /\ role[i] = Leader /\ Len(log[i]) < MaxLog
    /\ ClientRequest(i, <<[term |-> currentTerm[i], kind |-> "command"]>>)

Change(i) ==
    /\ role[i] = Leader /\ Len(log[i]) < MaxLog
    /\ \E j \in Server :
          \/ j \in Learners(i) /\ ChangeConfiguration(i, Voters(i) \cup {j}, Learners(i) \ {j})
          \/ j \in Members(i) /\ ChangeConfiguration(i, Voters(i) \ {j}, Learners(i) \ {j})

(* All that j may lack, or the last of it alone.                           *)
Replicate(i) ==
    /\ role[i] = Leader
    /\ \E j \in Members(i) \ {i} : \E prev \in Max(1, matchIndex[i][j])..Len(log[i]) :
          AppendEntries(i, j, prev, Len(log[i]) - prev)

Receive(i, m) ==
    \/ HandleRequestVoteRequest(i, m)
    \/ HandleRequestVoteResponse(i, m)
    \/ m.type = "AppendEntriesRequest" /\ HandleAppendEntriesRequest(i, m, m.prevLogIndex - 1)
    \/ HandleAppendEntriesResponse(i, m)

Crash(i) ==
    /\ restarts < MaxRestarts
    /\ restarts' = restarts + 1
    /\ \E found \in OnDisk(i) : Restart(i, found, 1)

MCNext ==
    \/ \E i \in Server : Crash(i)
    \/ /\ UNCHANGED restarts
       /\ \/ \E i \in Server : Campaign(i)
          \/ \E i \in Server : \E count \in 1..Len(pending[i]) : Persist(i, count)
          \/ \E i \in Server : BecomeLeader(i)
          \/ \E i \in Server : Propose(i)
          \/ \E i \in Server : Change(i)
          \/ \E i \in Server : Replicate(i)
          \/ \E i \in Server : \E n \in 1..Len(log[i]) : AdvanceCommitIndex(i, n)
          \/ \E m \in messages : Receive(m.to, m)

(* What lies beyond is not explored.                                       *)
Bounded ==
    /\ Cardinality(messages) <= MaxMessages
    /\ \A i \in Server : Len(log[i]) <= MaxLog /\ Len(pending[i]) <= MaxPending

Symmetry == Permutations(FirstVoters)

-----------------------------------------------------------------------------
(* The paper's figure 3.                                                   *)

TypeOK ==
    /\ currentTerm \in [Server -> 0..MaxTerm]
    /\ votedFor \in [Server -> Server \cup {Nil}]
    /\ role \in [Server -> {Follower, Candidate, Leader}]
    /\ commitIndex \in [Server -> 0..MaxLog]
    /\ configurationIndex \in [Server -> 0..MaxLog]
    /\ votes \in [Server -> SUBSET Server]
    /\ matchIndex \in [Server -> [Server -> 0..MaxLog]]
    /\ \A m \in messages : m.from \in Server /\ m.to \in Server /\ m.term \in 1..MaxTerm

ElectionSafety ==
    \A i, j \in Server : role[i] = Leader /\ role[j] = Leader /\ currentTerm[i] = currentTerm[j] => i = j

LogMatching ==
    \A i, j \in Server : \A k \in 1..Min(Len(log[i]), Len(log[j])) :
        log[i][k].term = log[j][k].term => \A n \in 1..k : log[i][n] = log[j][n]

(* An entry that was committed is in the log of every leader of that term  *)
(* or a later one.                                                         *)
LeaderCompleteness ==
    \A i \in Server : role[i] = Leader =>
        \A k \in 1..Len(committedLog) :
            committedLog[k].term < currentTerm[i] => k <= Len(log[i]) /\ log[i][k] = committedLog[k]

StateMachineSafety ==
    \A i, j \in Server : \A k \in 1..Min(commitIndex[i], commitIndex[j]) : log[i][k] = log[j][k]

(* A quorum of those who voted when it was committed holds every committed *)
(* entry on disk; weaker and always true: somebody does.                   *)
CommittedIsDurable ==
    \A k \in 1..Len(committedLog) :
        \E i \in Server : Len(durable[i].log) >= k /\ durable[i].log[k] = committedLog[k]

ConfigurationIsLatest == \A i \in Server : configurationIndex[i] = LatestConfigurationIndex(log[i])

MatchIsTrue ==
    \A i, j \in Server : role[i] = Leader =>
        /\ matchIndex[i][j] <= Len(log[i])
        /\ \A k \in 1..matchIndex[i][j] : k <= Len(log[j]) /\ log[j][k] = log[i][k]

StepsAreSound == [][LeaderAppendOnly /\ DurableVoteIsKept /\ DurableTermNeverFalls /\ CommittedOnlyGrows]_mcVars
=============================================================================
