------------------------------- MODULE Gauge -------------------------------
EXTENDS Naturals
CONSTANT Limit
VARIABLE level
Init == level = 0
Up == level < Limit /\ level' = level + 1
Down == level > 0 /\ level' = level - 1
Spec == Init /\ [][Up \/ Down]_level
=============================================================================
