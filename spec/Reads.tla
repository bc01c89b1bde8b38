-------------------------------- MODULE Reads --------------------------------
(***************************************************************************)
(* Linearizable reads (Ongaro's dissertation, 6.4): a read shows all that  *)
(* was committed when it was asked.                                        *)
(*                                                                         *)
(* The leader notes its commit index and begins a round of heartbeats.     *)
(* Whoever still follows it acknowledges the round; a quorum of them shows *)
(* that nobody else led, and hence nothing else was committed, before the  *)
(* round began.  A follower asks the leader for an index that was          *)
(* confirmed so, and answers when it has applied as much.                  *)
(*                                                                         *)
(* Leases (6.4.1), where clocks are known to run at nearly the same rate:  *)
(* with its acknowledgement a follower promises to elect nobody else for a *)
(* while, and until then the leader answers without asking again.          *)
(*                                                                         *)
(* Rounds are messages like others; here is kept of them what matters: the *)
(* last one that each node began, and the last that each acknowledged.     *)
(***************************************************************************)
EXTENDS Raft

VARIABLES
    readRound,    \* readRound[i]: the last round that i began, and the index that it noted
    readAcks,     \* readAcks[i][j]: the last round of i that j acknowledged, and for how long j promised
    readSaid,     \* readSaid[j]: the last round that j acknowledged since it started
    readLease,    \* readLease[i]: the last round of i that a quorum confirmed
    readAsked,    \* readAsked[i]: what there was when i asked a leader for an index
    readGrants,   \* the indices that leaders gave out
    lastRead      \* history: lastRead[i]: the index at which i answered last, and what had to be in it

readVars == <<readRound, readAcks, readSaid, readLease, readAsked, readGrants, lastRead>>

NoRound == [term |-> 0, number |-> 0, index |-> 0, sentMs |-> 0, floor |-> 0, open |-> FALSE]
NoAck   == [term |-> 0, number |-> 0, promiseMs |-> 0]

ReadsInit ==
    /\ readRound  = [i \in Server |-> NoRound]
    /\ readAcks   = [i \in Server |-> [j \in Server |-> NoAck]]
    /\ readSaid   = [i \in Server |-> NoAck]
    /\ readLease  = [i \in Server |-> NoRound]
    /\ readAsked  = [i \in Server |-> [open |-> FALSE]]
    /\ readGrants = {}
    /\ lastRead   = [i \in Server |-> [index |-> 0, floor |-> 0]]

(* Rounds are counted anew in each term.                                   *)
IsLater(a, b) == a.term > b.term \/ (a.term = b.term /\ a.number > b.number)

HasOwnCommitted(i) == commitIndex[i] > 0 /\ log[i][commitIndex[i]].term = currentTerm[i]

(* A leader that has committed nothing of its own term does not know what  *)
(* is committed (the paper, section 8).  At most one round is under way in *)
(* a term, and its clock does not run backwards.                           *)
ReadIndex(i, number, sentMs) ==
    /\ role[i] = Leader
    /\ HasOwnCommitted(i)
    /\ readRound[i].term = currentTerm[i] => ~readRound[i].open /\ sentMs >= readRound[i].sentMs
    /\ number = (IF readRound[i].term = currentTerm[i] THEN readRound[i].number ELSE 0) + 1
    /\ readRound' = [readRound EXCEPT ![i] = [term |-> currentTerm[i], number |-> number, index |-> commitIndex[i],
                                              sentMs |-> sentMs, floor |-> Len(committedLog), open |-> TRUE]]
    /\ UNCHANGED <<readAcks, readSaid, readLease, readAsked, readGrants, lastRead>>

(* j follows the leader of its own term, and says so once for each round.  *)
(* How long it promises is a setting that it has from its start.           *)
AcknowledgeRound(j, i, term, number, promiseMs) ==
    LET told == [term |-> term, number |-> number, promiseMs |-> promiseMs]
    IN  /\ i # j
        /\ term = currentTerm[j]
        /\ role[j] # Leader
        /\ number > 0
        /\ ~IsLater(told, readRound[i])
        /\ [term |-> term, server |-> i] \in leaders
        /\ IsLater(told, readSaid[j])
        /\ readSaid[j] # NoAck => promiseMs = readSaid[j].promiseMs
        /\ readSaid' = [readSaid EXCEPT ![j] = told]
        /\ readAcks' = [readAcks EXCEPT ![i][j] = IF IsLater(told, @) THEN told ELSE @]
        /\ UNCHANGED <<readRound, readLease, readAsked, readGrants, lastRead>>

(* Who has acknowledged round `number` of i in its present term.           *)
Acknowledged(i, number) ==
    {j \in Server : j = i \/ (readAcks[i][j].term = currentTerm[i] /\ readAcks[i][j].number >= number)}

(* A quorum has confirmed the round: the leader answers its own readers,   *)
(* and those followers that asked it before the round began.               *)
ServeRead(i, number, index, applied) ==
    /\ role[i] = Leader
    /\ readRound[i].open
    /\ readRound[i].term = currentTerm[i] /\ readRound[i].number = number /\ readRound[i].index = index
    /\ IsQuorum(Acknowledged(i, number), i)
    /\ applied >= index
    /\ readRound'  = [readRound EXCEPT ![i].open = FALSE]
    /\ readLease'  = [readLease EXCEPT ![i] = readRound[i]]
    /\ readGrants' = readGrants \cup {[server |-> i, term |-> currentTerm[i], number |-> number, index |-> index]}
    /\ lastRead'   = [lastRead EXCEPT ![i] = [index |-> applied, floor |-> readRound[i].floor]]
    /\ UNCHANGED <<readAcks, readSaid, readAsked>>

(* i asks for an index the leader of its term, of which it has heard.      *)
AskReadIndex(i, leader) ==
    /\ leader # i
    /\ role[i] # Leader
    /\ [term |-> currentTerm[i], server |-> leader] \in leaders
    /\ readAsked' = [readAsked EXCEPT ![i] = [open |-> TRUE, leader |-> leader, floor |-> Len(committedLog),
                                              round |-> readRound[leader]]]
    /\ UNCHANGED <<readRound, readAcks, readSaid, readLease, readGrants, lastRead>>

(* Only an index that was noted after i had asked will do: an older one,   *)
(* for example the answer to an earlier attempt, may lack what was         *)
(* committed since.                                                        *)
ServeForwardedRead(i, leader, term, number, index, applied) ==
    LET grant == [server |-> leader, term |-> term, number |-> number, index |-> index]
    IN  /\ readAsked[i].open
        /\ readAsked[i].leader = leader
        /\ grant \in readGrants
        /\ IsLater(grant, readAsked[i].round)
        /\ applied >= index
        /\ readAsked' = [readAsked EXCEPT ![i].open = FALSE]
        /\ lastRead'  = [lastRead EXCEPT ![i] = [index |-> applied, floor |-> readAsked[i].floor]]
        /\ UNCHANGED <<readRound, readAcks, readSaid, readLease, readGrants>>

-----------------------------------------------------------------------------
(* Leases.                                                                 *)

Million == 1000000

(* Of a promise of promiseMs, by a clock that may be fast, so much is sure *)
(* to be left after elapsedMs by another that may be slow.                 *)
PromiseHolds(promiseMs, elapsedMs, driftPpm) == elapsedMs * (Million + driftPpm) < promiseMs * (Million - driftPpm)

(* Times are the leader's own.  The round counts from its sending, for the *)
(* promises count from some moment after that.  Who was told to campaign   *)
(* need not wait for promises, so then there is no lease in this term.     *)
HasLease(i, number, localMs, driftPpm) ==
    /\ readLease[i].term = currentTerm[i] /\ readLease[i].number = number
    /\ localMs >= readRound[i].sentMs
    /\ IsQuorum({j \in Acknowledged(i, number) :
                    j = i \/ PromiseHolds(readAcks[i][j].promiseMs, localMs - readLease[i].sentMs, driftPpm)}, i)
    /\ \A j \in Server : [type |-> "TimeoutNowRequest", from |-> i, to |-> j, term |-> currentTerm[i]] \notin messages

(* Nobody is asked, so no order of the lines shows that this came before   *)
(* what another leader did after the lease: what had to be in it is not    *)
(* noted here.                                                             *)
ServeLeaseRead(i, number, localMs, driftPpm, applied) ==
    /\ role[i] = Leader
    /\ driftPpm > 0
    /\ HasLease(i, number, localMs, driftPpm)
    /\ applied >= commitIndex[i]
    /\ UNCHANGED readVars

-----------------------------------------------------------------------------
(* A node that starts again has nobody who waits.                          *)
ForgetReads(i) ==
    /\ readRound' = [readRound EXCEPT ![i].open = FALSE]
    /\ readSaid'  = [readSaid EXCEPT ![i] = NoAck]
    /\ readLease' = [readLease EXCEPT ![i] = NoRound]
    /\ readAsked' = [readAsked EXCEPT ![i] = [open |-> FALSE]]
    /\ UNCHANGED <<readAcks, readGrants, lastRead>>

(* Who answers has all that was committed when it was asked.               *)
ReadsAreFresh == \A i \in Server : lastRead[i].index >= lastRead[i].floor
=============================================================================
