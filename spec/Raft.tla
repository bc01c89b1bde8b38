-------------------------------- MODULE Raft --------------------------------
(***************************************************************************)
(* Consensus as blixard runs it: Raft with pre-vote, membership by         *)
(* configuration entries that carry the full sets, one member at a time or *)
(* several by a joint configuration, learners, leadership transfer,        *)
(* snapshots, and a disk that is written asynchronously.                   *)
(*                                                                         *)
(* Every action has the name that the code and the trace give it.          *)
(*                                                                         *)
(* The network is the set of messages ever sent: a message may be          *)
(* received late, twice, or never, so that loss, delay, duplication and    *)
(* reordering need no actions of their own.                                *)
(*                                                                         *)
(* The disk: a step that changes term, vote or log puts the new state at   *)
(* the end of `pending`; `Persist` makes the front of it durable.  What    *)
(* must not be said before it is durable waits in the pending write and    *)
(* is sent by `Persist`.  `Restart` finds the durable state, or any        *)
(* pending one that reached the disk just before the crash.                *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Server,       \* all nodes that ever take part
    Nil,          \* no node
    PromoteLag    \* a learner may be promoted when it lacks at most this many entries

VARIABLES
    messages,            \* every message ever sent, but for those below Remembered
    currentTerm, votedFor, role, log, commitIndex,
    configurationIndex,  \* index of the latest configuration entry in log[i]; 0 if there is none
    votes,               \* votes, or pre-votes, granted to i in its present campaign
    matchIndex,          \* matchIndex[i][j]: what leader i knows to be durable at j
    durable, pending,
    committedLog,        \* history: every entry ever committed by a leader
    leaders              \* history: who won which term

networkVars == <<messages>>
diskVars    == <<durable, pending>>
historyVars == <<committedLog, leaders>>
raftVars    == <<messages, currentTerm, votedFor, role, log, commitIndex, configurationIndex,
                 votes, matchIndex, durable, pending, committedLog, leaders>>

Follower     == "Follower"
PreCandidate == "PreCandidate"
Candidate    == "Candidate"
Leader       == "Leader"

-----------------------------------------------------------------------------
Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a > b THEN a ELSE b
MaxOf(S)  == CHOOSE x \in S : \A y \in S : y <= x
MinOf(S)  == CHOOSE x \in S : \A y \in S : x <= y

TermAt(l, k) == IF k = 0 THEN 0 ELSE l[k].term
LastTerm(l)  == TermAt(l, Len(l))

(* The paper, 5.4.1: is a log that ends so at least as up to date as l?    *)
UpToDate(lastLogIndex, lastLogTerm, l) ==
    \/ lastLogTerm > LastTerm(l)
    \/ lastLogTerm = LastTerm(l) /\ lastLogIndex >= Len(l)

(* The latest configuration in the log is in force, committed or not       *)
(* (Ongaro's dissertation, 4.1).  A joint one has the voters before the    *)
(* change, too (`outgoing`; in all others that is empty).                  *)
Configuration(term, voters, learners, outgoing) ==
    [term |-> term, kind |-> "configuration", voters |-> voters, learners |-> learners, outgoing |-> outgoing]

Voters(i)     == IF configurationIndex[i] = 0 THEN {} ELSE log[i][configurationIndex[i]].voters
Learners(i)   == IF configurationIndex[i] = 0 THEN {} ELSE log[i][configurationIndex[i]].learners
Outgoing(i)   == IF configurationIndex[i] = 0 THEN {} ELSE log[i][configurationIndex[i]].outgoing
Electorate(i) == Voters(i) \cup Outgoing(i)
Members(i)    == Electorate(i) \cup Learners(i)

IsMajority(Q, voters) == 2 * Cardinality(Q \cap voters) > Cardinality(voters)

(* Q decides at i: in a joint configuration only if it holds a majority of *)
(* each set (the paper, section 6; dissertation, 4.3).                     *)
IsQuorum(Q, i) ==
    /\ IsMajority(Q, Voters(i))
    /\ Outgoing(i) # {} => IsMajority(Q, Outgoing(i))

LatestConfigurationIndex(l) ==
    LET indices == {k \in 1..Len(l) : l[k].kind = "configuration"}
    IN  IF indices = {} THEN 0 ELSE MaxOf(indices)

(* The same, when only entries from index `from` on are new in l.          *)
ConfigurationIndexAfter(i, l, from) ==
    LET fresh == {k \in from..Len(l) : l[k].kind = "configuration"}
    IN  IF fresh # {} THEN MaxOf(fresh)
        ELSE IF configurationIndex[i] < from THEN configurationIndex[i]
        ELSE LatestConfigurationIndex(l)

-----------------------------------------------------------------------------
(* Network and disk.                                                       *)

Send(ms) == messages' = messages \cup ms

(* A network that never forgets would hold as much as a trace is long.      *)
(* Replication far below what is committed is forgotten, and whoever says  *)
(* that it received such a message is believed: m asks for nothing but     *)
(* what is committed, by a leader of its term, or acknowledges no more     *)
(* than that, so that it can bring about nothing new.                      *)
Remembered == 1024   \* so many entries below the last committed one

IsForgotten(m, committed) ==
    LET horizon == Len(committed) - Remembered
    IN  \/ /\ m.type = "AppendEntriesRequest"
           /\ m.prevLogIndex + Len(m.entries) <= horizon
           /\ m.leaderCommit <= Len(committed)
           /\ [term |-> m.term, server |-> m.from] \in leaders
           /\ m.prevLogTerm = TermAt(committed, m.prevLogIndex)
           /\ m.entries = SubSeq(committed, m.prevLogIndex + 1, m.prevLogIndex + Len(m.entries))
        \/ /\ m.type = "AppendEntriesResponse"
           /\ m.matchIndex <= horizon
           /\ m.term <= durable[m.from].term

WasSent(m) == m \in messages \/ IsForgotten(m, committedLog)

(* Now and then, so that it costs the same however long a trace is.        *)
Sweep(before, after) ==
    messages' = IF Len(after) \div Remembered = Len(before) \div Remembered THEN messages
                ELSE {m \in messages : ~IsForgotten(m, after)}

NoWrite(term, vote, l) == [term |-> term, votedFor |-> vote, log |-> l]

(* Term, vote or log changed: they go to disk, and ms waits for that.      *)
Write(i, ms) ==
    /\ pending' = [pending EXCEPT ![i] = Append(@, [term     |-> currentTerm'[i],
                                                    votedFor |-> votedFor'[i],
                                                    log      |-> log'[i],
                                                    waiting  |-> ms])]
    /\ UNCHANGED <<messages, durable>>

(* Nothing changed on disk; ms may leave when all that was decided before  *)
(* is durable.                                                             *)
Release(i, ms) ==
    /\ UNCHANGED durable
    /\ IF pending[i] = <<>>
       THEN Send(ms) /\ UNCHANGED pending
       ELSE /\ pending' = [pending EXCEPT ![i][Len(pending[i])].waiting = @ \cup ms]
            /\ UNCHANGED messages

Settle(i, changed, ms) == IF changed THEN Write(i, ms) ELSE Release(i, ms)

Persist(i, count) ==
    /\ count \in 1..Len(pending[i])
    /\ LET done == pending[i][count]
       IN  durable' = [durable EXCEPT ![i] = NoWrite(done.term, done.votedFor, done.log)]
    /\ Send(UNION {pending[i][k].waiting : k \in 1..count})
    /\ pending' = [pending EXCEPT ![i] = SubSeq(@, count + 1, Len(@))]
    /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex,
                   votes, matchIndex, committedLog, leaders>>

-----------------------------------------------------------------------------
(* Start and restart.                                                      *)

RaftInit ==
    /\ messages           = {}
    /\ currentTerm        = [i \in Server |-> 0]
    /\ votedFor           = [i \in Server |-> Nil]
    /\ role               = [i \in Server |-> Follower]
    /\ log                = [i \in Server |-> <<>>]
    /\ commitIndex        = [i \in Server |-> 0]
    /\ configurationIndex = [i \in Server |-> 0]
    /\ votes              = [i \in Server |-> {}]
    /\ matchIndex         = [i \in Server |-> [j \in Server |-> 0]]
    /\ durable            = [i \in Server |-> NoWrite(0, Nil, <<>>)]
    /\ pending            = [i \in Server |-> <<>>]
    /\ committedLog       = <<>>
    /\ leaders            = {}

(* What may be found on i's disk after a crash at this instant.            *)
OnDisk(i) == {durable[i]} \cup
             {NoWrite(pending[i][k].term, pending[i][k].votedFor, pending[i][k].log) : k \in 1..Len(pending[i])}

(* commit: how far the applied rows reach that were on disk.               *)
Restart(i, found, commit) ==
    /\ found \in OnDisk(i)
    /\ commit <= Min(commitIndex[i], Len(found.log))
    /\ currentTerm'        = [currentTerm EXCEPT ![i] = found.term]
    /\ votedFor'           = [votedFor EXCEPT ![i] = found.votedFor]
    /\ log'                = [log EXCEPT ![i] = found.log]
    /\ role'               = [role EXCEPT ![i] = Follower]
    /\ commitIndex'        = [commitIndex EXCEPT ![i] = commit]
    /\ configurationIndex' = [configurationIndex EXCEPT ![i] = LatestConfigurationIndex(found.log)]
    /\ votes'              = [votes EXCEPT ![i] = {}]
    /\ matchIndex'         = [matchIndex EXCEPT ![i] = [j \in Server |-> 0]]
    /\ durable'            = [durable EXCEPT ![i] = found]
    /\ pending'            = [pending EXCEPT ![i] = <<>>]
    /\ UNCHANGED <<messages, committedLog, leaders>>

(* The first configuration is an entry of the log like any other.          *)
Bootstrap(i) ==
    /\ \A j \in Server : log[j] = <<>> /\ currentTerm[j] = 0
    /\ currentTerm'        = [currentTerm EXCEPT ![i] = 1]
    /\ log'                = [log EXCEPT ![i] = <<Configuration(1, {i}, {}, {})>>]
    /\ configurationIndex' = [configurationIndex EXCEPT ![i] = 1]
    /\ UNCHANGED <<votedFor, role, commitIndex, votes, matchIndex, committedLog, leaders>>
    /\ Write(i, {})

(* The quorum is lost for good, and an operator founds the cluster anew on *)
(* what is left at i.  That is the first step of a run of its own: nobody  *)
(* else has anything, and members of the former run take no part.  Of the  *)
(* n - 1 entries that i keeps only the term of the last is known; entry n  *)
(* is the configuration that has i alone.                                  *)
Recover(i, n, term, formerTerm) ==
    /\ \A j \in Server : log[j] = <<>> /\ currentTerm[j] = 0
    /\ committedLog = <<>> /\ messages = {}
    /\ n > 1 /\ formerTerm < term
    /\ LET kept == [k \in 1..(n - 1) |-> [term |-> formerTerm, kind |-> "command"]]
           all  == Append(kept, Configuration(term, {i}, {}, {}))
       IN  /\ log'          = [log EXCEPT ![i] = all]
           /\ durable'      = [durable EXCEPT ![i] = NoWrite(term, Nil, all)]
           /\ committedLog' = all
    /\ currentTerm'        = [currentTerm EXCEPT ![i] = term]
    /\ commitIndex'        = [commitIndex EXCEPT ![i] = n]
    /\ configurationIndex' = [configurationIndex EXCEPT ![i] = n]
    /\ UNCHANGED <<messages, votedFor, role, votes, matchIndex, pending, leaders>>

-----------------------------------------------------------------------------
(* Elections.                                                              *)

(* i follows in `term`; its vote is free again only if the term is new.    *)
Follow(i, term) ==
    /\ currentTerm' = [currentTerm EXCEPT ![i] = term]
    /\ votedFor'    = [votedFor EXCEPT ![i] = IF term > currentTerm[i] THEN Nil ELSE @]
    /\ role'        = [role EXCEPT ![i] = Follower]
    /\ votes'       = [votes EXCEPT ![i] = {}]

VoteRequest(type, i, j, term, transfer) ==
    [type |-> type, from |-> i, to |-> j, term |-> term,
     lastLogIndex |-> Len(log[i]), lastLogTerm |-> LastTerm(log[i]), transfer |-> transfer]

Response(type, i, j, term, granted) ==
    [type |-> type, from |-> i, to |-> j, term |-> term, voteGranted |-> granted]

(* A voter may campaign, and so may a former one as long as the change     *)
(* that removed it is not committed, since it may hold what others lack    *)
(* (4.2.2).  Its own vote does not count then.                             *)
MayCampaign(i) ==
    \/ i \in Electorate(i)
    \/ /\ configurationIndex[i] > commitIndex[i]
       /\ LET k == LatestConfigurationIndex(SubSeq(log[i], 1, commitIndex[i]))
          IN  k > 0 /\ i \in log[i][k].voters \cup log[i][k].outgoing

BecomePreCandidate(i) ==
    /\ role[i] # Leader
    /\ MayCampaign(i)
    /\ role'  = [role EXCEPT ![i] = PreCandidate]
    /\ votes' = [votes EXCEPT ![i] = {i}]
    /\ Send({VoteRequest("PreVoteRequest", i, j, currentTerm[i] + 1, FALSE) : j \in Electorate(i) \ {i}})
    /\ UNCHANGED <<currentTerm, votedFor, log, commitIndex, configurationIndex, matchIndex,
                   durable, pending, committedLog, leaders>>

(* Changes nothing at i. A node that hears a leader refuses, which is a    *)
(* matter of time and hence free here.                                     *)
HandlePreVoteRequest(i, m, granted) ==
    /\ m \in messages /\ m.type = "PreVoteRequest" /\ m.to = i
    /\ granted => m.term > currentTerm[i] /\ UpToDate(m.lastLogIndex, m.lastLogTerm, log[i])
    /\ Send({Response("PreVoteResponse", i, m.from, IF granted THEN m.term ELSE currentTerm[i], granted)})
    /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes, matchIndex,
                   durable, pending, committedLog, leaders>>

HandlePreVoteResponse(i, m) ==
    /\ m \in messages /\ m.type = "PreVoteResponse" /\ m.to = i
    /\ \/ /\ ~m.voteGranted /\ m.term > currentTerm[i]
          /\ Follow(i, m.term)
          /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
          /\ Write(i, {})
       \/ /\ m.voteGranted /\ role[i] = PreCandidate /\ m.term = currentTerm[i] + 1
          /\ votes' = [votes EXCEPT ![i] = @ \cup {m.from}]
          /\ UNCHANGED <<messages, currentTerm, votedFor, role, log, commitIndex, configurationIndex,
                         matchIndex, durable, pending, committedLog, leaders>>

(* The requests of an election wait until term and own vote are durable.   *)
BecomeCandidate(i, transfer) ==
    /\ MayCampaign(i)
    /\ currentTerm' = [currentTerm EXCEPT ![i] = @ + 1]
    /\ votedFor'    = [votedFor EXCEPT ![i] = i]
    /\ role'        = [role EXCEPT ![i] = Candidate]
    /\ votes'       = [votes EXCEPT ![i] = {}]
    /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
    /\ Write(i, {VoteRequest("RequestVoteRequest", i, j, currentTerm[i] + 1, transfer) : j \in Electorate(i) \ {i}})

Timeout(i) ==
    /\ role[i] = PreCandidate
    /\ IsQuorum(votes[i], i)
    /\ BecomeCandidate(i, FALSE)

HandleRequestVoteRequest(i, m) ==
    /\ m \in messages /\ m.type = "RequestVoteRequest" /\ m.to = i
    /\ LET newer   == m.term > currentTerm[i]
           free    == newer \/ votedFor[i] \in {Nil, m.from}
           granted == m.term >= currentTerm[i] /\ free /\ UpToDate(m.lastLogIndex, m.lastLogTerm, log[i])
           vote    == IF granted THEN m.from ELSE IF newer THEN Nil ELSE votedFor[i]
           term    == Max(m.term, currentTerm[i])
       IN  /\ currentTerm' = [currentTerm EXCEPT ![i] = term]
           /\ votedFor'    = [votedFor EXCEPT ![i] = vote]
           /\ role'        = [role EXCEPT ![i] = IF newer THEN Follower ELSE @]
           /\ votes'       = [votes EXCEPT ![i] = IF newer THEN {} ELSE @]
           /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
           /\ Settle(i, newer \/ vote # votedFor[i],
                     {Response("RequestVoteResponse", i, m.from, term, granted)})

HandleRequestVoteResponse(i, m) ==
    /\ m \in messages /\ m.type = "RequestVoteResponse" /\ m.to = i
    /\ \/ /\ m.term > currentTerm[i]
          /\ Follow(i, m.term)
          /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
          /\ Write(i, {})
       \/ /\ m.voteGranted /\ role[i] = Candidate /\ m.term = currentTerm[i]
          /\ votes' = [votes EXCEPT ![i] = @ \cup {m.from}]
          /\ UNCHANGED <<messages, currentTerm, votedFor, role, log, commitIndex, configurationIndex,
                         matchIndex, durable, pending, committedLog, leaders>>

(* The own vote counts once it is durable.                                 *)
OwnVote(i) == IF durable[i].term = currentTerm[i] /\ durable[i].votedFor = i THEN {i} ELSE {}

BecomeLeader(i) ==
    /\ role[i] = Candidate
    /\ IsQuorum(votes[i] \cup OwnVote(i), i)
    /\ role'       = [role EXCEPT ![i] = Leader]
    /\ votes'      = [votes EXCEPT ![i] = {}]
    /\ matchIndex' = [matchIndex EXCEPT ![i] = [j \in Server |-> 0]]
    /\ log'        = [log EXCEPT ![i] = Append(@, [term |-> currentTerm[i], kind |-> "noop"])]
    /\ leaders'    = leaders \cup {[term |-> currentTerm[i], server |-> i]}
    /\ UNCHANGED <<currentTerm, votedFor, commitIndex, configurationIndex, committedLog>>
    /\ Write(i, {})

(* A leader that hears no quorum, or was removed, stops leading.           *)
StepDown(i) ==
    /\ role[i] = Leader
    /\ role'  = [role EXCEPT ![i] = Follower]
    /\ votes' = [votes EXCEPT ![i] = {}]
    /\ UNCHANGED <<messages, currentTerm, votedFor, log, commitIndex, configurationIndex, matchIndex,
                   durable, pending, committedLog, leaders>>

TransferLeadership(i, j) ==
    /\ role[i] = Leader
    /\ j \in Voters(i) \ {i}
    /\ matchIndex[i][j] = Len(log[i])
    /\ Send({[type |-> "TimeoutNowRequest", from |-> i, to |-> j, term |-> currentTerm[i]]})
    /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes, matchIndex,
                   durable, pending, committedLog, leaders>>

HandleTimeoutNowRequest(i, m) ==
    /\ m \in messages /\ m.type = "TimeoutNowRequest" /\ m.to = i
    /\ m.term = currentTerm[i]
    /\ role[i] = Follower
    /\ BecomeCandidate(i, TRUE)

-----------------------------------------------------------------------------
(* Replication.                                                            *)

ClientRequest(i, entries) ==
    /\ role[i] = Leader
    /\ entries # <<>>
    /\ \A k \in 1..Len(entries) : entries[k].term = currentTerm[i] /\ entries[k].kind \in {"command", "vm"}
    /\ log' = [log EXCEPT ![i] = @ \o entries]
    /\ UNCHANGED <<currentTerm, votedFor, role, commitIndex, configurationIndex, votes, matchIndex,
                   committedLog, leaders>>
    /\ Write(i, {})

CaughtUp(i, j) == matchIndex[i][j] + PromoteLag >= Len(log[i])

(* Who is, or was, a member by any configuration in l.                      *)
EverMembers(l) ==
    UNION {l[k].voters \cup l[k].learners \cup l[k].outgoing : k \in {n \in 1..Len(l) : l[n].kind = "configuration"}}

(* One member differs (dissertation, 4.1), or none: then what is known of  *)
(* members changes, which is not modelled (who is preferred as leader).    *)
(* Nobody who left comes back: whatever it forgot could be asked of it.    *)
IsOneChange(i, voters, learners) ==
    \/ voters = Voters(i) /\ learners = Learners(i)
    \/ \E j \in Server \ EverMembers(log[i]) :
          voters = Voters(i) /\ learners = Learners(i) \cup {j}
    \/ \E j \in Learners(i) :
          /\ voters = Voters(i) \cup {j} /\ learners = Learners(i) \ {j}
          /\ CaughtUp(i, j)
    \/ \E j \in Members(i) :
          voters = Voters(i) \ {j} /\ learners = Learners(i) \ {j} /\ voters # {}

AppendConfiguration(i, voters, learners, outgoing) ==
    /\ log' = [log EXCEPT ![i] = Append(@, Configuration(currentTerm[i], voters, learners, outgoing))]
    /\ configurationIndex' = [configurationIndex EXCEPT ![i] = Len(log[i]) + 1]
    /\ UNCHANGED <<currentTerm, votedFor, role, commitIndex, votes, matchIndex, committedLog, leaders>>
    /\ Write(i, {})

(* One change at a time, and a new leader first commits in its own term:   *)
(* the rule of 2015.                                                       *)
ChangeConfiguration(i, voters, learners) ==
    /\ role[i] = Leader
    /\ configurationIndex[i] <= commitIndex[i] /\ Outgoing(i) = {}
    /\ TermAt(log[i], commitIndex[i]) = currentTerm[i]
    /\ IsOneChange(i, voters, learners)
    /\ AppendConfiguration(i, voters, learners, {})

(* Several members change at once: in between, both sets of voters decide. *)
EnterJoint(i, voters, learners) ==
    /\ role[i] = Leader
    /\ configurationIndex[i] <= commitIndex[i] /\ Outgoing(i) = {}
    /\ TermAt(log[i], commitIndex[i]) = currentTerm[i]
    /\ voters # {}
    /\ learners \subseteq Learners(i) \ voters
    /\ \A j \in voters \ Voters(i) : j \in Learners(i) /\ CaughtUp(i, j)
    /\ AppendConfiguration(i, voters, learners, Voters(i))

(* The leader, the one that began or a later one, completes the change     *)
(* when its joint configuration is committed.                              *)
LeaveJoint(i) ==
    /\ role[i] = Leader
    /\ Outgoing(i) # {}
    /\ configurationIndex[i] <= commitIndex[i]
    /\ TermAt(log[i], commitIndex[i]) = currentTerm[i]
    /\ AppendConfiguration(i, Voters(i), Learners(i), {})

AppendEntriesMessage(i, j, prev, entries, commit) ==
    [type |-> "AppendEntriesRequest", from |-> i, to |-> j, term |-> currentTerm[i],
     prevLogIndex |-> prev, prevLogTerm |-> TermAt(log[i], prev), entries |-> entries, leaderCommit |-> commit]

(* The leader sends in parallel with its own write.                        *)
AppendEntries(i, j, prev, count) ==
    /\ role[i] = Leader
    /\ j \in Members(i) \ {i}
    /\ prev + count <= Len(log[i])
    /\ Send({AppendEntriesMessage(i, j, prev, SubSeq(log[i], prev + 1, prev + count), commitIndex[i])})
    /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes, matchIndex,
                   durable, pending, committedLog, leaders>>

AppendEntriesReply(i, j, term, success, match) ==
    [type |-> "AppendEntriesResponse", from |-> i, to |-> j, term |-> term,
     success |-> success, matchIndex |-> match]

(* The first of the message's entries that l does not have: by position    *)
(* in the message, one past its end if l has them all.                     *)
FirstFresh(l, prev, entries) ==
    LET overlap   == Min(Len(l) - prev, Len(entries))
        conflicts == {k \in 1..overlap : l[prev + k].term # entries[k].term}
    IN  IF conflicts = {} THEN overlap + 1 ELSE MinOf(conflicts)

(* hint: where the leader should try next; any smaller index will do.      *)
HandleAppendEntriesRequest(i, m, hint) ==
    /\ m.type = "AppendEntriesRequest" /\ m.to = i /\ WasSent(m)
    /\ IF m.term < currentTerm[i]
       THEN /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes,
                           matchIndex, committedLog, leaders>>
            /\ Release(i, {AppendEntriesReply(i, m.from, currentTerm[i], FALSE, 0)})
       ELSE /\ role[i] = Leader => m.term > currentTerm[i]
            /\ Follow(i, m.term)
            /\ UNCHANGED <<matchIndex, committedLog, leaders>>
            /\ IF m.prevLogIndex > Len(log[i]) \/ TermAt(log[i], m.prevLogIndex) # m.prevLogTerm
               THEN /\ hint < m.prevLogIndex
                    /\ UNCHANGED <<log, commitIndex, configurationIndex>>
                    /\ Settle(i, m.term > currentTerm[i],
                              {AppendEntriesReply(i, m.from, m.term, FALSE, hint)})
               ELSE LET n     == Len(m.entries)
                        first == FirstFresh(log[i], m.prevLogIndex, m.entries)
                        fresh == SubSeq(m.entries, first, n)
                        from  == m.prevLogIndex + first
                        match == m.prevLogIndex + n
                    IN  /\ IF fresh = <<>>
                           THEN UNCHANGED <<log, configurationIndex>>
                           ELSE /\ from > commitIndex[i]
                                /\ log' = [log EXCEPT ![i] =
                                            (IF from > Len(@) THEN @ ELSE SubSeq(@, 1, from - 1)) \o fresh]
                                /\ configurationIndex' = [configurationIndex EXCEPT
                                            ![i] = ConfigurationIndexAfter(i, log'[i], from)]
                        /\ commitIndex' = [commitIndex EXCEPT ![i] = Max(@, Min(m.leaderCommit, match))]
                        /\ Settle(i, fresh # <<>> \/ m.term > currentTerm[i],
                                  {AppendEntriesReply(i, m.from, m.term, TRUE, match)})

HandleAppendEntriesResponse(i, m) ==
    /\ m.type = "AppendEntriesResponse" /\ m.to = i /\ WasSent(m)
    /\ \/ /\ m.term > currentTerm[i]
          /\ Follow(i, m.term)
          /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
          /\ Write(i, {})
       \/ /\ m.term = currentTerm[i] /\ role[i] = Leader
          /\ matchIndex' = IF m.success
                           THEN [matchIndex EXCEPT ![i][m.from] = Max(@, m.matchIndex)]
                           ELSE matchIndex
          /\ UNCHANGED <<messages, currentTerm, votedFor, role, log, commitIndex, configurationIndex,
                         votes, durable, pending, committedLog, leaders>>

(* The leader's own log counts as far as it is durable.                    *)
OwnMatch(i) == IF durable[i].term = currentTerm[i] THEN Len(durable[i].log) ELSE 0

Holders(i, n) == {j \in Electorate(i) : (IF j = i THEN OwnMatch(i) ELSE matchIndex[i][j]) >= n}

(* Only an entry of the own term is committed by counting (5.4.2).         *)
AdvanceCommitIndex(i, n) ==
    /\ role[i] = Leader
    /\ n \in (commitIndex[i] + 1)..Len(log[i])
    /\ log[i][n].term = currentTerm[i]
    /\ IsQuorum(Holders(i, n), i)
    /\ commitIndex'  = [commitIndex EXCEPT ![i] = n]
    /\ committedLog' = IF n <= Len(committedLog) THEN committedLog
                       ELSE committedLog \o SubSeq(log[i], Len(committedLog) + 1, n)
    /\ Sweep(committedLog, committedLog')
    /\ UNCHANGED <<currentTerm, votedFor, role, log, configurationIndex, votes, matchIndex,
                   durable, pending, leaders>>

-----------------------------------------------------------------------------
(* Snapshots: the leader says that it cannot send what j lacks; j fetches  *)
(* the state at some committed index and continues from there.  To every   *)
(* offer j answers how far its log is committed, for up to there it is the *)
(* leader's.                                                               *)

OfferSnapshot(i, j) ==
    /\ role[i] = Leader
    /\ j \in Members(i) \ {i}
    /\ Send({[type |-> "InstallSnapshotRequest", from |-> i, to |-> j, term |-> currentTerm[i]]})
    /\ UNCHANGED <<currentTerm, votedFor, role, log, commitIndex, configurationIndex, votes, matchIndex,
                   durable, pending, committedLog, leaders>>

HandleInstallSnapshotRequest(i, m) ==
    /\ m \in messages /\ m.type = "InstallSnapshotRequest" /\ m.to = i
    /\ UNCHANGED <<log, commitIndex, configurationIndex, matchIndex, committedLog, leaders>>
    /\ IF m.term < currentTerm[i]
       THEN /\ UNCHANGED <<currentTerm, votedFor, role, votes>>
            /\ Release(i, {AppendEntriesReply(i, m.from, currentTerm[i], FALSE, 0)})
       ELSE /\ role[i] = Leader => m.term > currentTerm[i]
            /\ Follow(i, m.term)
            /\ Settle(i, m.term > currentTerm[i],
                      {AppendEntriesReply(i, m.from, m.term, TRUE, commitIndex[i])})

(* A log that has the snapshot's last entry keeps what follows it, since   *)
(* that may have been acknowledged; i only learns that so much is          *)
(* committed.                                                              *)
InstallSnapshot(i, n, leader) ==
    /\ role[i] = Follower
    /\ n \in (commitIndex[i] + 1)..Len(committedLog)
    /\ commitIndex' = [commitIndex EXCEPT ![i] = n]
    /\ UNCHANGED <<currentTerm, votedFor, role, votes, matchIndex, committedLog, leaders>>
    /\ LET reply  == AppendEntriesReply(i, leader, currentTerm[i], TRUE, n)
           prefix == SubSeq(committedLog, 1, n)
       IN  IF n <= Len(log[i]) /\ TermAt(log[i], n) = TermAt(committedLog, n)
           THEN /\ UNCHANGED <<log, configurationIndex>>
                /\ Release(i, {reply})
           ELSE /\ log'                = [log EXCEPT ![i] = prefix]
                /\ configurationIndex' = [configurationIndex EXCEPT ![i] = LatestConfigurationIndex(prefix)]
                /\ Write(i, {reply})

(* i learns that the committed configuration at index n has it no more.    *)
Removed(i, n) ==
    /\ n \in 1..Len(committedLog)
    /\ committedLog[n].kind = "configuration"
    /\ i \notin committedLog[n].voters \cup committedLog[n].outgoing \cup committedLog[n].learners
    /\ UNCHANGED raftVars

-----------------------------------------------------------------------------
(* What must hold.  The forms here cost the same in every state, however   *)
(* long the logs are; MCRaft has the full ones and checks that they agree. *)

(* Election safety (the paper's figure 3).                                 *)
OneLeaderPerTerm == \A a, b \in leaders : a.term = b.term => a.server = b.server

(* State machine safety: what i holds to be committed is what was.         *)
CommittedAgrees ==
    \A i \in Server :
        /\ commitIndex[i] <= Len(log[i])
        /\ commitIndex[i] <= Len(committedLog)
        /\ TermAt(log[i], commitIndex[i]) = TermAt(committedLog, commitIndex[i])

(* Leader completeness, for the leader of the highest term.                *)
LeaderHasCommitted ==
    \A i \in Server :
        role[i] = Leader /\ (\A j \in Server : currentTerm[j] <= currentTerm[i])
            => /\ Len(log[i]) >= Len(committedLog)
               /\ TermAt(log[i], Len(committedLog)) = LastTerm(committedLog)

(* The configuration in force is one of the log's own.                     *)
ConfigurationInLog ==
    \A i \in Server :
        configurationIndex[i] # 0 =>
            /\ configurationIndex[i] <= Len(log[i])
            /\ log[i][configurationIndex[i]].kind = "configuration"

(* Over two states: terms never fall but by a restart that had not made    *)
(* the newer one durable; a leader's log only grows; a vote stays.         *)
LeaderAppendOnly ==
    \A i \in Server :
        role[i] = Leader /\ role'[i] = Leader /\ currentTerm'[i] = currentTerm[i]
            => Len(log'[i]) >= Len(log[i])

DurableVoteIsKept ==
    \A i \in Server :
        durable'[i].term = durable[i].term /\ durable[i].votedFor # Nil
            => durable'[i].votedFor = durable[i].votedFor

DurableTermNeverFalls == \A i \in Server : durable'[i].term >= durable[i].term

CommittedOnlyGrows == Len(committedLog') >= Len(committedLog)
=============================================================================
