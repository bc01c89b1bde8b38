------------------------------ MODULE Replica ------------------------------
(* A replicated log as such specifications are often written elsewhere: whole logs and a bag of messages as state. *)
EXTENDS Naturals, Sequences, FiniteSets, Bags, SequencesExt, FiniteSetsExt, BagsExt, TLC

CONSTANTS Server, Value, Nil
VARIABLES messages, currentTerm, state, log, commitIndex, matchIndex

vars == <<messages, currentTerm, state, log, commitIndex, matchIndex>>

Send(m) == messages' = messages (+) SetToBag({m})
Reply(response, request) == messages' = (messages (-) SetToBag({request})) (+) SetToBag({response})
Discard(m) == messages' = messages (-) SetToBag({m})

LastTerm(xlog) == IF Len(xlog) = 0 THEN 0 ELSE xlog[Len(xlog)].term
Quorum == {i \in SUBSET Server : Cardinality(i) * 2 > Cardinality(Server)}

Init ==
    /\ messages = EmptyBag
    /\ currentTerm = [i \in Server |-> 1]
    /\ state = [i \in Server |-> "Follower"]
    /\ log = [i \in Server |-> <<>>]
    /\ commitIndex = [i \in Server |-> 0]
    /\ matchIndex = [i \in Server |-> [j \in Server |-> 0]]

BecomeLeader(i) ==
    /\ \A j \in Server : state[j] # "Leader"
    /\ state' = [state EXCEPT ![i] = "Leader"]
    /\ currentTerm' = [currentTerm EXCEPT ![i] = @ + 1]
    /\ UNCHANGED <<messages, log, commitIndex, matchIndex>>

ClientRequest(i, v) ==
    /\ state[i] = "Leader"
    /\ log' = [log EXCEPT ![i] = Append(@, [term |-> currentTerm[i], value |-> v])]
    /\ UNCHANGED <<messages, currentTerm, state, commitIndex, matchIndex>>

AppendEntries(i, j) ==
    /\ i # j
    /\ state[i] = "Leader"
    /\ LET prev == matchIndex[i][j]
           last == Min({Len(log[i]), prev + 1})
       IN  Send([mtype |-> "AppendRequest", mterm |-> currentTerm[i], mprevLogIndex |-> prev,
                 mentries |-> SubSeq(log[i], prev + 1, last), mcommitIndex |-> Min({commitIndex[i], last}),
                 msource |-> i, mdest |-> j])
    /\ UNCHANGED <<currentTerm, state, log, commitIndex, matchIndex>>

HandleAppendRequest(i, m) ==
    /\ m.mtype = "AppendRequest" /\ m.mdest = i
    /\ m.mterm >= currentTerm[i]
    /\ m.mprevLogIndex <= Len(log[i])
    /\ currentTerm' = [currentTerm EXCEPT ![i] = m.mterm]
    /\ log' = [log EXCEPT ![i] = SubSeq(@, 1, m.mprevLogIndex) \o m.mentries]
    /\ commitIndex' = [commitIndex EXCEPT ![i] = Max({@, m.mcommitIndex})]
    /\ Reply([mtype |-> "AppendResponse", mterm |-> m.mterm, mmatchIndex |-> m.mprevLogIndex + Len(m.mentries),
              msource |-> i, mdest |-> m.msource], m)
    /\ UNCHANGED <<state, matchIndex>>

HandleAppendResponse(i, m) ==
    /\ m.mtype = "AppendResponse" /\ m.mdest = i
    /\ m.mterm = currentTerm[i]
    /\ matchIndex' = [matchIndex EXCEPT ![i][m.msource] = Max({@, m.mmatchIndex})]
    /\ Discard(m)
    /\ UNCHANGED <<currentTerm, state, log, commitIndex>>

AdvanceCommitIndex(i) ==
    /\ state[i] = "Leader"
    /\ LET Agree(index) == {i} \cup {k \in Server : matchIndex[i][k] >= index}
           agreed == {index \in (commitIndex[i] + 1)..Len(log[i]) : Agree(index) \in Quorum}
       IN  /\ agreed # {}
           /\ commitIndex' = [commitIndex EXCEPT ![i] = Max(agreed)]
    /\ UNCHANGED <<messages, currentTerm, state, log, matchIndex>>

Receive(m) == \E i \in Server : HandleAppendRequest(i, m) \/ HandleAppendResponse(i, m)

Next ==
    \/ \E i \in Server : BecomeLeader(i)
    \/ \E i \in Server, v \in Value : ClientRequest(i, v)
    \/ \E i, j \in Server : AppendEntries(i, j)
    \/ \E i \in Server : AdvanceCommitIndex(i)
    \/ \E m \in DOMAIN messages : Receive(m)

Spec == Init /\ [][Next]_vars

(* All of them over whole logs, in every state.                            *)
LogInv == \A i, j \in Server : commitIndex[i] <= commitIndex[j] =>
              IsPrefix(SubSeq(log[i], 1, commitIndex[i]), log[j])
LogMatching == \A i, j \in Server : \A n \in 1..Min({Len(log[i]), Len(log[j])}) :
                  log[i][n].term = log[j][n].term => SubSeq(log[i], 1, n) = SubSeq(log[j], 1, n)
MonotonicTerms == \A i \in Server : \A k \in 1..(Len(log[i]) - 1) : log[i][k].term <= log[i][k + 1].term
CommittedInQuorum == \A i \in Server : \A k \in 1..commitIndex[i] :
                        \E Q \in Quorum : \A j \in Q : k <= Len(log[j]) /\ log[j][k] = log[i][k]
MessagesAreSane == \A m \in DOMAIN messages : messages[m] > 0 /\ m.mterm <= Max({currentTerm[i] : i \in Server})
OneLeader == \A i, j \in Server : state[i] = "Leader" /\ state[j] = "Leader" /\ currentTerm[i] = currentTerm[j] => i = j
=============================================================================
