----------------------------- MODULE MCCluster -----------------------------
(***************************************************************************)
(* A small instance of Cluster, to be explored completely: one VM, every   *)
(* command and every report about it, daemons that die and come back.      *)
(* Consensus is taken for granted here: an entry is committed everywhere   *)
(* at once, and each node applies it when it will.                         *)
(***************************************************************************)
EXTENDS Cluster

CONSTANTS Uuids, MaxEntries, MaxReports

mcVars == <<raftVars, clusterVars>>

MCInit == RaftInit /\ ClusterInit

Vm == "v"

Wish(op, uuid, node, start) ==
    [op |-> op, vm |-> Vm, uuid |-> uuid, node |-> node, start |-> start, generation |-> 0, observed |-> ""]

Wishes == {Wish("vm-create", uuid, "", TRUE) : uuid \in Uuids}
          \cup {Wish(op, "", "", FALSE) : op \in {"vm-start", "vm-stop", "vm-delete"}}

(* What is asked for, and what executors report, in any order.             *)
Commit(command) ==
    /\ Len(committedLog) < MaxEntries
    /\ LET entry == [term |-> 1, kind |-> "vm", command |-> command]
       IN  /\ committedLog' = Append(committedLog, entry)
           /\ log'          = [i \in Server |-> Append(log[i], entry)]
           /\ commitIndex'  = [i \in Server |-> commitIndex[i] + 1]
    /\ UNCHANGED <<messages, currentTerm, votedFor, role, configurationIndex, votes, matchIndex,
                   durable, pending, leaders, clusterVars>>

(* Changes that command c might make to what is in the table; IsOutcome    *)
(* says which of them may be. A command is refused where none may.         *)
Changes(k, c, table) ==
    LET was == IF Has(table, Vm) THEN table[Vm] ELSE Record(c.uuid, Nil, "absent", "absent", 0, 0)
    IN  {[index |-> k, vm |-> Vm, uuid |-> was.uuid, owner |-> owner, generation |-> generation,
          fromDesired |-> was.desired, fromObserved |-> was.observed, toDesired |-> desired, toObserved |-> observed] :
            owner \in IF Has(table, Vm) THEN {was.owner} ELSE Server,
            generation \in {was.generation, was.generation + 1},
            desired \in {"running", "stopped", "deleted", "absent"},
            observed \in {"pending", "absent", was.observed, c.observed}}

ApplyNext(i) ==
    LET n == applied[i] + 1
        c == log[i][n].command
        digest == <<[index |-> n, digest |-> n]>>
        may == {change \in Changes(n, c, vms[i]) : IsOutcome(c, vms[i], leases[i], change)}
    IN  /\ n <= commitIndex[i]
        /\ IF may = {} THEN Apply(i, n, <<>>, digest, <<>>, <<>>, <<>>)
           ELSE \E change \in may : Apply(i, n, <<change>>, digest, <<>>, <<>>, <<>>)
        /\ UNCHANGED raftVars

Executor(i) ==
    /\ UNCHANGED raftVars
    /\ \/ /\ Has(vms[i], Vm)
          /\ LET vm == vms[i][Vm]
             IN  \/ LaunchVm(i, Vm, vm.uuid, vm.generation)
                 \/ VmReady(i, Vm, vm.uuid, vm.generation)
                 \/ AdoptVm(i, Vm, vm.uuid, vm.generation)
                 \/ /\ vm.owner = i
                    /\ \E observed \in {"starting", "running", "stopped", "failed", "gone"} :
                          ReportVm(i, Vm, vm.uuid, vm.generation, observed)
       \/ \E p \in running : p.server = i /\ VmEnded(i, p.uuid)

(* The daemon dies with all that it applied on disk.                       *)
Crash(i)   == applied[i] = commitIndex[i] /\ Forget(i) /\ UNCHANGED raftVars
Recover(i) == /\ applied[i] = 0 /\ commitIndex[i] > 0
              /\ Has(digests, commitIndex[i])
              /\ Restore(i, commitIndex[i], commitIndex[i], TablesAt(commitIndex[i]).table, <<>>)
              /\ UNCHANGED raftVars

MCNext ==
    \/ \E command \in Wishes \cup reports : Commit(command)
    \/ \E i \in Server : ApplyNext(i)
    \/ \E i \in Server : Executor(i)
    \/ \E i \in Server : Crash(i)
    \/ \E i \in Server : Recover(i)

Symmetry == Permutations(Server)

Bounded == Cardinality(reports) <= MaxReports

-----------------------------------------------------------------------------
VmTypeOK ==
    \A i \in Server : \A vm \in DOMAIN vms[i] :
        /\ vms[i][vm].owner \in Server
        /\ vms[i][vm].desired \in {"running", "stopped", "deleted"}
        /\ vms[i][vm].observed \in {"pending", "starting", "running", "stopped", "failed"}
        /\ vms[i][vm].seen <= vms[i][vm].generation

(* A process runs only where some node was told to be the owner.           *)
OnlyOwnersRun ==
    \A p \in running : \E k \in DOMAIN outcomes : outcomes[k] # <<>> /\ outcomes[k][1].uuid = p.uuid /\ outcomes[k][1].owner = p.server

(* A guest is up only in a process.                                        *)
ReadyOnesRun == \A guest \in ready : Process(guest.server, guest.uuid) \in running

RecordsChangeByApplying == [][VmChangesOnlyByApply]_mcVars
=============================================================================
