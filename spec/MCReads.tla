------------------------------- MODULE MCReads -------------------------------
(***************************************************************************)
(* A small instance of reads over the small instance of consensus: who     *)
(* answers has all that was committed when it was asked, in every state    *)
(* within the bounds.  Membership stays as it is.                          *)
(***************************************************************************)
EXTENDS MCRaft, Reads

CONSTANT MaxRounds   \* in each term

mcReadsVars == <<mcVars, readVars>>

(* i leads term 2.  Its entry is everywhere and committed, and all nodes   *)
(* know that.                                                              *)
Led(i) ==
    LET entries == <<FirstEntry, [term |-> 2, kind |-> "noop"]>>
    IN  /\ messages           = {}
        /\ currentTerm        = [j \in Server |-> 2]
        /\ votedFor           = [j \in Server |-> i]
        /\ role               = [j \in Server |-> IF j = i THEN Leader ELSE Follower]
        /\ log                = [j \in Server |-> entries]
        /\ commitIndex        = [j \in Server |-> 2]
        /\ configurationIndex = [j \in Server |-> 1]
        /\ votes              = [j \in Server |-> {}]
        /\ matchIndex         = [k \in Server |-> [j \in Server |-> IF k = i THEN 2 ELSE 0]]
        /\ durable            = [j \in Server |-> NoWrite(2, i, entries)]
        /\ pending            = [j \in Server |-> <<>>]
        /\ committedLog       = entries
        /\ leaders            = {[term |-> 2, server |-> i]}
        /\ restarts           = 0

MCReadsInit == (\E i \in Server : Led(i)) /\ ReadsInit

RoundNow(i) == IF readRound[i].term = currentTerm[i] THEN readRound[i].number ELSE 0

BeginRead(i) == RoundNow(i) < MaxRounds /\ ReadIndex(i, RoundNow(i) + 1, 0)

Acknowledge(j) ==
    \E i \in Server : \E term \in {readRound[i].term} : \E number \in 1..MaxRounds : AcknowledgeRound(j, i, term, number, 0)

Serve(i) == ServeRead(i, readRound[i].number, readRound[i].index, commitIndex[i])

Ask(i) == ~readAsked[i].open /\ \E j \in Server : AskReadIndex(i, j)

ServeAsked(i) ==
    \E grant \in readGrants :
        ServeForwardedRead(i, grant.server, grant.term, grant.number, grant.index, commitIndex[i])

ConsensusStep ==
    \/ \E i \in Server : Campaign(i)
    \/ \E i \in Server : \E count \in 1..Len(pending[i]) : Persist(i, count)
    \/ \E i \in Server : BecomeLeader(i)
    \/ \E i \in Server : Propose(i)
    \/ \E i \in Server : Replicate(i)
    \/ \E i \in Server : \E n \in 1..Len(log[i]) : AdvanceCommitIndex(i, n)
    \/ \E m \in messages : Receive(m.to, m)

MCReadsNext ==
    \/ \E i \in Server : Crash(i) /\ ForgetReads(i)
    \/ ConsensusStep /\ UNCHANGED <<restarts, readVars>>
    \/ /\ \E i \in Server : BeginRead(i) \/ Acknowledge(i) \/ Serve(i) \/ Ask(i) \/ ServeAsked(i)
       /\ UNCHANGED mcVars
=============================================================================
