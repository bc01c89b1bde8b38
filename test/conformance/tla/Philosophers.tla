---------------------------- MODULE Philosophers ----------------------------
(* N philosophers, each takes the left fork and then the right one: they deadlock when all hold the left one. *)
EXTENDS Naturals
CONSTANT N
VARIABLES fork, state
vars == <<fork, state>>
P == 0..(N - 1)
None == N
Right(p) == (p + 1) % N
Init == fork = [p \in P |-> None] /\ state = [p \in P |-> "thinks"]
TakeLeft(p) == /\ state[p] = "thinks" /\ fork[p] = None
               /\ fork' = [fork EXCEPT ![p] = p]
               /\ state' = [state EXCEPT ![p] = "holds"]
TakeRight(p) == /\ state[p] = "holds" /\ fork[Right(p)] = None
                /\ fork' = [fork EXCEPT ![Right(p)] = p]
                /\ state' = [state EXCEPT ![p] = "eats"]
Stop(p) == /\ state[p] = "eats"
           /\ fork' = [fork EXCEPT ![p] = None, ![Right(p)] = None]
           /\ state' = [state EXCEPT ![p] = "thinks"]
Next == \E p \in P : TakeLeft(p) \/ TakeRight(p) \/ Stop(p)
NeighboursDoNotEat == \A p \in P : ~(state[p] = "eats" /\ state[Right(p)] = "eats")
=============================================================================
