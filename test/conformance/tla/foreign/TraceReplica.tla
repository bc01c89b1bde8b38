---------------------------- MODULE TraceReplica ----------------------------
(* A trace held against Replica by a model checker: the file is read by the specification, `l` is the next line. *)
EXTENDS Replica, Json, IOUtils

VARIABLE l

TraceLog == ndJsonDeserialize(IOEnv.TRACE)
TraceServer == {TraceLog[k].node : k \in 1..Len(TraceLog)}
TraceValue == {TraceLog[k].value : k \in {n \in 1..Len(TraceLog) : TraceLog[n].event = "ClientRequest"}}

TraceInit == Init /\ l = 1

logline == TraceLog[l]

IsEvent(name) == l <= Len(TraceLog) /\ logline.event = name /\ l' = l + 1

StateAsLogged(i) ==
    /\ currentTerm'[i] = logline.term
    /\ Len(log'[i]) = logline.length
    /\ commitIndex'[i] = logline.commit

TraceBecomeLeader == IsEvent("BecomeLeader") /\ BecomeLeader(logline.node) /\ StateAsLogged(logline.node)
TraceClientRequest == IsEvent("ClientRequest") /\ ClientRequest(logline.node, logline.value) /\ StateAsLogged(logline.node)
TraceAppendEntries == IsEvent("AppendEntries") /\ AppendEntries(logline.node, logline.to) /\ StateAsLogged(logline.node)
TraceReceive ==
    \/ /\ IsEvent("HandleAppendRequest")
       /\ \E m \in DOMAIN messages : m.msource = logline.from /\ HandleAppendRequest(logline.node, m) /\ StateAsLogged(logline.node)
    \/ /\ IsEvent("HandleAppendResponse")
       /\ \E m \in DOMAIN messages : m.msource = logline.from /\ HandleAppendResponse(logline.node, m) /\ StateAsLogged(logline.node)
TraceAdvance == IsEvent("AdvanceCommitIndex") /\ AdvanceCommitIndex(logline.node) /\ StateAsLogged(logline.node)

TraceNext == TraceBecomeLeader \/ TraceClientRequest \/ TraceAppendEntries \/ TraceReceive \/ TraceAdvance
TraceSpec == TraceInit /\ [][TraceNext]_<<l, vars>>

TraceView == <<vars, l>>
TraceAlias == [line |-> l, event |-> IF l <= Len(TraceLog) THEN logline.event ELSE "end", commitIndex |-> commitIndex]
TraceAccepted == TLCGet("stats").diameter - 1 = Len(TraceLog)
RefinesReplica == [][Next]_vars
=============================================================================
