------------------------------ MODULE Cluster ------------------------------
(***************************************************************************)
(* What blixard keeps in agreement: virtual machines.  Each node applies   *)
(* the committed entries; the executor of the node that a VM's record      *)
(* names starts and stops its process, and what it saw becomes a command   *)
(* again.  Nothing but a committed entry changes the record of a VM, and   *)
(* no process is started but by the owner that a committed entry names.    *)
(*                                                                         *)
(* What an entry does to the rest of the replicated state is told by       *)
(* digests alone: every node must have the same one at the same index.     *)
(***************************************************************************)
EXTENDS Raft, TLC

VARIABLES
    applied,        \* applied[i]: index of the last entry that i applied
    vms,            \* vms[i]: the records of VMs at i, by name
    running,        \* the processes that run, by uuid and node: the world, not a belief
    ready,          \* those of them whose driver confirmed that the guest is up, with the generation asked for
    doubtful,       \* processes that i was about to start when it died: they may run or not
    standing,       \* processes that stand still for a move with memory, at its source and at its target
    reports,        \* what executors have reported so far
    finished,       \* finished[i]: what i reported to have ended since it started, by uuid and generation
    outcomes,       \* history: what the VM entry at an index did, as the first node to apply it said
    digests,        \* history: digest of the replicated state at an index
    configurations, \* history: the configuration at an index, as nodes report it
    leases,         \* leases[i]: the leases of workers at i, by worker: epoch, and whether it is held or expired
    holding,        \* holding[i]: epoch of the lease that worker i takes itself to hold; 0 for none
    grants,         \* history: what the lease entry at an index did, as the first node to apply it said
    lapsed,         \* workers whose lease a committed entry called expired, and that have got no other since
    offers,         \* offers[i]: what workers offer at i, and what is reserved of it
    rooms           \* history: what the entry at an index did to a reservation or an offer

leaseVars   == <<leases, holding, grants, lapsed, offers, rooms>>
clusterVars == <<applied, vms, running, ready, doubtful, standing, reports, finished, outcomes, digests, configurations, leaseVars>>

ClusterInit ==
    /\ applied        = [i \in Server |-> 0]
    /\ vms            = [i \in Server |-> <<>>]
    /\ running        = {}
    /\ ready          = {}
    /\ doubtful       = {}
    /\ standing       = {}
    /\ reports        = {}
    /\ finished       = [i \in Server |-> {}]
    /\ outcomes       = <<>>
    /\ digests        = <<>>
    /\ configurations = <<>>
    /\ leases         = [i \in Server |-> <<>>]
    /\ holding        = [i \in Server |-> 0]
    /\ grants         = <<>>
    /\ lapsed         = {}
    /\ offers         = [i \in Server |-> <<>>]
    /\ rooms          = <<>>

-----------------------------------------------------------------------------
(* Functions as tables.                                                    *)

Has(table, key)        == key \in DOMAIN table
Put(table, key, value) == (key :> value) @@ table
Drop(table, key)       == [k \in DOMAIN table \ {key} |-> table[k]]

(* Says `value` of `key`, or agrees with what was said before.             *)
Agrees(table, key, value) == Has(table, key) => table[key] = value

NoMove == [index |-> 0, to |-> "", restart |-> FALSE, live |-> FALSE]

-----------------------------------------------------------------------------
(* The closed table of what an executor may report, by what is wanted and  *)
(* what was last seen of the same generation (`fresh`: nothing yet).       *)
MayReport(desired, was) ==
    CASE desired = "running" /\ was = "fresh"    -> {"starting", "running", "stopped", "failed"}
      [] desired = "running" /\ was = "starting" -> {"starting", "running", "stopped", "failed"}
      [] desired = "running" /\ was = "running"  -> {"running", "stopped", "failed"}
      [] desired = "running" /\ was = "stopped"  -> {"stopped"}
      [] desired = "running" /\ was = "failed"   -> {"failed"}
      [] desired = "paused"  /\ was \in {"fresh", "paused"} -> {"paused", "stopped", "failed"}
      [] desired = "paused"  /\ was = "stopped"  -> {"stopped"}
      [] desired = "paused"  /\ was = "failed"   -> {"failed"}
      [] desired = "stopped" /\ was \in {"fresh", "pending", "failed"} -> {"stopped", "failed"}
      [] desired = "stopped" /\ was = "stopped"  -> {"stopped"}
      [] desired = "deleted" /\ was \in {"fresh", "stopped", "failed"} -> {"stopped", "failed", "gone"}
      [] OTHER -> {}

(* Of `size` and `room` see below: reservations.                            *)
NoSize == [cpus |-> 0, memoryMib |-> 0, priority |-> 0, ttlMs |-> 0]

Record(uuid, owner, desired, observed, generation, seen) ==
    [uuid |-> uuid, owner |-> owner, desired |-> desired, observed |-> observed,
     generation |-> generation, seen |-> seen, move |-> NoMove, carried |-> 0, size |-> NoSize, room |-> ""]

(* A VM is to move: since the entry at `index`, to a worker that was asked *)
(* for or to any, and runs again there or not; `live`: with its memory, to *)
(* the worker that was chosen.  It stands in the record of the VM and      *)
(* nowhere else.  `carried`: the move by which the process came that this  *)
(* generation goes on with.                                                *)
Moving(vm, move, carried) == [vm EXCEPT !.move = move, !.carried = carried]
IsMoving(vm)      == vm.move # NoMove
Yields(vm)        == "by" \in DOMAIN vm.move
MoveIn(told)      == IF "move" \in DOMAIN told THEN told.move ELSE NoMove

(* The executor has said of the latest wish that it came to an end.        *)
IsOver(vm) == vm.seen = vm.generation /\ vm.observed \notin {"starting", "running", "paused"}

(* It is wanted to run, and nobody may start it: it has no reservation.    *)
Tracked(vm) == vm.size.ttlMs > 0
Waits(vm)   == Tracked(vm) /\ vm.owner # Nil /\ vm.desired = "running" /\ vm.room = "" /\ ~IsOver(vm)

-----------------------------------------------------------------------------
(* Leases.  A worker may run VMs only while it holds a lease, which has the *)
(* index of its entry for an epoch.  It renews it at the leader, without   *)
(* an entry; an entry calls it expired, and only then do its VMs go to     *)
(* others.  Why it holds no more by then is a matter of time: see MCLease. *)

Lease(epoch, held) == [epoch |-> epoch, held |-> held]
EpochOf(table, w)  == IF Has(table, w) THEN table[w].epoch ELSE 0
IsHeld(table, w)   == Has(table, w) /\ table[w].held
IsExpired(table, w) == Has(table, w) /\ ~table[w].held

LeaseOps == {"lease-acquire", "lease-expire"}

(* What the lease entry c at index k may do where there was `table`.       *)
IsLeaseOutcome(k, c, table, change) ==
    /\ change.node = c.node
    /\ EpochOf(table, c.node) = c.generation
    /\ CASE c.op = "lease-acquire" -> change.epoch = k /\ change.held
         [] c.op = "lease-expire"  -> IsHeld(table, c.node) /\ change.epoch = c.generation /\ ~change.held
         [] OTHER                  -> FALSE

-----------------------------------------------------------------------------
(* The move that command c at index k leaves behind: none but that which   *)
(* it begins, or of which a report tells nothing.  Every other wish, and a *)
(* new owner, ends it.                                                     *)
MoveAfter(k, c, vm) ==
    CASE c.op = "vm-migrate" -> [index |-> k, to |-> c.node, restart |-> vm.desired = "running", live |-> FALSE]
      [] c.op = "vm-rollback" -> [index |-> k, to |-> "", restart |-> TRUE, live |-> FALSE]
      [] c.op = "vm-preempt" -> [index |-> k, to |-> "", restart |-> TRUE, live |-> FALSE, by |-> c.by]
      [] c.op = "vm-report"  -> IF vm.move.live /\ c.observed \in {"stopped", "failed"} THEN NoMove ELSE vm.move
      [] OTHER               -> NoMove

(* A move with memory goes to the worker that was asked for, or to any      *)
(* other.                                                                  *)
IsCarry(c, vm, change) ==
    LET move == MoveIn(change)
    IN  /\ move.index = change.index /\ move.live /\ move.restart
        /\ move.to \notin {"", vm.owner}
        /\ c.node # "" => move.to = c.node

(* The records that command c may leave behind where there was `table`.    *)
(* `owner` of a new VM is the scheduler's choice, hence free unless asked  *)
(* for.  `seen` is the generation that `observed` speaks of.  A VM leaves  *)
(* its owner only when the lease of that is known to have expired.  A task *)
(* may have nobody for its owner (Nil), while no worker has room.          *)
IsOutcome(c, table, held, change) ==
    /\ change.vm = c.vm
    /\ IF c.op = "vm-create"
       THEN /\ ~Has(table, c.vm)
            /\ change.fromDesired = "absent" /\ change.fromObserved = "absent"
            /\ change.uuid = c.uuid /\ change.generation = 1
            /\ c.node # "" => change.owner = c.node
            /\ change.toDesired = (IF c.start THEN "running" ELSE "stopped")
            /\ change.toObserved = "pending" /\ MoveIn(change) = NoMove
       ELSE /\ Has(table, c.vm)
            /\ LET vm == table[c.vm]
               IN  /\ change.uuid = vm.uuid /\ (c.op \notin {"vm-reassign", "vm-switch", "vm-retry", "vm-hand-over", "vm-admit"} => change.owner = vm.owner)
                   /\ change.fromDesired = vm.desired /\ change.fromObserved = vm.observed
                   /\ CASE c.op = "vm-start" ->
                             /\ vm.desired # "deleted"
                             /\ \/ vm.desired \in {"stopped", "paused"}
                                \/ vm.seen = vm.generation /\ vm.observed \in {"stopped", "failed"}
                             /\ change.toDesired = "running" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        (* One that is stopped in order to move stays where it is then.  *)
                        [] c.op = "vm-stop" ->
                             /\ vm.desired \in {"running", "paused"} \/ (vm.desired = "stopped" /\ IsMoving(vm))
                             /\ change.toDesired = "stopped"
                             (* Of what nobody has nothing runs.                              *)
                             /\ change.toObserved = (IF vm.owner = Nil THEN "stopped" ELSE vm.observed)
                             /\ change.generation = vm.generation + (IF vm.desired = "stopped" THEN 0 ELSE 1)
                        [] c.op = "vm-pause" ->
                             /\ vm.desired = "running" /\ ~vm.move.live
                             /\ change.toDesired = "paused" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-resume" ->
                             /\ vm.desired = "paused"
                             /\ change.toDesired = "running" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-restart" ->
                             /\ vm.desired # "deleted"
                             /\ change.toDesired = "running" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-delete" ->
                             \/ /\ vm.desired # "deleted"
                                /\ change.toDesired = "deleted" /\ change.toObserved = vm.observed
                                /\ change.generation = vm.generation + 1
                             (* What nobody has, or has ended, may be forgotten at once.      *)
                             \/ /\ vm.owner = Nil \/ (vm.seen = vm.generation /\ vm.observed \in {"stopped", "failed"})
                                /\ change.toDesired = "absent" /\ change.toObserved = "absent"
                                /\ change.generation = vm.generation
                        (* To move it, it is stopped where it is; and it gets another    *)
                        (* owner only when that has said that it ended. One move at a    *)
                        (* time.                                                         *)
                        [] c.op = "vm-migrate" ->
                             /\ vm.desired \in {"running", "stopped"} /\ ~IsMoving(vm)
                             /\ change.toDesired = "stopped" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + (IF vm.desired = "stopped" THEN 0 ELSE 1)
                        [] c.op = "vm-switch" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ IsMoving(vm) /\ ~vm.move.live
                             /\ vm.desired = "stopped" /\ vm.seen = vm.generation /\ vm.observed \in {"pending", "stopped", "failed"}
                             /\ change.generation = vm.generation + 1
                             /\ \/ <<change.toDesired, change.toObserved>> = (IF vm.move.restart THEN <<"running", "pending">> ELSE <<"stopped", "stopped">>)
                                \/ /\ vm.move.restart /\ change.owner = vm.owner
                                   /\ change.toDesired = "running" /\ change.toObserved = "failed"
                        (* A task gets its next attempt, when its worker has said how    *)
                        (* the one before ended; or its first, if nobody had it yet.     *)
                        [] c.op = "vm-retry" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ vm.desired = "running"
                             /\ \/ vm.owner = Nil /\ vm.observed = "pending"
                                \/ vm.seen = vm.generation /\ vm.observed = "failed"
                             /\ change.generation = vm.generation + 1
                             /\ change.toDesired = "running" /\ change.toObserved = "pending"
                        (* With its memory: it runs on where it is until its guest stands *)
                        (* still here and there; then the target asks for it. Or it stays.*)
                        [] c.op = "vm-carry" ->
                             /\ vm.desired = "running" /\ vm.observed = "running" /\ vm.seen = vm.generation /\ ~IsMoving(vm)
                             /\ change.toDesired = "running" /\ change.toObserved = "running"
                             /\ change.generation = vm.generation
                        [] c.op = "vm-keep" ->
                             /\ c.uuid = vm.uuid /\ vm.move.live /\ c.move = vm.move.index
                             /\ change.toDesired = vm.desired /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation
                        [] c.op = "vm-hand-over" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ vm.move.live /\ c.move = vm.move.index /\ c.node = vm.move.to
                             /\ ~IsExpired(held, c.node)
                             /\ change.owner = c.node
                             /\ change.toDesired = "running" /\ change.toObserved = "pending"
                             /\ change.generation = vm.generation + 1
                        (* A start that nobody confirmed in time: ended where it is, like a move. *)
                        [] c.op = "vm-rollback" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ vm.desired = "running" /\ vm.room = "held"
                             /\ change.toDesired = "stopped" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        (* It makes way for another that waits there, of higher priority *)
                        [] c.op = "vm-preempt" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ vm.desired = "running"
                             /\ Has(table, c.by) /\ Waits(table[c.by]) /\ table[c.by].owner = vm.owner
                             /\ vm.size.priority < table[c.by].size.priority
                             /\ change.toDesired = "stopped" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        (* One that waited, and hence runs nowhere, gets room.           *)
                        [] c.op = "vm-admit" ->
                             /\ c.uuid = vm.uuid /\ c.generation = vm.generation
                             /\ Waits(vm)
                             /\ change.toDesired = "running" /\ change.toObserved = "pending"
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-reassign" ->
                             /\ c.uuid = vm.uuid /\ c.node = vm.owner /\ c.generation = vm.generation
                             /\ IsExpired(held, vm.owner)
                             /\ IF vm.desired = "deleted"
                                THEN /\ change.toDesired = "absent" /\ change.toObserved = "absent"
                                     /\ change.owner = vm.owner /\ change.generation = vm.generation
                                ELSE /\ change.owner # vm.owner
                                     /\ change.generation = vm.generation + 1
                                     (* What was to move and run again does so now.           *)
                                     /\ change.toDesired = (IF vm.move.restart THEN "running" ELSE vm.desired)
                                     (* A task that has no attempt left is nobody's any more. *)
                                     /\ \/ change.toObserved = (CASE change.toDesired = "running" -> "pending"
                                                                 [] change.toDesired = "paused"  -> "failed"
                                                                 [] OTHER                        -> "stopped")
                                        \/ vm.desired = "running" /\ change.owner = Nil /\ change.toObserved = "failed"
                        [] c.op = "vm-report" ->
                             /\ c.uuid = vm.uuid /\ c.node = vm.owner /\ c.generation = vm.generation
                             /\ change.generation = vm.generation
                             /\ c.observed \in MayReport(vm.desired,
                                                         IF vm.seen = vm.generation THEN vm.observed ELSE "fresh")
                             /\ IF c.observed = "gone"
                                THEN change.toDesired = "absent" /\ change.toObserved = "absent"
                                ELSE change.toDesired = vm.desired /\ change.toObserved = c.observed
                   /\ change.toDesired = "absent" \/ IF c.op = "vm-carry" THEN IsCarry(c, vm, change)
                                                     ELSE MoveIn(change) = MoveAfter(change.index, c, vm)

(* A report that repeats what is known of the state changes it only in     *)
(* `seen`, which no line tells: it is a change without an outcome.         *)
Seen(c, table) ==
    IF /\ c.op = "vm-report" /\ Has(table, c.vm)
       /\ c.uuid = table[c.vm].uuid /\ c.node = table[c.vm].owner
       /\ c.generation = table[c.vm].generation
       /\ c.observed = table[c.vm].observed
       /\ c.observed \in MayReport(table[c.vm].desired,
                           IF table[c.vm].seen = table[c.vm].generation THEN table[c.vm].observed ELSE "fresh")
    THEN [table EXCEPT ![c.vm].seen = c.generation]
    ELSE table

(* By which move the process of the VM came, after command c: what a        *)
(* report and the begin and the end of a move do not change.               *)
Carried(c, table) ==
    CASE c.op = "vm-hand-over" -> c.move
      [] c.op \in {"vm-report", "vm-carry", "vm-keep"} -> table[c.vm].carried
      [] OTHER -> 0

After(c, table, change) ==
    IF change.toDesired = "absent" THEN Drop(table, change.vm)
    ELSE Put(table, change.vm,
             LET was  == IF Has(table, change.vm) THEN table[change.vm] ELSE Record(change.uuid, change.owner, "absent", "absent", 0, 0)
                 seen == IF c.op = "vm-report" THEN c.generation
                         ELSE IF c.op = "vm-create" THEN (IF c.start THEN 0 ELSE 1)
                         ELSE IF /\ c.op \in {"vm-reassign", "vm-switch"}
                                 /\ change.toDesired # "running" \/ change.toObserved = "failed" THEN change.generation
                         ELSE IF change.owner = Nil /\ change.toObserved \in {"stopped", "failed"} THEN change.generation
                         ELSE was.seen
             IN  [Record(change.uuid, change.owner, change.toDesired, change.toObserved, change.generation, seen) EXCEPT
                     !.size   = IF c.op = "vm-create" THEN SizeOf(c) ELSE was.size,
                     !.room   = was.room,
                     !.move   = MoveIn(change), !.carried = Carried(c, table)])

-----------------------------------------------------------------------------
(* Reservations.  What a VM takes of its worker is part of its record:     *)
(* `room` says what holds of it, "" that it takes none.  It is made by the *)
(* entry that wants the VM to run ("held"), confirmed by the report that   *)
(* it runs, and gone with the one that it ended.  Its epoch is the VM's    *)
(* generation.  What is `kept` though nothing runs is for a VM that is     *)
(* started again soon; that of one which yields to another is not kept.    *)
(* VMs whose create told no size are of a time without reservations.       *)

WorkerOps == {"worker-register", "worker-remove"}

SizeOf(c) == IF "size" \in DOMAIN c THEN c.size ELSE NoSize

MayHold(was, vm, op) ==
    IF vm.owner = Nil THEN {""}
    ELSE IF vm.desired \in {"stopped", "deleted"}
    THEN {IF was = "" THEN "" ELSE IF ~IsOver(vm) THEN "releasing" ELSE IF vm.move.restart /\ ~Yields(vm) THEN "kept" ELSE ""}
    ELSE IF IsOver(vm) THEN {""} \cup (IF was = "" THEN {} ELSE {"kept"})
    ELSE IF vm.seen = vm.generation /\ vm.observed = vm.desired THEN {"confirmed"}
    ELSE IF op \in {"vm-create", "vm-switch"} THEN {"held", ""}
    ELSE {"held"}

Offer(cpus, memoryMib) == [cpus |-> cpus, memoryMib |-> memoryMib, usedCpus |-> 0, usedMemoryMib |-> 0]

(* It takes its room at its owner, and where its memory is about to come.  *)
Holders(vm) == IF vm.move.live THEN {vm.owner, vm.move.to} ELSE {vm.owner}

UsedAt(table, workers, size, sign) ==
    IF workers \cap DOMAIN table = {} THEN table
    ELSE [w \in DOMAIN table |->
             IF w \notin workers THEN table[w]
             ELSE [table[w] EXCEPT !.usedCpus = @ + sign * size.cpus, !.usedMemoryMib = @ + sign * size.memoryMib]]

(* Never more is promised than there is.  Of workers that registered when  *)
(* nobody told of it, nothing is known.                                    *)
Fits(table, w, size) ==
    Has(table, w) => /\ table[w].usedCpus + size.cpus <= table[w].cpus
                     /\ table[w].usedMemoryMib + size.memoryMib <= table[w].memoryMib

(* The offers after a worker entry of which `told` tells what it did.      *)
IsOffer(c, told) ==
    /\ told.vm = "" /\ told.node = c.node
    /\ CASE c.op = "worker-register" -> told.cpus = SizeOf(c).cpus /\ told.memoryMib = SizeOf(c).memoryMib
         [] c.op = "worker-remove"   -> told.cpus = 0 /\ told.memoryMib = 0

Offered(table, told) ==
    LET was == IF Has(table, told.node) THEN table[told.node] ELSE Offer(0, 0)
    IN  Put(table, told.node, [was EXCEPT !.cpus = told.cpus, !.memoryMib = told.memoryMib])

(* What command c comes to for the reservation of its VM, where the record *)
(* was in `before` and is in `after`: told at once, and as it must be.     *)
Booked(c, before, after, offered, told) ==
    LET had    == IF Has(before, c.vm) THEN before[c.vm] ELSE Record("", "", "absent", "absent", 0, 0)
        now    == IF Has(after, c.vm) THEN after[c.vm] ELSE Record("", "", "absent", "absent", 0, 0)
        size   == IF Has(after, c.vm) THEN now.size ELSE had.size
        room   == IF told = <<>> THEN had.room ELSE IF told[1].state = "released" THEN "" ELSE told[1].state
        held   == IF had.room = "" THEN {} ELSE Holders(had)
        holds  == IF room = "" THEN {} ELSE Holders(now)
        left   == UsedAt(offered, held \ holds, size, -1)
        ok     == /\ IF Has(after, c.vm) THEN room \in MayHold(had.room, now, c.op) ELSE room = ""
                  /\ IF told = <<>>
                     THEN had.room = "" \/ (had.owner = now.owner /\ had.generation = now.generation)
                     ELSE /\ told[1].vm = c.vm
                          /\ IF room = "" THEN had.room # "" /\ told[1].node = had.owner /\ told[1].generation = had.generation
                             ELSE told[1].node = now.owner /\ told[1].generation = now.generation
                  /\ \A w \in holds \ held : Fits(left, w, size)
    IN  IF before = after THEN [ok |-> told = <<>>, table |-> after, offers |-> offered]
        ELSE IF size.ttlMs = 0 THEN [ok |-> TRUE, table |-> after, offers |-> offered]
        ELSE IF ~ok THEN [ok |-> FALSE, table |-> after, offers |-> offered]
        ELSE [ok     |-> TRUE,
              table  |-> IF Has(after, c.vm) THEN [after EXCEPT ![c.vm].room = room] ELSE after,
              offers |-> UsedAt(left, holds \ held, size, 1)]

(* What changed at index k, of all the changes that the step tells.        *)
ChangesAt(changes, k) == {n \in 1..Len(changes) : changes[n].index = k}
TellAt(told, k) == LET at == ChangesAt(told, k) IN IF at = {} THEN <<>> ELSE <<told[MinOf(at)]>>

(* The tables after the VM entry at index k; ok is FALSE if a change does  *)
(* not follow from its entry.                                              *)
AfterEntry(l, tables, k, changes, granted, booked) ==
    LET c    == l[k].command
        told == TellAt(booked, k)
        Fail == [tables EXCEPT !.ok = FALSE]
        Book(table) == LET result == Booked(c, tables.table, table, tables.offers, told)
                       IN  [tables EXCEPT !.ok = result.ok, !.table = result.table, !.offers = result.offers]
    IN  IF Cardinality(ChangesAt(booked, k)) > 1 THEN Fail
        ELSE IF c.op \in LeaseOps
        THEN LET at == ChangesAt(granted, k)
             IN  IF told # <<>> THEN Fail
                 ELSE IF at = {} THEN tables
                 ELSE LET change == granted[MinOf(at)]
                      IN  IF Cardinality(at) = 1 /\ IsLeaseOutcome(k, c, tables.held, change)
                          THEN [tables EXCEPT !.held = Put(tables.held, change.node, Lease(change.epoch, change.held))]
                          ELSE Fail
        ELSE IF c.op \in WorkerOps
        THEN IF told = <<>> THEN tables
             ELSE IF IsOffer(c, told[1]) THEN [tables EXCEPT !.offers = Offered(tables.offers, told[1])] ELSE Fail
        ELSE LET at == ChangesAt(changes, k)
             IN  IF at = {} THEN Book(Seen(c, tables.table))
                 ELSE LET change == changes[MinOf(at)]
                      IN  IF Cardinality(at) = 1 /\ IsOutcome(c, tables.table, tables.held, change)
                          THEN Book(After(c, tables.table, change))
                          ELSE Fail

UpTo(told, k)   == SelectSeq(told, LAMBDA change : change.index <= k)
Behind(told, k) == SelectSeq(told, LAMBDA change : change.index > k)

(* The tables after the VM entries at the given indices, in order.  By     *)
(* halves, so that a long history needs no deep recursion.                 *)
RECURSIVE Replay(_, _, _, _, _, _)
Replay(l, tables, indices, changes, granted, booked) ==
    IF indices = {} \/ ~tables.ok THEN tables
    ELSE LET least == MinOf(indices)
             last  == MaxOf(indices)
             half  == (least + last) \div 2
         IN  IF least = last THEN AfterEntry(l, tables, least, changes, granted, booked)
             ELSE Replay(l, Replay(l, tables, {k \in indices : k <= half},
                                   UpTo(changes, half), UpTo(granted, half), UpTo(booked, half)),
                         {k \in indices : k > half}, Behind(changes, half), Behind(granted, half), Behind(booked, half))

(* The workers that are lapsed after fresh changes of leases, in order.    *)
RECURSIVE LapsedAfter(_, _)
LapsedAfter(were, fresh) ==
    IF fresh = <<>> THEN were
    ELSE LapsedAfter(IF Head(fresh).held THEN were \ {Head(fresh).node} ELSE were \cup {Head(fresh).node}, Tail(fresh))

(* Applying is the only way a record of a VM changes, and only committed   *)
(* entries are applied.                                                    *)
Apply(i, n, changes, checks, told, granted, booked) ==
    /\ n \in (applied[i] + 1)..commitIndex[i]
    /\ LET span   == (applied[i] + 1)..n
           vmAt   == {k \in span : log[i][k].kind = "vm"}
           replay == Replay(log[i], [ok |-> TRUE, table |-> vms[i], held |-> leases[i], offers |-> offers[i]],
                            vmAt, changes, granted, booked)
           leaseAt == {k \in vmAt : log[i][k].command.op \in LeaseOps}
       IN  /\ replay.ok
           /\ \A m \in 1..Len(changes) : changes[m].index \in vmAt \ leaseAt
           /\ \A k \in vmAt : Agrees(outcomes, k, TellAt(changes, k))
           /\ outcomes' = IF vmAt \subseteq DOMAIN outcomes THEN outcomes
                          ELSE [k \in vmAt \ DOMAIN outcomes |-> TellAt(changes, k)] @@ outcomes
           /\ vms' = [vms EXCEPT ![i] = replay.table]
           /\ leases' = [leases EXCEPT ![i] = replay.held]
           /\ \A m \in 1..Len(granted) : granted[m].index \in leaseAt
           /\ \A k \in leaseAt : Agrees(grants, k, TellAt(granted, k))
           /\ grants' = IF leaseAt \subseteq DOMAIN grants THEN grants
                        ELSE [k \in leaseAt \ DOMAIN grants |-> TellAt(granted, k)] @@ grants
           /\ offers' = [offers EXCEPT ![i] = replay.offers]
           /\ \A m \in 1..Len(booked) : booked[m].index \in vmAt
           /\ \A k \in vmAt : Agrees(rooms, k, TellAt(booked, k))
           /\ rooms' = IF vmAt \subseteq DOMAIN rooms THEN rooms
                       ELSE [k \in vmAt \ DOMAIN rooms |-> TellAt(booked, k)] @@ rooms
           /\ lapsed' = LapsedAfter(lapsed, SelectSeq(granted, LAMBDA change : change.index \notin DOMAIN grants))
           (* Equal digests at equal indices.                               *)
           /\ \A m \in 1..Len(checks) : checks[m].index \in span /\ Agrees(digests, checks[m].index, checks[m].digest)
           /\ digests' = LET fresh == {m \in 1..Len(checks) : ~Has(digests, checks[m].index)}
                         IN  IF fresh = {} THEN digests
                             ELSE [k \in {checks[m].index : m \in fresh} |->
                                     checks[MinOf({m \in fresh : checks[m].index = k})].digest] @@ digests
           (* Every configuration entry is told, as it stands in the log.   *)
           /\ {told[m].index : m \in 1..Len(told)} = {k \in span : log[i][k].kind = "configuration"}
           /\ \A m \in 1..Len(told) : /\ told[m].voters = log[i][told[m].index].voters
                                      /\ told[m].learners = log[i][told[m].index].learners
                                      /\ told[m].outgoing = log[i][told[m].index].outgoing
                                      /\ Agrees(configurations, told[m].index,
                                                <<told[m].voters, told[m].learners, told[m].outgoing>>)
           /\ configurations' = IF told = <<>> THEN configurations
                                ELSE configurations @@
                                     [k \in {told[m].index : m \in 1..Len(told)} |->
                                        LET m == MinOf({x \in 1..Len(told) : told[x].index = k})
                                        IN  <<told[m].voters, told[m].learners, told[m].outgoing>>]
    /\ applied' = [applied EXCEPT ![i] = n]
    /\ UNCHANGED <<running, ready, doubtful, standing, reports, finished, holding>>

(* The changes at the given indices, in order.                             *)
RECURSIVE Tell(_, _)
Tell(history, indices) ==
    IF indices = {} THEN <<>>
    ELSE LET least == MinOf(indices)
             last  == MaxOf(indices)
             half  == (least + last) \div 2
         IN  IF least = last THEN <<history[least][1]>>
             ELSE Tell(history, {k \in indices : k <= half}) \o Tell(history, {k \in indices : k > half})

ToldUpTo(history, n) == Tell(history, {k \in DOMAIN history : 0 < k /\ k <= n /\ history[k] # <<>>})

(* The tables that a run begins with: none, or those that were recovered,  *)
(* which stand in the history at index 0.                                  *)
FirstTables == IF Has(outcomes, 0) THEN outcomes[0] ELSE [ok |-> TRUE, table |-> <<>>, held |-> <<>>, offers |-> <<>>]

(* The tables at index n, from the history of outcomes.                    *)
TablesAt(n) == Replay(committedLog, FirstTables, {k \in DOMAIN outcomes : 0 < k /\ k <= n},
                      ToldUpTo(outcomes, n), ToldUpTo(grants, n), ToldUpTo(rooms, n))

(* A node that starts again has nothing in memory.  It may have died       *)
(* between the line that tells of a launch and the launch; what is certain *)
(* is what the driver once confirmed.                                      *)
Forget(i) ==
    /\ applied'  = [applied EXCEPT ![i] = 0]
    /\ vms'      = [vms EXCEPT ![i] = <<>>]
    /\ leases'   = [leases EXCEPT ![i] = <<>>]
    /\ offers'   = [offers EXCEPT ![i] = <<>>]
    /\ holding'  = [holding EXCEPT ![i] = 0]
    /\ finished' = [finished EXCEPT ![i] = {}]
    /\ doubtful' = doubtful \cup {p \in running : p.server = i /\ ~\E guest \in ready : guest.server = i /\ guest.uuid = p.uuid}
    /\ UNCHANGED <<running, ready, standing, reports, outcomes, digests, configurations, grants, lapsed, rooms>>

(* What lines tell of a record that they only repeat.                      *)
Told(vm) == [vm EXCEPT !.seen = 0, !.size = NoSize, !.room = "", !.carried = 0]

(* i reads its rows back after a restart, or takes those of a snapshot.    *)
(* They are what applying every entry up to n gives.                       *)
Restore(i, n, digest, table, held) ==
    /\ n = commitIndex[i]
    /\ n > 0 => Has(digests, n) /\ digests[n] = digest
    /\ {k \in 1..n : committedLog[k].kind = "vm"} \subseteq DOMAIN outcomes
    /\ LET tables == TablesAt(n)
           told   == tables.table
       IN  /\ tables.held = held
           /\ leases' = [leases EXCEPT ![i] = tables.held]
           /\ offers' = [offers EXCEPT ![i] = tables.offers]
           /\ DOMAIN told = DOMAIN table
           /\ \A vm \in DOMAIN told : Told(told[vm]) = Told(table[vm])
           /\ vms' = [vms EXCEPT ![i] = told]
    /\ applied' = [applied EXCEPT ![i] = n]
    /\ UNCHANGED <<running, ready, doubtful, standing, reports, finished, outcomes, digests, configurations, holding, grants, lapsed, rooms>>

-----------------------------------------------------------------------------
(* The executor.                                                           *)

Process(i, uuid) == [uuid |-> uuid, server |-> i]
Guest(i, uuid, generation) == [uuid |-> uuid, server |-> i, generation |-> generation]

(* The cluster is founded anew on the rows at i, which are those of index  *)
(* n.  Of the processes of its VMs nothing is certain but what their       *)
(* records say that a driver confirmed.                                    *)
RecoverRows(i, n, digest, table, held, offered) ==
    LET own == {vm \in DOMAIN table : table[vm].owner = i}
        up  == {vm \in own : table[vm].observed \in {"running", "paused"}}
    IN  /\ outcomes' = (0 :> [ok |-> TRUE, table |-> table, held |-> held, offers |-> offered])
        /\ digests'  = (n :> digest)
        /\ running'  = {Process(i, table[vm].uuid) : vm \in own}
        /\ doubtful' = {Process(i, table[vm].uuid) : vm \in own}
        /\ ready'    = {Guest(i, table[vm].uuid, table[vm].seen) : vm \in up}
        /\ lapsed'   = {w \in DOMAIN held : ~held[w].held}
        /\ standing' = {}
        /\ UNCHANGED <<applied, vms, reports, finished, configurations, leases, holding, grants, offers, rooms>>

IsOwn(i, vm, uuid, generation) ==
    Has(vms[i], vm) /\ vms[i][vm].owner = i /\ vms[i][vm].uuid = uuid /\ vms[i][vm].generation = generation

(* Only the owner that a committed entry names starts a process, and none  *)
(* for a wish of which it has said itself that it came to an end, although *)
(* its own records may not show that yet.  A worker that ever had a lease  *)
(* must hold the latest one.                                               *)
MayRun(i) == Has(leases[i], i) => leases[i][i].held /\ holding[i] = leases[i][i].epoch

(* A process that stands still for a move: `sent`, the source has sent its  *)
(* memory; `waits`, the target is about to get it; `got`, the target has   *)
(* all of it.                                                              *)
Still(i, uuid, move, kind, generation) ==
    [uuid |-> uuid, server |-> i, move |-> move, kind |-> kind, generation |-> generation]

StandingAt(i, uuid) == {p \in standing : p.server = i /\ p.uuid = uuid}
ElsewhereStanding(i) == {p \in standing : p.server # i}

LaunchVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].desired = "running"
    /\ Tracked(vms[i][vm]) => vms[i][vm].room # ""
    /\ MayRun(i)
    /\ Process(i, uuid) \notin running \/ Process(i, uuid) \in doubtful
    /\ StandingAt(i, uuid) = {}
    (* The target may ask to go on with what has ended here.                *)
    /\ ~vms[i][vm].move.live
    (* What came with its memory goes on, or has failed: to boot it would   *)
    (* lose its memory without a word.                                      *)
    /\ vms[i][vm].carried = 0 \/ vms[i][vm].seen = generation
    /\ [uuid |-> uuid, generation |-> generation] \notin finished[i]
    /\ running'  = running \cup {Process(i, uuid)}
    /\ doubtful' = doubtful \ {Process(i, uuid)}
    /\ UNCHANGED <<standing, applied, vms, ready, reports, finished, outcomes, digests, configurations, leaseVars>>

VmReady(i, vm, uuid, generation) ==
    /\ Process(i, uuid) \in running \ doubtful
    /\ ready' = ready \cup {Guest(i, uuid, generation)}
    /\ UNCHANGED <<standing, applied, vms, running, doubtful, reports, finished, outcomes, digests, configurations, leaseVars>>

(* A restarted daemon finds the process that an earlier one started.       *)
AdoptVm(i, vm, uuid, generation) ==
    /\ Process(i, uuid) \in running \/ StandingAt(i, uuid) # {}
    /\ doubtful' = doubtful \ {Process(i, uuid)}
    /\ UNCHANGED <<standing, applied, vms, running, ready, reports, finished, outcomes, digests, configurations, leaseVars>>

(* The driver confirmed that the guest stands still.  It is told of the    *)
(* generation that asked for that, so it is no guest that is up.           *)
PauseVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].desired = "paused"
    /\ Process(i, uuid) \in running \ doubtful
    /\ ready' = ready \cup {Guest(i, uuid, generation)}
    /\ UNCHANGED <<standing, applied, vms, running, doubtful, reports, finished, outcomes, digests, configurations, leaseVars>>

(* The executor ends a VM that is not wanted to run, or that runs for an   *)
(* older wish: a restart ends it before it starts it anew.                 *)
StopVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].desired # "running" \/ vms[i][vm].seen < generation
    /\ Process(i, uuid) \in running
    /\ UNCHANGED clusterVars

(* The process is gone, whoever ended it.                                  *)
VmEnded(i, uuid) ==
    /\ running'  = running \ {Process(i, uuid)}
    /\ ready'    = {guest \in ready : guest.uuid # uuid \/ guest.server # i}
    /\ doubtful' = doubtful \ {Process(i, uuid)}
    /\ standing' = standing \ StandingAt(i, uuid)
    /\ UNCHANGED <<applied, vms, reports, finished, outcomes, digests, configurations, leaseVars>>

(* Moves with memory.  The target starts a process that waits for the      *)
(* memory of the guest; the source sends it, and its guest stands still;   *)
(* the target then has all of it, and asks to become the owner.            *)
MoveOf(i, vm, uuid) == IF Has(vms[i], vm) /\ vms[i][vm].uuid = uuid THEN vms[i][vm].move ELSE NoMove

ButStanding == <<applied, vms, finished, outcomes, digests, configurations, leaseVars>>

AwaitVm(j, vm, uuid, generation, move) ==
    /\ MoveOf(j, vm, uuid).live /\ MoveOf(j, vm, uuid).index = move /\ MoveOf(j, vm, uuid).to = j
    /\ vms[j][vm].generation = generation
    /\ MayRun(j)
    /\ Process(j, uuid) \notin running
    /\ \A p \in StandingAt(j, uuid) : p.kind = "waits"
    /\ standing' = (standing \ StandingAt(j, uuid)) \cup {Still(j, uuid, move, "waits", generation)}
    /\ UNCHANGED <<running, ready, doubtful, reports, ButStanding>>

(* The guest stands still, and its memory was sent.                        *)
SuspendVm(i, vm, uuid, generation, move) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].move.live /\ vms[i][vm].move.index = move
    /\ Process(i, uuid) \in running \ doubtful
    /\ running'  = running \ {Process(i, uuid)}
    /\ ready'    = {guest \in ready : guest.uuid # uuid \/ guest.server # i}
    /\ standing' = standing \cup {Still(i, uuid, move, "sent", generation)}
    /\ UNCHANGED <<doubtful, reports, ButStanding>>

(* The target has all the memory, of a guest that stands still.            *)
ReceiveVm(j, vm, uuid, generation, move) ==
    /\ Still(j, uuid, move, "waits", generation) \in standing
    /\ \E p \in standing : p.uuid = uuid /\ p.move = move /\ p.kind = "sent" /\ p.generation = generation
    /\ standing' = (standing \ StandingAt(j, uuid)) \cup {Still(j, uuid, move, "got", generation)}
    /\ UNCHANGED <<running, ready, doubtful, reports, ButStanding>>

HandOver(j, vm, uuid, generation, move) ==
    [op |-> "vm-hand-over", vm |-> vm, uuid |-> uuid, node |-> j, start |-> FALSE,
     generation |-> generation, observed |-> "", move |-> move]

(* The target asks to become the owner.                                    *)
AskHandOver(j, vm, uuid, generation, move) ==
    /\ Still(j, uuid, move, "got", generation) \in standing
    /\ reports' = reports \cup {HandOver(j, vm, uuid, generation, move)}
    /\ UNCHANGED <<running, ready, doubtful, standing, ButStanding>>

(* The guest goes on: at the target once that is the owner by this move;   *)
(* at the source when the move is over and it still is what was sent, with *)
(* no owner and no wish in between.                                        *)
ContinueVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ ~vms[i][vm].move.live
    /\ MayRun(i)
    /\ \/ Process(i, uuid) \in running \ doubtful
       \/ \E p \in StandingAt(i, uuid) :
             \/ p.kind = "sent" /\ p.generation = generation
             \/ p.kind = "got" /\ p.move = vms[i][vm].carried /\ generation = p.generation + 1
    /\ running'  = running \cup {Process(i, uuid)}
    /\ standing' = standing \ StandingAt(i, uuid)
    /\ ready'    = IF \E p \in StandingAt(i, uuid) : p.kind = "sent" THEN ready \cup {Guest(i, uuid, generation)} ELSE ready
    /\ UNCHANGED <<doubtful, reports, ButStanding>>

Report(i, vm, uuid, generation, observed) ==
    [op |-> "vm-report", vm |-> vm, uuid |-> uuid, node |-> i, start |-> FALSE,
     generation |-> generation, observed |-> observed]

(* What is reported is what the driver said.                               *)
ReportVm(i, vm, uuid, generation, observed) ==
    /\ CASE observed \in {"running", "paused"} -> Guest(i, uuid, generation) \in ready
         [] observed = "starting" -> Process(i, uuid) \in running \ doubtful
         [] OTHER                 -> /\ Process(i, uuid) \notin running \/ Process(i, uuid) \in doubtful
                                     /\ \A p \in StandingAt(i, uuid) : p.kind = "waits"
    /\ reports'  = reports \cup {Report(i, vm, uuid, generation, observed)}
    /\ finished' = IF observed \in {"starting", "running", "paused"} THEN finished
                   ELSE [finished EXCEPT ![i] = @ \cup {[uuid |-> uuid, generation |-> generation]}]
    (* Who says that it ended has looked: what was in doubt does not run.   *)
    /\ running'  = IF observed \in {"starting", "running", "paused"} THEN running ELSE running \ {Process(i, uuid)}
    /\ doubtful' = IF observed \in {"starting", "running", "paused"} THEN doubtful ELSE doubtful \ {Process(i, uuid)}
    /\ ready'    = IF observed \in {"starting", "running", "paused"} THEN ready
                   ELSE {guest \in ready : guest.uuid # uuid \/ guest.server # i}
    /\ UNCHANGED <<standing, applied, vms, outcomes, digests, configurations, leaseVars>>

-----------------------------------------------------------------------------
(* Leases, as worker and leader deal with them.                            *)

LeaseCommand(op, w, epoch) ==
    [op |-> op, vm |-> "", uuid |-> "", node |-> w, start |-> FALSE, generation |-> epoch, observed |-> ""]

(* i asks for a lease in place of the one with this epoch: nothing runs    *)
(* there, so nothing is lost to it that somebody else may run by now.      *)
AskLease(i, epoch) ==
    /\ EpochOf(leases[i], i) = epoch
    /\ \A p \in running : p.server = i => p \in doubtful
    /\ \A p \in standing : p.server = i => p.kind = "waits"
    /\ holding[i] = 0
    /\ standing' = ElsewhereStanding(i)
    /\ reports'  = reports \cup {LeaseCommand("lease-acquire", i, epoch)}
    /\ running'  = {p \in running : p.server # i}
    /\ doubtful' = {p \in doubtful : p.server # i}
    /\ ready'    = {guest \in ready : guest.server # i}
    /\ UNCHANGED <<applied, vms, finished, outcomes, digests, configurations, leaseVars>>

(* The leader has acknowledged the first renewal since i lost its lease or *)
(* got it.                                                                 *)
HoldLease(i, epoch) ==
    /\ IsHeld(leases[i], i) /\ leases[i][i].epoch = epoch
    /\ holding' = [holding EXCEPT ![i] = epoch]
    /\ UNCHANGED <<standing, applied, vms, running, ready, doubtful, reports, finished, outcomes, digests, configurations, leases, grants, lapsed, offers, rooms>>

(* i could not renew in time by its own clock: nothing runs there any more.*)
LoseLease(i, epoch) ==
    /\ holding[i] = epoch
    /\ \A p \in running : p.server = i => p \in doubtful
    /\ \A p \in standing : p.server = i => p.kind = "waits"
    /\ standing' = ElsewhereStanding(i)
    /\ holding' = [holding EXCEPT ![i] = 0]
    /\ UNCHANGED <<applied, vms, running, ready, doubtful, reports, finished, outcomes, digests, configurations, leases, grants, lapsed, offers, rooms>>

(* The leader l has acknowledged no renewal of w for long enough.          *)
ExpireLease(l, w, epoch) ==
    /\ role[l] = Leader
    /\ IsHeld(leases[l], w) /\ leases[l][w].epoch = epoch
    /\ reports' = reports \cup {LeaseCommand("lease-expire", w, epoch)}
    /\ UNCHANGED <<standing, applied, vms, running, ready, doubtful, finished, outcomes, digests, configurations, leaseVars>>

(* The leader l has seen a start unconfirmed for all of its time.          *)
LapseReservation(l, vm, uuid, generation) ==
    /\ role[l] = Leader
    /\ Has(vms[l], vm) /\ vms[l][vm].uuid = uuid /\ vms[l][vm].generation = generation
    /\ vms[l][vm].desired = "running" /\ vms[l][vm].room = "held"
    /\ reports' = reports \cup {[op |-> "vm-rollback", vm |-> vm, uuid |-> uuid, node |-> "", start |-> FALSE,
                                 generation |-> generation, observed |-> ""]}
    /\ UNCHANGED <<applied, vms, running, ready, doubtful, standing, finished, outcomes, digests, configurations, leaseVars>>

(* A report that stands in a log was made by the executor that it names,   *)
(* and what takes a right away by a leader that gave the reason.           *)
ReportsAreMade(entries) ==
    \A k \in 1..Len(entries) :
        entries[k].kind = "vm" =>
            (entries[k].command.op \in {"vm-report", "vm-hand-over", "vm-rollback"} \cup LeaseOps => entries[k].command \in reports)

-----------------------------------------------------------------------------
(* What must hold.                                                         *)

(* No two nodes run the same VM.  The processes of a worker whose lease is *)
(* over have ended, although its lines that say so may come later.         *)
AtMostOneOwnerRunning ==
    \A a, b \in running : a.uuid = b.uuid /\ {a.server, b.server} \cap lapsed = {} => a.server = b.server

(* What stands still for a move does not run.                              *)
StandingOnesDoNotRun == \A p \in standing : Process(p.server, p.uuid) \notin running

DoubtfulOnesWereLaunched == doubtful \subseteq running

(* No record of a VM is ahead of what is committed.                        *)
NoVmChangeWithoutCommit == \A i \in Server : applied[i] <= commitIndex[i]

(* What runs, as the records say it, has a reservation of its generation.  *)
RunningIsReserved ==
    \A i \in Server : \A vm \in DOMAIN vms[i] :
        LET record == vms[i][vm]
        IN  Tracked(record) /\ record.desired = "running" /\ record.observed = "running" /\ record.seen = record.generation
                => record.room = "confirmed"

(* What is reserved is what the reservations add up to.                    *)
RECURSIVE Reserved(_, _, _)
Reserved(table, names, w) ==
    IF names = {} THEN <<0, 0>>
    ELSE LET vm   == CHOOSE name \in names : TRUE
             rest == Reserved(table, names \ {vm}, w)
             size == table[vm].size
         IN  IF w \in Holders(table[vm]) /\ table[vm].room # "" THEN <<rest[1] + size.cpus, rest[2] + size.memoryMib>> ELSE rest

OffersAddUp ==
    \A i \in Server : \A w \in DOMAIN offers[i] :
        <<offers[i][w].usedCpus, offers[i][w].usedMemoryMib>> = Reserved(vms[i], DOMAIN vms[i], w)

(* Nodes that applied the same entries have the same records.              *)
VmsAgree ==
    \A i, j \in Server : applied[i] = applied[j] => vms[i] = vms[j] /\ offers[i] = offers[j]

(* What nodes report as membership is what was committed, also after a     *)
(* node was removed.                                                       *)
MembershipAgreedAfterRemove ==
    \A k \in DOMAIN configurations :
        /\ k <= Len(committedLog)
        /\ committedLog[k].kind = "configuration"
        /\ configurations[k] = <<committedLog[k].voters, committedLog[k].learners, committedLog[k].outgoing>>

(* Over two states: a record changes only by applying.                     *)
VmChangesOnlyByApply ==
    \A i \in Server : vms'[i] # vms[i] => applied'[i] # applied[i]
=============================================================================
