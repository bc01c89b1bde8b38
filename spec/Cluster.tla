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
    reports,        \* what executors have reported so far
    finished,       \* finished[i]: what i reported to have ended since it started, by uuid and generation
    outcomes,       \* history: what the VM entry at an index did, as the first node to apply it said
    digests,        \* history: digest of the replicated state at an index
    configurations  \* history: the configuration at an index, as nodes report it

clusterVars == <<applied, vms, running, ready, doubtful, reports, finished, outcomes, digests, configurations>>

ClusterInit ==
    /\ applied        = [i \in Server |-> 0]
    /\ vms            = [i \in Server |-> <<>>]
    /\ running        = {}
    /\ ready          = {}
    /\ doubtful       = {}
    /\ reports        = {}
    /\ finished       = [i \in Server |-> {}]
    /\ outcomes       = <<>>
    /\ digests        = <<>>
    /\ configurations = <<>>

-----------------------------------------------------------------------------
(* Functions as tables.                                                    *)

Has(table, key)        == key \in DOMAIN table
Put(table, key, value) == (key :> value) @@ table
Drop(table, key)       == [k \in DOMAIN table \ {key} |-> table[k]]

(* Says `value` of `key`, or agrees with what was said before.             *)
Agrees(table, key, value) == Has(table, key) => table[key] = value

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

Record(uuid, owner, desired, observed, generation, seen) ==
    [uuid |-> uuid, owner |-> owner, desired |-> desired, observed |-> observed,
     generation |-> generation, seen |-> seen]

(* The records that command c may leave behind where there was `table`.    *)
(* `owner` of a new VM is the scheduler's choice, hence free unless asked  *)
(* for.  `seen` is the generation that `observed` speaks of.               *)
IsOutcome(c, table, change) ==
    /\ change.vm = c.vm
    /\ IF c.op = "vm-create"
       THEN /\ ~Has(table, c.vm)
            /\ change.fromDesired = "absent" /\ change.fromObserved = "absent"
            /\ change.uuid = c.uuid /\ change.generation = 1
            /\ c.node # "" => change.owner = c.node
            /\ change.toDesired = (IF c.start THEN "running" ELSE "stopped")
            /\ change.toObserved = "pending"
       ELSE /\ Has(table, c.vm)
            /\ LET vm == table[c.vm]
               IN  /\ change.uuid = vm.uuid /\ change.owner = vm.owner
                   /\ change.fromDesired = vm.desired /\ change.fromObserved = vm.observed
                   /\ CASE c.op = "vm-start" ->
                             /\ vm.desired # "deleted"
                             /\ \/ vm.desired \in {"stopped", "paused"}
                                \/ vm.seen = vm.generation /\ vm.observed \in {"stopped", "failed"}
                             /\ change.toDesired = "running" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-stop" ->
                             /\ vm.desired \in {"running", "paused"}
                             /\ change.toDesired = "stopped" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-pause" ->
                             /\ vm.desired = "running"
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
                             /\ vm.desired # "deleted"
                             /\ change.toDesired = "deleted" /\ change.toObserved = vm.observed
                             /\ change.generation = vm.generation + 1
                        [] c.op = "vm-report" ->
                             /\ c.uuid = vm.uuid /\ c.node = vm.owner /\ c.generation = vm.generation
                             /\ change.generation = vm.generation
                             /\ c.observed \in MayReport(vm.desired,
                                                         IF vm.seen = vm.generation THEN vm.observed ELSE "fresh")
                             /\ IF c.observed = "gone"
                                THEN change.toDesired = "absent" /\ change.toObserved = "absent"
                                ELSE change.toDesired = vm.desired /\ change.toObserved = c.observed

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

After(c, table, change) ==
    IF change.toDesired = "absent" THEN Drop(table, change.vm)
    ELSE Put(table, change.vm,
             Record(change.uuid, change.owner, change.toDesired, change.toObserved, change.generation,
                    IF c.op = "vm-report" THEN c.generation
                    ELSE IF c.op = "vm-create" THEN (IF c.start THEN 0 ELSE 1)
                    ELSE table[change.vm].seen))

(* What changed at index k, of all the changes that the step tells.        *)
ChangesAt(changes, k) == {n \in 1..Len(changes) : changes[n].index = k}

(* The table after the VM entries at the given indices, in order; ok is    *)
(* FALSE if a change does not follow from its entry.                       *)
RECURSIVE Replay(_, _, _, _)
Replay(l, table, indices, changes) ==
    IF indices = {} THEN [ok |-> TRUE, table |-> table]
    ELSE LET k  == MinOf(indices)
             c  == l[k].command
             at == ChangesAt(changes, k)
         IN  IF at = {} THEN Replay(l, Seen(c, table), indices \ {k}, changes)
             ELSE LET change == changes[MinOf(at)]
                  IN  IF Cardinality(at) = 1 /\ IsOutcome(c, table, change)
                      THEN Replay(l, After(c, table, change), indices \ {k}, changes)
                      ELSE [ok |-> FALSE, table |-> table]

(* Applying is the only way a record of a VM changes, and only committed   *)
(* entries are applied.                                                    *)
Apply(i, n, changes, checks, told) ==
    /\ n \in (applied[i] + 1)..commitIndex[i]
    /\ LET span   == (applied[i] + 1)..n
           vmAt   == {k \in span : log[i][k].kind = "vm"}
           replay == Replay(log[i], vms[i], vmAt, changes)
           Told(k) == LET at == ChangesAt(changes, k) IN IF at = {} THEN <<>> ELSE <<changes[MinOf(at)]>>
       IN  /\ replay.ok
           /\ \A m \in 1..Len(changes) : changes[m].index \in vmAt
           /\ \A k \in vmAt : Agrees(outcomes, k, Told(k))
           /\ outcomes' = IF vmAt \subseteq DOMAIN outcomes THEN outcomes
                          ELSE [k \in vmAt \ DOMAIN outcomes |-> Told(k)] @@ outcomes
           /\ vms' = [vms EXCEPT ![i] = replay.table]
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
    /\ UNCHANGED <<running, ready, doubtful, reports, finished>>

(* The changes at the given indices, in order.                             *)
RECURSIVE Tell(_)
Tell(indices) == IF indices = {} THEN <<>>
                 ELSE LET k == MinOf(indices) IN <<outcomes[k][1]>> \o Tell(indices \ {k})

(* The records at index n, from the history of outcomes.                   *)
TableAt(n) == Replay(committedLog, <<>>, {k \in DOMAIN outcomes : k <= n},
                     Tell({k \in DOMAIN outcomes : k <= n /\ outcomes[k] # <<>>})).table

(* A node that starts again has nothing in memory.  It may have died       *)
(* between the line that tells of a launch and the launch; what is certain *)
(* is what the driver once confirmed.                                      *)
Forget(i) ==
    /\ applied'  = [applied EXCEPT ![i] = 0]
    /\ vms'      = [vms EXCEPT ![i] = <<>>]
    /\ finished' = [finished EXCEPT ![i] = {}]
    /\ doubtful' = doubtful \cup {p \in running : p.server = i /\ ~\E guest \in ready : guest.server = i /\ guest.uuid = p.uuid}
    /\ UNCHANGED <<running, ready, reports, outcomes, digests, configurations>>

(* i reads its rows back after a restart, or takes those of a snapshot.    *)
(* They are what applying every entry up to n gives.                       *)
Restore(i, n, digest, table) ==
    /\ n = commitIndex[i]
    /\ n > 0 => Has(digests, n) /\ digests[n] = digest
    /\ {k \in 1..n : committedLog[k].kind = "vm"} \subseteq DOMAIN outcomes
    /\ LET told == TableAt(n)
       IN  /\ DOMAIN told = DOMAIN table
           /\ \A vm \in DOMAIN told : [told[vm] EXCEPT !.seen = 0] = [table[vm] EXCEPT !.seen = 0]
           /\ vms' = [vms EXCEPT ![i] = told]
    /\ applied' = [applied EXCEPT ![i] = n]
    /\ UNCHANGED <<running, ready, doubtful, reports, finished, outcomes, digests, configurations>>

-----------------------------------------------------------------------------
(* The executor.                                                           *)

Process(i, uuid) == [uuid |-> uuid, server |-> i]
Guest(i, uuid, generation) == [uuid |-> uuid, server |-> i, generation |-> generation]

IsOwn(i, vm, uuid, generation) ==
    Has(vms[i], vm) /\ vms[i][vm].owner = i /\ vms[i][vm].uuid = uuid /\ vms[i][vm].generation = generation

(* Only the owner that a committed entry names starts a process, and none  *)
(* for a wish of which it has said itself that it came to an end, although *)
(* its own records may not show that yet.                                  *)
LaunchVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].desired = "running"
    /\ Process(i, uuid) \notin running \/ Process(i, uuid) \in doubtful
    /\ [uuid |-> uuid, generation |-> generation] \notin finished[i]
    /\ running'  = running \cup {Process(i, uuid)}
    /\ doubtful' = doubtful \ {Process(i, uuid)}
    /\ UNCHANGED <<applied, vms, ready, reports, finished, outcomes, digests, configurations>>

VmReady(i, vm, uuid, generation) ==
    /\ Process(i, uuid) \in running \ doubtful
    /\ ready' = ready \cup {Guest(i, uuid, generation)}
    /\ UNCHANGED <<applied, vms, running, doubtful, reports, finished, outcomes, digests, configurations>>

(* A restarted daemon finds the process that an earlier one started.       *)
AdoptVm(i, vm, uuid, generation) ==
    /\ Process(i, uuid) \in running
    /\ doubtful' = doubtful \ {Process(i, uuid)}
    /\ UNCHANGED <<applied, vms, running, ready, reports, finished, outcomes, digests, configurations>>

(* The driver confirmed that the guest stands still.  It is told of the    *)
(* generation that asked for that, so it is no guest that is up.           *)
PauseVm(i, vm, uuid, generation) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ vms[i][vm].desired = "paused"
    /\ Process(i, uuid) \in running \ doubtful
    /\ ready' = ready \cup {Guest(i, uuid, generation)}
    /\ UNCHANGED <<applied, vms, running, doubtful, reports, finished, outcomes, digests, configurations>>

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
    /\ UNCHANGED <<applied, vms, reports, finished, outcomes, digests, configurations>>

Report(i, vm, uuid, generation, observed) ==
    [op |-> "vm-report", vm |-> vm, uuid |-> uuid, node |-> i, start |-> FALSE,
     generation |-> generation, observed |-> observed]

(* What is reported is what the driver said.                               *)
ReportVm(i, vm, uuid, generation, observed) ==
    /\ CASE observed \in {"running", "paused"} -> Guest(i, uuid, generation) \in ready
         [] observed = "starting" -> Process(i, uuid) \in running \ doubtful
         [] OTHER                 -> Process(i, uuid) \notin running \/ Process(i, uuid) \in doubtful
    /\ reports'  = reports \cup {Report(i, vm, uuid, generation, observed)}
    /\ finished' = IF observed \in {"starting", "running", "paused"} THEN finished
                   ELSE [finished EXCEPT ![i] = @ \cup {[uuid |-> uuid, generation |-> generation]}]
    /\ UNCHANGED <<applied, vms, running, ready, doubtful, outcomes, digests, configurations>>

(* A report that stands in a log was made by the executor that it names.   *)
ReportsAreMade(entries) ==
    \A k \in 1..Len(entries) :
        entries[k].kind = "vm" => (entries[k].command.op = "vm-report" => entries[k].command \in reports)

-----------------------------------------------------------------------------
(* What must hold.                                                         *)

(* No two nodes run the same VM.                                           *)
AtMostOneOwnerRunning == \A a, b \in running : a.uuid = b.uuid => a.server = b.server

DoubtfulOnesWereLaunched == doubtful \subseteq running

(* No record of a VM is ahead of what is committed.                        *)
NoVmChangeWithoutCommit == \A i \in Server : applied[i] <= commitIndex[i]

(* Nodes that applied the same entries have the same records.              *)
VmsAgree ==
    \A i, j \in Server : applied[i] = applied[j] => vms[i] = vms[j]

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
