----------------------------- MODULE TokenTrace -----------------------------
(* Lines of traces, borrowed for the ring: what they mean here.            *)
EXTENDS TokenRing

Step(e) ==
    CASE e.event = "Bootstrap"               -> Create(e.node)
      [] e.event = "TransferLeadership"      -> Pass(e.node, e.to)
      [] e.event = "HandleTimeoutNowRequest" -> Take(e.node, e.from)
      [] e.event = "Timeout"                 -> Forge(e.node)
      [] e.event = "StepDown"                -> MayLose(e.node)
      [] e.event = "Persist"                 -> Guess(e.count)
      [] e.event = "Removed"                 -> Reset
      [] e.event = "AdvanceCommitIndex"      -> rounds = e.commitIndex /\ UNCHANGED vars
=============================================================================
