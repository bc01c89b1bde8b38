------------------------------ MODULE Counters ------------------------------
(* Five counters from 0 to 11 that pass a token around: 12^5 * 5 states. Small states, cheap actions: what is measured is the search. *)
EXTENDS Naturals
CONSTANTS Node, Max
VARIABLES count, token
Init == count = [n \in 1..Node |-> 0] /\ token = 1
Count(n) == /\ count[n] < Max
            /\ count' = [count EXCEPT ![n] = @ + 1]
            /\ UNCHANGED token
Pass == token' = (token % Node) + 1 /\ UNCHANGED count
Next == Pass \/ \E n \in 1..Node : Count(n)
TypeOK == token \in 1..Node
Within == \A n \in 1..Node : count[n] \in 0..Max
=============================================================================
