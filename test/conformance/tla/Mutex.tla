------------------------------- MODULE Mutex -------------------------------
(* Peterson's algorithm for two processes. *)
EXTENDS Naturals

VARIABLES pc, wants, turn
vars == <<pc, wants, turn>>

Process == {0, 1}
Other(p) == 1 - p

Init == /\ pc = [p \in Process |-> "idle"]
        /\ wants = [p \in Process |-> FALSE]
        /\ turn = 0

Ask(p) == /\ pc[p] = "idle"
          /\ pc' = [pc EXCEPT ![p] = "asked"]
          /\ wants' = [wants EXCEPT ![p] = TRUE]
          /\ UNCHANGED turn

Yield(p) == /\ pc[p] = "asked"
            /\ pc' = [pc EXCEPT ![p] = "waiting"]
            /\ turn' = Other(p)
            /\ UNCHANGED wants

Enter(p) == /\ pc[p] = "waiting"
            /\ ~wants[Other(p)] \/ turn = p
            /\ pc' = [pc EXCEPT ![p] = "critical"]
            /\ UNCHANGED <<wants, turn>>

Leave(p) == /\ pc[p] = "critical"
            /\ pc' = [pc EXCEPT ![p] = "idle"]
            /\ wants' = [wants EXCEPT ![p] = FALSE]
            /\ UNCHANGED turn

Next == \E p \in Process : Ask(p) \/ Yield(p) \/ Enter(p) \/ Leave(p)
Spec == Init /\ [][Next]_vars /\ \A p \in Process : WF_vars(Enter(p))

MutualExclusion == ~(pc[0] = "critical" /\ pc[1] = "critical")
TurnOnlyYielded == [][\A p \in Process : turn' # turn => pc'[Other(turn')] = "waiting"]_vars
Progress == \A p \in Process : pc[p] = "waiting" ~> pc[p] = "critical"
=============================================================================
