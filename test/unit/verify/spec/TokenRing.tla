----------------------------- MODULE TokenRing -----------------------------
(* A token that servers hand on, small enough to see every verdict.        *)
EXTENDS Naturals, FiniteSets

CONSTANTS Server, Limit
VARIABLES holders, sent, rounds

vars == <<holders, sent, rounds>>

Init == holders = {} /\ sent = {} /\ rounds = 0

Create(i) == holders = {} /\ sent = {} /\ holders' = {i} /\ UNCHANGED <<sent, rounds>>

Pass(i, j) ==
    /\ i \in holders
    /\ j \in Server \ {i}
    /\ holders' = holders \ {i}
    /\ sent' = sent \cup {[from |-> i, to |-> j]}
    /\ UNCHANGED rounds

Take(i, j) ==
    /\ [from |-> j, to |-> i] \in sent
    /\ sent' = sent \ {[from |-> j, to |-> i]}
    /\ holders' = holders \cup {i}
    /\ rounds' = rounds + 1

(* A mistake on purpose: nobody may make a second token.                   *)
Forge(i) == holders' = holders \cup {i} /\ UNCHANGED <<sent, rounds>>

(* The token may be lost or not; the trace does not tell.                  *)
MayLose(i) == holders' \in {holders, holders \ {i}} /\ UNCHANGED <<sent, rounds>>

Guess(n) == \E k \in 1..n : rounds' = rounds + k /\ UNCHANGED <<holders, sent>>

Reset == rounds' = 0 /\ UNCHANGED <<holders, sent>>

OneToken == Cardinality(holders) + Cardinality(sent) <= 1
WithinLimit == rounds <= Limit
RoundsGrow == [][rounds' >= rounds]_vars
=============================================================================
