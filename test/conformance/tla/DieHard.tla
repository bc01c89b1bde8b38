------------------------------ MODULE DieHard ------------------------------
(* Two jugs, of 3 and 5 gallons, a tap and a sink. *)
EXTENDS Naturals

VARIABLES small, big
vars == <<small, big>>

Min(a, b) == IF a < b THEN a ELSE b

TypeOK == /\ small \in 0..3
          /\ big \in 0..5

Init == small = 0 /\ big = 0

FillSmall  == small' = 3 /\ UNCHANGED big
FillBig    == big' = 5 /\ UNCHANGED small
EmptySmall == small' = 0 /\ UNCHANGED big
EmptyBig   == big' = 0 /\ UNCHANGED small
Pour(from, to, capacity) == LET moved == Min(from, capacity - to) IN
                              /\ from' = from - moved
                              /\ to' = to + moved

Next == \/ FillSmall
        \/ FillBig
        \/ EmptySmall
        \/ EmptyBig
        \/ Pour(small, big, 5)
        \/ Pour(big, small, 3)

Spec == Init /\ [][Next]_vars /\ WF_vars(Next)

NotSolved == big # 4
=============================================================================
