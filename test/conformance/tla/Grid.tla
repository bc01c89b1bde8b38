-------------------------------- MODULE Grid --------------------------------
(* N counters, each from 0 to Max: (Max + 1)^N states, every one reached in as many steps as its counters sum up to. *)
EXTENDS Integers, FiniteSets, FiniteSetsExt, TLC
CONSTANTS Node, Max
VARIABLE count
Init == count = [n \in Node |-> 0]
Step(n) == count[n] < Max /\ count' = [count EXCEPT ![n] = @ + 1]
Next == \E n \in Node : Step(n)
Symmetric == Permutations(Node)
Small == \A n \in Node : count[n] < Max
Sum == MapThenFoldSet(LAMBDA a, b : a + b, 0, LAMBDA n : count[n], LAMBDA S : CHOOSE n \in S : TRUE, Node)
SumIsSmall == Sum < 40
TypeOK == count \in [Node -> 0..Max]
=============================================================================
