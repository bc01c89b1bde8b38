------------------------------- MODULE Tasks -------------------------------
(***************************************************************************)
(* Tasks: programs that run to their end.  To Cluster a task is a VM that  *)
(* may have nobody for its owner, and an attempt at it is a generation; so *)
(* no two attempts run at once, and what is reported of an old one is      *)
(* refused, by the rules that hold for every VM.  Here stands what is said *)
(* of tasks besides: that an attempt runs once, and that it is called too  *)
(* late only by the clock of the machine on which it runs, which counts    *)
(* from its own launch.                                                    *)
(***************************************************************************)
EXTENDS Cluster

VARIABLES
    timeouts,   \* history: how long an attempt may take, by the uuid of the task
    launches,   \* the launch that a worker told last, by uuid and worker: of which attempt, and when
    begun,      \* attempts that were seen to run
    late        \* attempts that were called too late

taskVars == <<timeouts, launches, begun, late>>

TasksInit ==
    /\ timeouts = <<>>
    /\ launches = <<>>
    /\ begun    = {}
    /\ late     = {}

IsTask(uuid) == Has(timeouts, uuid)
Attempt(uuid, generation) == [uuid |-> uuid, generation |-> generation]

(* What i is about to apply up to n brings tasks.                          *)
SubmitTasks(i, n) ==
    LET created == {k \in (applied[i] + 1)..n : log[i][k].kind = "vm" /\ "timeoutMs" \in DOMAIN log[i][k].command}
        of(uuid) == log[i][MinOf({k \in created : log[i][k].command.uuid = uuid})].command.timeoutMs
    IN  /\ timeouts' = IF created = {} THEN timeouts
                       ELSE timeouts @@ [uuid \in {log[i][k].command.uuid : k \in created} |-> of(uuid)]
        /\ UNCHANGED <<launches, begun, late>>

(* An attempt that was seen to run is not launched again, whatever became  *)
(* of the daemon.                                                          *)
LaunchTask(i, uuid, generation, atMs) ==
    /\ Attempt(uuid, generation) \notin begun
    /\ launches' = Put(launches, <<uuid, i>>, [generation |-> generation, atMs |-> atMs])
    /\ UNCHANGED <<timeouts, begun, late>>

BeginTask(uuid, generation) ==
    /\ begun' = IF IsTask(uuid) THEN begun \cup {Attempt(uuid, generation)} ELSE begun
    /\ UNCHANGED <<timeouts, launches, late>>

(* The attempt that runs here has taken too long since it was launched     *)
(* here.                                                                   *)
TimeOutTask(i, vm, uuid, generation, atMs) ==
    /\ IsOwn(i, vm, uuid, generation)
    /\ Process(i, uuid) \in running
    /\ Has(launches, <<uuid, i>>) /\ IsTask(uuid) =>
           /\ launches[<<uuid, i>>].generation = generation
           /\ atMs >= launches[<<uuid, i>>].atMs + timeouts[uuid]
    /\ late' = late \cup {Attempt(uuid, generation)}
    /\ UNCHANGED <<timeouts, launches, begun>>

(* It is reported to have timed out only where it was called too late.     *)
ReportTask(uuid, generation, timedOut) ==
    /\ timedOut => Attempt(uuid, generation) \in late
    /\ UNCHANGED taskVars
=============================================================================
