---------------------------- MODULE SeededReads ----------------------------
(* MCReads begun where a stale read is near: b leads term 3 and c follows it; a still takes itself to lead term 2. *)
EXTENDS MCReads

CONSTANTS a, b, c, d

Noop(term) == [term |-> term, kind |-> "noop"]
Older == <<FirstEntry, Noop(2)>>
Longer == Append(Older, [term |-> 2, kind |-> "command"])
Newer == <<FirstEntry, Noop(2), Noop(3)>>
OldGrant == [server |-> a, term |-> 2, number |-> 1, index |-> 2]

Deposed(known, committed) ==
    /\ messages = {} /\ votes = [i \in Server |-> {}] /\ pending = [i \in Server |-> <<>>] /\ restarts = 0
    /\ currentTerm = [i \in Server |-> IF i = a THEN 2 ELSE 3]
    /\ votedFor = [i \in Server |-> IF i = a THEN a ELSE b]
    /\ role = [i \in Server |-> IF i = c THEN Follower ELSE Leader]
    /\ log = [i \in Server |-> IF i = a THEN Older ELSE Newer]
    /\ commitIndex = [i \in Server |-> IF i = b THEN known ELSE 2]
    /\ configurationIndex = [i \in Server |-> 1]
    /\ matchIndex = [i \in Server |-> [j \in Server |-> IF i = a /\ j # a THEN 2 ELSE IF i = b /\ j = c /\ known > 1 THEN 3 ELSE 0]]
    /\ durable = [i \in Server |-> NoWrite(currentTerm[i], votedFor[i], log[i])]
    /\ committedLog = committed
    /\ leaders = {[term |-> 2, server |-> a], [term |-> 3, server |-> b]}

(* b has committed an entry that a does not know of.                       *)
Overtaken == Deposed(3, Newer) /\ ReadsInit

(* b has only just begun to lead.                                          *)
JustElected == Deposed(1, Older) /\ ReadsInit

(* c acknowledged a round of a, and was given an index, before b led.      *)
AfterAnOlderRead ==
    /\ Deposed(3, Newer)
    /\ readRound  = [i \in Server |-> IF i = a THEN [NoRound EXCEPT !.term = 2, !.number = 1, !.index = 2] ELSE NoRound]
    /\ readAcks   = [i \in Server |-> [j \in Server |-> IF i = a /\ j = c THEN [NoAck EXCEPT !.term = 2, !.number = 1] ELSE NoAck]]
    /\ readSaid   = [j \in Server |-> IF j = c THEN readAcks[a][c] ELSE NoAck]
    /\ readLease  = [i \in Server |-> NoRound]
    /\ readAsked  = [i \in Server |-> [open |-> FALSE]]
    /\ readGrants = {OldGrant}
    /\ lastRead   = [i \in Server |-> [index |-> 2, floor |-> 2]]

(* b leads and gave out an index to c; since then it has committed another  *)
(* entry, of which c does not know yet.                                    *)
AfterItsOwnOlderRead ==
    /\ messages = {} /\ votes = [i \in Server |-> {}] /\ pending = [i \in Server |-> <<>>] /\ restarts = 0
    /\ currentTerm = [i \in Server |-> 2]
    /\ votedFor = [i \in Server |-> b]
    /\ role = [i \in Server |-> IF i = b THEN Leader ELSE Follower]
    /\ log = [i \in Server |-> Longer]
    /\ commitIndex = [i \in Server |-> IF i = b THEN 3 ELSE 2]
    /\ configurationIndex = [i \in Server |-> 1]
    /\ matchIndex = [i \in Server |-> [j \in Server |-> IF i = b /\ j # b THEN 3 ELSE 0]]
    /\ durable = [i \in Server |-> NoWrite(2, b, Longer)]
    /\ committedLog = Longer
    /\ leaders = {[term |-> 2, server |-> b]}
    /\ readRound  = [i \in Server |-> IF i = b THEN [NoRound EXCEPT !.term = 2, !.number = 1, !.index = 2] ELSE NoRound]
    /\ readSaid   = [i \in Server |-> IF i = c THEN [NoAck EXCEPT !.term = 2, !.number = 1] ELSE NoAck]
    /\ readAcks   = [i \in Server |-> [j \in Server |-> IF i = b THEN readSaid[j] ELSE NoAck]]
    /\ readLease  = [i \in Server |-> readRound[i]]
    /\ readAsked  = [i \in Server |-> [open |-> FALSE]]
    /\ readGrants = {[server |-> b, term |-> 2, number |-> 1, index |-> 2]}
    /\ lastRead   = [i \in Server |-> [index |-> 2, floor |-> 2]]
=============================================================================
