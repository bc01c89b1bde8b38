------------------------------- MODULE MCMove -------------------------------
(***************************************************************************)
(* A small instance of Cluster: a VM that runs is moved with its memory,   *)
(* given up, moved again, or stopped meanwhile, while daemons die and come *)
(* back.  Consensus is taken for granted here: an entry is committed       *)
(* everywhere at once, and each node applies it when it will.  No worker   *)
(* loses its lease; MCLease has that.                                      *)
(***************************************************************************)
EXTENDS Cluster

CONSTANTS MaxEntries, a, b

mcVars == <<raftVars, clusterVars>>

Vm    == "v"
Uuid  == "u"
First == (Vm :> Record(Uuid, a, "running", "running", 1, 1))

MCInit ==
    /\ RaftInit
    /\ applied        = [i \in Server |-> 0]
    /\ vms            = [i \in Server |-> First]
    /\ running        = {Process(a, Uuid)}
    /\ ready          = {Guest(a, Uuid, 1)}
    /\ doubtful       = {}
    /\ standing       = {}
    /\ reports        = {}
    /\ finished       = [i \in Server |-> {}]
    /\ outcomes       = (0 :> [ok |-> TRUE, table |-> First, held |-> <<>>, offers |-> <<>>])
    /\ digests        = <<>>
    /\ configurations = <<>>
    /\ leases         = [i \in Server |-> <<>>]
    /\ holding        = [i \in Server |-> 0]
    /\ grants         = <<>>
    /\ lapsed         = {}
    /\ offers         = [i \in Server |-> <<>>]
    /\ rooms          = <<>>

Wish(op, node) ==
    [op |-> op, vm |-> Vm, uuid |-> "", node |-> node, start |-> FALSE, generation |-> 0, observed |-> ""]
Keep(move) ==
    [op |-> "vm-keep", vm |-> Vm, uuid |-> Uuid, node |-> "", start |-> FALSE, generation |-> 0, observed |-> "", move |-> move]

Commands == {Wish("vm-carry", ""), Wish("vm-stop", "")} \cup {Keep(k) : k \in 1..Len(committedLog)} \cup reports

Commit(command) ==
    /\ Len(committedLog) < MaxEntries
    /\ LET entry == [term |-> 1, kind |-> "vm", command |-> command]
       IN  /\ committedLog' = Append(committedLog, entry)
           /\ log'          = [i \in Server |-> Append(log[i], entry)]
           /\ commitIndex'  = [i \in Server |-> commitIndex[i] + 1]
    /\ UNCHANGED <<messages, currentTerm, votedFor, role, configurationIndex, votes, matchIndex,
                   durable, pending, leaders, clusterVars>>

(* Changes that command c might make; IsOutcome says which of them may be. *)
Changes(k, c, vm) ==
    {[index |-> k, vm |-> Vm, uuid |-> Uuid, owner |-> owner, generation |-> generation, fromDesired |-> vm.desired,
      fromObserved |-> vm.observed, toDesired |-> desired, toObserved |-> observed, move |-> move] :
        owner \in Server, generation \in {vm.generation, vm.generation + 1}, desired \in {"running", "stopped"},
        observed \in {vm.observed, "pending", IF c.observed = "" THEN vm.observed ELSE c.observed},
        move \in {NoMove, vm.move} \cup {[index |-> k, to |-> to, restart |-> TRUE, live |-> TRUE] : to \in Server}}

ApplyNext(i) ==
    LET n == applied[i] + 1
        c == log[i][n].command
        may == {change \in Changes(n, c, vms[i][Vm]) :
                  /\ IsOutcome(c, vms[i], leases[i], change)
                  (* A repetition is no change.                            *)
                  /\ \/ change.toObserved # vms[i][Vm].observed \/ change.toDesired # vms[i][Vm].desired
                     \/ change.generation # vms[i][Vm].generation \/ change.move # vms[i][Vm].move}
        digest == <<[index |-> n, digest |-> n]>>
    IN  /\ n <= commitIndex[i]
        /\ IF may = {} THEN Apply(i, n, <<>>, digest, <<>>, <<>>, <<>>)
           ELSE \E change \in may : Apply(i, n, <<change>>, digest, <<>>, <<>>, <<>>)
        /\ UNCHANGED raftVars

Executor(i) ==
    /\ UNCHANGED raftVars
    /\ LET vm == vms[i][Vm]
       IN  \/ LaunchVm(i, Vm, Uuid, vm.generation)
           \/ VmReady(i, Vm, Uuid, vm.generation)
           \/ AdoptVm(i, Vm, Uuid, vm.generation)
           \/ AwaitVm(i, Vm, Uuid, vm.generation, vm.move.index)
           \/ SuspendVm(i, Vm, Uuid, vm.generation, vm.move.index)
           \/ \E p \in StandingAt(i, Uuid) : ReceiveVm(i, Vm, Uuid, p.generation, p.move)
           \/ \E p \in StandingAt(i, Uuid) : AskHandOver(i, Vm, Uuid, p.generation, p.move)
           \/ ContinueVm(i, Vm, Uuid, vm.generation)
           \/ vm.owner = i /\ \E observed \in {"running", "failed"} : ReportVm(i, Vm, Uuid, vm.generation, observed)
           \/ \E p \in running \cup standing : p.server = i /\ VmEnded(i, Uuid)

(* The daemon dies with all that it applied on disk.                       *)
Crash(i)   == applied[i] = commitIndex[i] /\ applied[i] > 0 /\ Forget(i) /\ UNCHANGED raftVars
Recover(i) == /\ applied[i] = 0 /\ commitIndex[i] > 0
              /\ Has(digests, commitIndex[i])
              /\ Restore(i, commitIndex[i], commitIndex[i], TablesAt(commitIndex[i]).table, <<>>)
              /\ UNCHANGED raftVars

(* While a daemon is down nothing of it moves.                             *)
Up(i) == Has(vms[i], Vm)

MCNext ==
    \/ \E command \in Commands : Commit(command)
    \/ \E i \in Server : \/ Up(i) /\ (ApplyNext(i) \/ Executor(i) \/ Crash(i))
                         \/ ~Up(i) /\ Recover(i)

Bounded == Cardinality(reports) <= 2

-----------------------------------------------------------------------------
(* In every state, not only after all lines are in.                        *)
NeverTwo == \A p, q \in running : p.server = q.server

UpAgree == \A i, j \in Server : Up(i) /\ Up(j) /\ applied[i] = applied[j] => vms[i] = vms[j]

(* The source goes on no more once a node knows that it was handed over.   *)
HandedOverIsGone ==
    \A i, j \in Server : \A p \in running :
        Up(i) /\ vms[i][Vm].carried # 0 /\ vms[i][Vm].generation = 2 /\ p.server = a => vms[i][Vm].owner = a
=============================================================================
