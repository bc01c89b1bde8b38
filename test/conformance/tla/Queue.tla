------------------------------- MODULE Queue -------------------------------
(* A bounded queue between a sender that counts modulo Count and a receiver that must see the numbers in their order. *)
EXTENDS Integers, Sequences
CONSTANTS Size, Count
ASSUME Size \in Nat \ {0} /\ Count > 0

VARIABLES queue, sent, received
vars == <<queue, sent, received>>

Init == queue = <<>> /\ sent = 0 /\ received = 0

Send == /\ Len(queue) < Size
        /\ queue' = Append(queue, sent)
        /\ sent' = (sent + 1) % Count
        /\ UNCHANGED received

Receive == /\ queue # <<>>
           /\ Head(queue) = received
           /\ queue' = Tail(queue)
           /\ received' = (received + 1) % Count
           /\ UNCHANGED sent

Next == Send \/ Receive
Spec == Init /\ [][Next]_vars

InOrder == \A i \in 1..Len(queue) : queue[i] = (received + i - 1) % Count
Bounded == [](Len(queue) <= Size)
OneAtATime == [][Len(queue') - Len(queue) \in {-1, 1}]_queue

Wrong == [][Len(queue') > Len(queue)]_vars
Broken == Send /\ IF queue = <<>> THEN TRUE ELSE queue[9] = 0

(* The queue as a pair of counters refines to a counter of what is under way. *)
UnderWay == INSTANCE Gauge WITH level <- Len(queue), Limit <- Size
Gauges == UnderWay!Spec
=============================================================================
