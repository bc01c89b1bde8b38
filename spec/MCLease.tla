------------------------------ MODULE MCLease ------------------------------
(***************************************************************************)
(* Why a VM never runs twice, in time.  Two workers, one VM that is        *)
(* created and owned by the first, a leader that is replaced at will, and  *)
(* clocks that differ by a bounded drift.  A worker takes its lease to     *)
(* last `Lease` by its own clock from the moment at which it sent the      *)
(* renewal that was acknowledged; in the time of the leader, which `now`   *)
(* is, that may be up to `Lease + Drift`.  By then it begins to end what   *)
(* runs, and `KillBudget` later nothing does: the daemon sees to it, or,   *)
(* if that is dead or stopped, a watchdog.  The leader calls the lease     *)
(* expired when it acknowledged nothing for `FailoverAfter`.               *)
(*                                                                         *)
(* Consensus is taken for granted: an entry is committed everywhere at     *)
(* once, and each node applies it when it will.  That the acknowledgement  *)
(* of a deposed leader counts for nothing is what a round to a quorum      *)
(* after the renewal came is for; hence there is one leader here.          *)
(***************************************************************************)
EXTENDS Cluster

CONSTANTS a, b, LeaseTime, Drift, KillBudget, FailoverAfter, MaxTime, MaxEntries

(* A configuration that breaks this is refused.                            *)
ASSUME FailoverAfter >= LeaseTime + Drift + KillBudget

VARIABLES
    now,        \* time by the leader's clock
    heard,      \* heard[w]: when the leader last acknowledged a renewal of w, or began to lead
    asked,      \* asked[w]: renewals under way, by epoch and the time of sending; acknowledged or not
    until,      \* until[w]: when w's lease ends at the latest, as w takes it
    deciding    \* workers of which the leader renews nothing any more

timeVars == <<now, heard, asked, until, deciding>>
mcVars   == <<raftVars, clusterVars, timeVars>>

Vm   == "v"
Uuid == "u"

Acquire(w, epoch) == LeaseCommand("lease-acquire", w, epoch)
Create == [op |-> "vm-create", vm |-> Vm, uuid |-> Uuid, node |-> a, start |-> TRUE, generation |-> 0, observed |-> ""]
Entry(command) == [term |-> 1, kind |-> "vm", command |-> command]

FirstLog    == <<Entry(Acquire(a, 0)), Entry(Acquire(b, 0)), Entry(Create)>>
FirstLeases == [w \in {a, b} |-> Lease(IF w = a THEN 1 ELSE 2, TRUE)]

MCInit ==
    /\ RaftInit /\ ClusterInit
    /\ now      = 0
    /\ heard    = [w \in Server |-> 0]
    /\ asked    = [w \in Server |-> {}]
    /\ until    = [w \in Server |-> IF w = a THEN LeaseTime + Drift ELSE MaxTime + 1]
    /\ deciding = {}

(* The first step: both workers hold a lease, and both know of the VM.     *)
Begin ==
    /\ committedLog' = FirstLog
    /\ log'          = [i \in Server |-> FirstLog]
    /\ commitIndex'  = [i \in Server |-> 3]
    /\ role'         = [i \in Server |-> Leader]
    /\ applied'      = [i \in Server |-> 3]
    /\ vms'          = [i \in Server |-> (Vm :> Record(Uuid, a, "running", "pending", 1, 0))]
    /\ leases'       = [i \in Server |-> FirstLeases]
    /\ holding'      = [i \in Server |-> FirstLeases[i].epoch]
    /\ outcomes'     = [k \in 1..3 |-> <<>>]
    /\ grants'       = [k \in 1..3 |-> <<>>]
    /\ UNCHANGED <<messages, currentTerm, votedFor, configurationIndex, votes, matchIndex, durable, pending, leaders,
                   running, ready, doubtful, standing, reports, finished, digests, configurations, lapsed, offers, rooms, timeVars>>

Commit(command) ==
    /\ Len(committedLog) < MaxEntries
    /\ committedLog' = Append(committedLog, Entry(command))
    /\ log'          = [i \in Server |-> Append(log[i], Entry(command))]
    /\ commitIndex'  = [i \in Server |-> commitIndex[i] + 1]
    /\ UNCHANGED <<messages, currentTerm, votedFor, role, configurationIndex, votes, matchIndex,
                   durable, pending, leaders, clusterVars, timeVars>>

(* What the leader knows: all that is committed.                           *)
RECURSIVE TablesAfter(_, _)
TablesAfter(table, k) ==
    IF k > Len(committedLog) THEN table
    ELSE LET c == committedLog[k].command
         IN  TablesAfter(IF c.op \in LeaseOps
                         THEN LET may == {change \in {[node |-> c.node, epoch |-> epoch, held |-> held] :
                                                         epoch \in {k, c.generation}, held \in BOOLEAN} :
                                          IsLeaseOutcome(k, c, table, change)}
                              IN  IF may = {} THEN table
                                  ELSE LET change == CHOOSE x \in may : TRUE
                                       IN  Put(table, c.node, Lease(change.epoch, change.held))
                         ELSE table, k + 1)
Known == TablesAfter(<<>>, 1)

ApplyNext(i) ==
    LET k     == applied[i] + 1
        c     == log[i][k].command
        table == vms[i]
        grant == {change \in {[index |-> k, node |-> c.node, epoch |-> epoch, held |-> held] :
                                 epoch \in {k, c.generation}, held \in BOOLEAN} :
                  c.op \in LeaseOps /\ IsLeaseOutcome(k, c, leases[i], change)}
        moves == IF c.op # "vm-reassign" THEN {}
                 ELSE {change \in {[index |-> k, vm |-> Vm, uuid |-> Uuid, owner |-> owner,
                                    generation |-> table[Vm].generation + 1,
                                    fromDesired |-> table[Vm].desired, fromObserved |-> table[Vm].observed,
                                    toDesired |-> "running", toObserved |-> "pending"] : owner \in Server} :
                       IsOutcome(c, table, leases[i], change) /\ IsHeld(leases[i], change.owner)}
    IN  /\ k <= commitIndex[i]
        /\ CASE grant # {} -> \E change \in grant : Apply(i, k, <<>>, <<>>, <<>>, <<change>>, <<>>)
             [] moves # {} -> \E change \in moves : Apply(i, k, <<change>>, <<>>, <<>>, <<>>, <<>>)
             [] OTHER      -> Apply(i, k, <<>>, <<>>, <<>>, <<>>, <<>>)
        /\ UNCHANGED <<raftVars, timeVars>>

-----------------------------------------------------------------------------
(* Time.  It passes only as far as every watchdog has done its work.       *)

Runs(w)  == \E p \in running : p.server = w
Holds(w) == holding[w] # 0 /\ now < until[w]

Tick ==
    /\ now < MaxTime
    /\ \A w \in Server : Runs(w) => now + 1 < until[w] + KillBudget
    /\ now' = now + 1
    /\ UNCHANGED <<raftVars, clusterVars, heard, asked, until, deciding>>

(* w asks for a renewal; the epoch is that of the lease that it knows.     *)
Ask(w) ==
    /\ IsHeld(leases[w], w)
    /\ asked' = [asked EXCEPT ![w] = {[epoch |-> leases[w][w].epoch, sent |-> now, granted |-> FALSE]}]
    /\ UNCHANGED <<raftVars, clusterVars, now, heard, until, deciding>>

(* The leader acknowledges, unless it has given w up or knows better.      *)
Acknowledge(w) ==
    /\ w \notin deciding
    /\ \E renewal \in asked[w] :
          /\ ~renewal.granted
          /\ IsHeld(Known, w) /\ Known[w].epoch = renewal.epoch
          /\ asked' = [asked EXCEPT ![w] = {[renewal EXCEPT !.granted = TRUE]}]
    /\ heard' = [heard EXCEPT ![w] = now]
    /\ UNCHANGED <<raftVars, clusterVars, now, until, deciding>>

(* The answer comes, late or never.  The lease is counted from the time of *)
(* sending, and is that of the epoch that was asked for.                   *)
Renewed(w) ==
    /\ \E renewal \in asked[w] :
          /\ renewal.granted
          /\ renewal.sent + LeaseTime + Drift > now
          /\ HoldLease(w, renewal.epoch)
          /\ until' = [until EXCEPT ![w] = renewal.sent + LeaseTime + Drift]
    /\ asked' = [asked EXCEPT ![w] = {}]
    /\ UNCHANGED <<raftVars, now, heard, deciding>>

(* Its clock may be fast, so it may let go at any time before.             *)
LetGo(w) ==
    /\ holding[w] # 0
    /\ LoseLease(w, holding[w])
    /\ UNCHANGED <<raftVars, timeVars>>

AskAnew(w) ==
    /\ IsExpired(leases[w], w)
    /\ AskLease(w, leases[w][w].epoch)
    /\ until' = [until EXCEPT ![w] = 0]
    /\ UNCHANGED <<raftVars, now, heard, asked, deciding>>

(* The leader gives w up, and from then on renews nothing of it.           *)
GiveUp(l, w) ==
    /\ now - heard[w] >= FailoverAfter
    /\ leases[l] = Known
    /\ ExpireLease(l, w, Known[w].epoch)
    /\ deciding' = deciding \cup {w}
    /\ UNCHANGED <<raftVars, now, heard, asked, until>>

(* Another leader knows nothing of what was acknowledged before: it gives  *)
(* everybody the full time.  What the former had decided is committed by   *)
(* then, or never.                                                         *)
NewLeader ==
    /\ heard'    = [w \in Server |-> now]
    /\ deciding' = {}
    /\ reports'  = {c \in reports : c.op # "lease-expire"}
    /\ UNCHANGED <<raftVars, applied, vms, running, ready, doubtful, standing, finished, outcomes, digests, configurations, leaseVars,
                   now, asked, until>>

(* A new lease begins its time when the leader knows of it.                *)
CommitLease(command) ==
    /\ Len(committedLog) < MaxEntries
    /\ committedLog' = Append(committedLog, Entry(command))
    /\ log'          = [i \in Server |-> Append(log[i], Entry(command))]
    /\ commitIndex'  = [i \in Server |-> commitIndex[i] + 1]
    /\ heard'        = IF command.op = "lease-acquire" THEN [heard EXCEPT ![command.node] = now] ELSE heard
    /\ deciding'     = IF command.op = "lease-acquire" THEN deciding \ {command.node} ELSE deciding
    /\ UNCHANGED <<messages, currentTerm, votedFor, role, configurationIndex, votes, matchIndex,
                   durable, pending, leaders, clusterVars, now, asked, until>>

-----------------------------------------------------------------------------
Executor(i) ==
    /\ Has(vms[i], Vm)
    /\ \/ Holds(i) /\ LaunchVm(i, Vm, Uuid, vms[i][Vm].generation)
       \/ Process(i, Uuid) \in running /\ VmEnded(i, Uuid)
    /\ UNCHANGED <<raftVars, timeVars>>

(* The daemon dies; its processes do not, and watchdogs keep their time.   *)
Crash(i) ==
    /\ holding[i] # 0
    /\ holding' = [holding EXCEPT ![i] = 0]
    /\ UNCHANGED <<raftVars, applied, vms, running, ready, doubtful, standing, reports, finished, outcomes, digests, configurations,
                   leases, grants, lapsed, offers, rooms, timeVars>>

Reassign(from, generation) ==
    [op |-> "vm-reassign", vm |-> Vm, uuid |-> Uuid, node |-> from, start |-> FALSE, generation |-> generation, observed |-> ""]

(* Whatever may be committed is, once: what was reported, and the VM given *)
(* to whoever may have it.                                                 *)
New(command) == \A k \in 1..Len(committedLog) : committedLog[k].command # command

(* The life of the first worker's lease; the second is there to take over, *)
(* with a lease that it always renews.                                     *)
MCNext ==
    IF committedLog = <<>> THEN Begin
    ELSE \/ Tick
         \/ NewLeader
         \/ \E command \in reports : New(command) /\ CommitLease(command)
         \/ LET command == Reassign(a, 1) IN New(command) /\ Commit(command)
         \/ \E i \in Server : ApplyNext(i) \/ Executor(i)
         \/ Crash(a) \/ Ask(a) \/ Acknowledge(a) \/ Renewed(a) \/ LetGo(a) \/ AskAnew(a)
         \/ GiveUp(b, a)

-----------------------------------------------------------------------------
(* In time, not only after all lines are in: no two nodes run the VM.      *)
NeverTwo == \A p, q \in running : p.uuid = q.uuid => p.server = q.server

(* Who is known to have lost its lease runs nothing.                       *)
LapsedRunNothing == \A p \in running : p.server \notin lapsed
=============================================================================
