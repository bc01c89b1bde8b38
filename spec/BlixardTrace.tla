---------------------------- MODULE BlixardTrace ----------------------------
(***************************************************************************)
(* Which line of a trace is which step of the specification.  Each line    *)
(* names its action, the arguments it had, and what the node's state was   *)
(* afterwards; Step(e) holds of two states if line e tells the truth about *)
(* the step between them and the specification allows that step.           *)
(*                                                                         *)
(* Lines of all nodes come merged by their logical clocks, which is an     *)
(* order in which every message is sent before it is received.             *)
(***************************************************************************)
EXTENDS Tasks, Reads

VARIABLE heard   \* heard[i]: the last time, by i's clock, at which i is known to have heard a leader, and how long it then waits

vars == <<raftVars, clusterVars, taskVars, readVars, heard>>

Init == RaftInit /\ ClusterInit /\ TasksInit /\ ReadsInit /\ heard = [i \in Server |-> [atMs |-> 0, waitMs |-> 0]]

-----------------------------------------------------------------------------
(* What the JSON of a line means.                                          *)

ToSet(sequence) == {sequence[k] : k \in 1..Len(sequence)}

(* Told of a joint configuration only.                                     *)
OutgoingIn(told) == IF "outgoing" \in DOMAIN told THEN ToSet(told.outgoing) ELSE {}

EntryOf(run) ==
    CASE run.kind = "configuration" -> Configuration(run.term, ToSet(run.voters), ToSet(run.learners), OutgoingIn(run))
      [] run.kind = "vm"            -> [term |-> run.term, kind |-> "vm", command |-> run.command]
      [] OTHER                      -> [term |-> run.term, kind |-> run.kind]

(* Runs of equal entries are told once, with their count.                  *)
RECURSIVE EntriesFrom(_, _)
EntriesFrom(runs, k) ==
    IF k > Len(runs) THEN <<>>
    ELSE LET entry == EntryOf(runs[k])
         IN  [n \in 1..runs[k].count |-> entry] \o EntriesFrom(runs, k + 1)

Entries(runs) == EntriesFrom(runs, 1)

VoteRequestIn(e, type, transfer) ==
    [type |-> type, from |-> e.from, to |-> e.node, term |-> e.messageTerm,
     lastLogIndex |-> e.lastLogIndexAsked, lastLogTerm |-> e.lastLogTermAsked, transfer |-> transfer]

ResponseIn(e, type) ==
    [type |-> type, from |-> e.from, to |-> e.node, term |-> e.messageTerm, voteGranted |-> e.granted]

ShortIn(e, type) == [type |-> type, from |-> e.from, to |-> e.node, term |-> e.messageTerm]

AppendEntriesIn(e) ==
    [type |-> "AppendEntriesRequest", from |-> e.from, to |-> e.node, term |-> e.messageTerm,
     prevLogIndex |-> e.prevLogIndex, prevLogTerm |-> e.prevLogTerm, entries |-> Entries(e.entries),
     leaderCommit |-> e.leaderCommit]

AppendEntriesReplyIn(e) ==
    [type |-> "AppendEntriesResponse", from |-> e.from, to |-> e.node, term |-> e.messageTerm,
     success |-> e.success, matchIndex |-> e.matchIndex]

Configurations(told) ==
    [k \in 1..Len(told) |-> [index |-> told[k].index, voters |-> ToSet(told[k].voters),
                             learners |-> ToSet(told[k].learners), outgoing |-> OutgoingIn(told[k])]]

TableOf(told) ==
    [vm \in {told[k].vm : k \in 1..Len(told)} |->
        LET v == told[CHOOSE k \in 1..Len(told) : told[k].vm = vm]
        IN  Moving(Record(v.uuid, v.owner, v.desired, v.observed, v.generation, 0), MoveIn(v), 0)]

(* Lines of a cluster without leases tell of none.                         *)
ToldIn(e, field) == IF field \in DOMAIN e THEN e[field] ELSE <<>>

LeasesIn(e) ==
    LET told == ToldIn(e, "leases")
    IN  [w \in {told[k].node : k \in 1..Len(told)} |->
            LET lease == told[CHOOSE k \in 1..Len(told) : told[k].node = w] IN Lease(lease.epoch, lease.held)]

-----------------------------------------------------------------------------
(* Consensus.                                                              *)

RestartAs(i, e) ==
    \E found \in OnDisk(i) :
        /\ found.term = e.term /\ found.votedFor = e.votedFor
        /\ Len(found.log) = e.lastLogIndex /\ LastTerm(found.log) = e.lastLogTerm
        /\ Restart(i, found, e.commitIndex)

AppendEntriesAs(i, e) ==
    LET entries == Entries(e.entries)
    IN  /\ e.prevLogIndex + Len(entries) <= Len(log[i])
        /\ e.prevLogTerm = TermAt(log[i], e.prevLogIndex)
        /\ e.leaderCommit = commitIndex[i]
        /\ entries = SubSeq(log[i], e.prevLogIndex + 1, e.prevLogIndex + Len(entries))
        /\ AppendEntries(i, e.to, e.prevLogIndex, Len(entries))

(* What the follower says it answered is what the specification answers.   *)
AnswersAsTold(i, e) ==
    LET stale == e.messageTerm < currentTerm[i]
        fits  == /\ ~stale
                 /\ e.prevLogIndex <= Len(log[i])
                 /\ TermAt(log[i], e.prevLogIndex) = e.prevLogTerm
    IN  /\ e.success = fits
        /\ fits => e.matchIndex = e.prevLogIndex + Len(Entries(e.entries))
        /\ stale => e.matchIndex = 0

GrantsAsTold(i, e) ==
    e.granted <=> /\ e.messageTerm >= currentTerm[i]
                  /\ e.messageTerm > currentTerm[i] \/ votedFor[i] \in {Nil, e.from}
                  /\ UpToDate(e.lastLogIndexAsked, e.lastLogTermAsked, log[i])

(* Who leads, or heard a leader less than an election timeout ago by its   *)
(* own clock, helps nobody else to lead: it refuses a pre-vote, and does   *)
(* not look at a request of a newer term (dissertation, 4.2.3), unless     *)
(* that leader asked for the election.  Leases count on it.  Somebody who  *)
(* has just started may have heard a leader before.                        *)
HearsNobody(i, e) == role[i] # Leader /\ e.localMs >= e.heardMs + heard[i].waitMs

IsFree(i, e) ==
    /\ e.heardMs >= heard[i].atMs
    /\ IF e.event = "HandlePreVoteRequest"
       THEN e.granted => HearsNobody(i, e)
       ELSE e.messageTerm > currentTerm[i] /\ ~e.transfer => HearsNobody(i, e)

(* Nobody promises a leader more time than it gives any.                   *)
KeepsPromise(i, e) == e.promiseMs <= heard[i].waitMs /\ e.localMs >= heard[i].atMs

HeardAsTold(e) ==
    heard' = CASE e.event = "Restart" -> [heard EXCEPT ![e.node] = [atMs |-> e.localMs, waitMs |-> e.electionTimeoutMs]]
               [] e.event = "AcknowledgeRound" -> [heard EXCEPT ![e.node].atMs = e.localMs]
               [] e.event \in {"HandlePreVoteRequest", "HandleRequestVoteRequest"} -> [heard EXCEPT ![e.node].atMs = e.heardMs]
               [] OTHER -> heard

RaftAction(i, e) ==
    CASE e.event = "Restart"                     -> RestartAs(i, e)
      [] e.event = "Bootstrap"                   -> e.voters = <<i>> /\ Bootstrap(i)
      [] e.event = "BecomePreCandidate"          -> BecomePreCandidate(i)
      [] e.event = "HandlePreVoteRequest"        -> /\ IsFree(i, e)
                                                    /\ HandlePreVoteRequest(i, VoteRequestIn(e, "PreVoteRequest", FALSE), e.granted)
      [] e.event = "HandlePreVoteResponse"       -> HandlePreVoteResponse(i, ResponseIn(e, "PreVoteResponse"))
      [] e.event = "Timeout"                     -> Timeout(i)
      [] e.event = "HandleRequestVoteRequest"    -> /\ GrantsAsTold(i, e) /\ IsFree(i, e)
                                                    /\ HandleRequestVoteRequest(i, VoteRequestIn(e, "RequestVoteRequest", e.transfer))
      [] e.event = "HandleRequestVoteResponse"   -> HandleRequestVoteResponse(i, ResponseIn(e, "RequestVoteResponse"))
      [] e.event = "BecomeLeader"                -> BecomeLeader(i)
      [] e.event = "StepDown"                    -> StepDown(i)
      [] e.event = "TransferLeadership"          -> TransferLeadership(i, e.to)
      [] e.event = "HandleTimeoutNowRequest"     -> HandleTimeoutNowRequest(i, ShortIn(e, "TimeoutNowRequest"))
      [] e.event = "ClientRequest"               -> LET entries == Entries(e.entries)
                                                    IN  ReportsAreMade(entries) /\ ClientRequest(i, entries)
      [] e.event = "ChangeConfiguration"         -> ChangeConfiguration(i, ToSet(e.voters), ToSet(e.learners))
      [] e.event = "EnterJoint"                  -> EnterJoint(i, ToSet(e.voters), ToSet(e.learners))
      [] e.event = "LeaveJoint"                  -> LeaveJoint(i)
      [] e.event = "AppendEntries"               -> AppendEntriesAs(i, e)
      [] e.event = "HandleAppendEntriesRequest"  -> AnswersAsTold(i, e) /\ HandleAppendEntriesRequest(i, AppendEntriesIn(e), e.matchIndex)
      [] e.event = "HandleAppendEntriesResponse" -> HandleAppendEntriesResponse(i, AppendEntriesReplyIn(e))
      [] e.event = "AdvanceCommitIndex"          -> AdvanceCommitIndex(i, e.commitIndex)
      [] e.event = "Persist"                     -> Persist(i, e.count)
      [] e.event = "OfferSnapshot"               -> OfferSnapshot(i, e.to)
      [] e.event = "HandleInstallSnapshotRequest" -> HandleInstallSnapshotRequest(i, ShortIn(e, "InstallSnapshotRequest"))
      [] e.event = "InstallSnapshot"             -> /\ e.index <= Len(committedLog)
                                                    /\ e.snapshotTerm = TermAt(committedLog, e.index)
                                                    /\ InstallSnapshot(i, e.index, e.leader)
      [] e.event = "Removed"                     -> Removed(i, e.configurationIndex)

(* Every line of consensus repeats the node's state after its step.        *)
StateAsTold(i, e) ==
    /\ currentTerm'[i] = e.term
    /\ role'[i] = e.role
    /\ Len(log'[i]) = e.lastLogIndex
    /\ commitIndex'[i] = e.commitIndex

-----------------------------------------------------------------------------
(* The cluster.                                                            *)

ClusterEvents == {"Apply", "ApplySnapshot", "RestoreRows", "LaunchVm", "VmReady", "AdoptVm", "PauseVm", "StopVm",
                  "VmEnded", "ReportVm", "TimeOutTask", "AwaitVm", "SuspendVm", "ReceiveVm", "AskHandOver", "ContinueVm", "AskLease", "HoldLease", "LoseLease", "ExpireLease", "LapseReservation"}

(* No node keeps silent about what it came to: whoever applies tells the   *)
(* digest of all that it has then, and of every state in which a VM        *)
(* changed.                                                                *)
IndicesOf(told) == {told[k].index : k \in 1..Len(told)}

DigestsAreTold(e) ==
    {e.index} \cup {e.vmChanges[k].index : k \in 1..Len(e.vmChanges)}
              \cup IndicesOf(ToldIn(e, "leaseChanges")) \cup IndicesOf(ToldIn(e, "roomChanges"))
        \subseteq {e.digests[k].index : k \in 1..Len(e.digests)}

(* A leader calls a lease expired only after it acknowledged no renewal    *)
(* for longer than the worker can take itself to hold it, by the slowest   *)
(* clock that is allowed for, and needs to end what runs there.  Or an     *)
(* operator has asserted that the machine is off.                          *)
WaitedLongEnough(e) ==
    \/ e.asserted # ""
    \/ /\ e.silentMs >= e.failoverAfterMs
       /\ e.failoverAfterMs * 1000 >= e.leaseMs * (1000 + e.driftPermille) + e.killBudgetMs * 1000

(* A leader takes a start back only after all of its time, which the       *)
(* create has told.                                                        *)
WaitedForConfirmation(i, e) ==
    /\ e.waitedMs >= e.ttlMs
    /\ Has(vms[i], e.vm) => e.ttlMs = vms[i][e.vm].size.ttlMs

(* A process is told by the name that its VM has.                          *)
NameAsTold(i, e) == \A vm \in DOMAIN vms[i] : vms[i][vm].uuid = e.uuid => vm = e.vm

ClusterAction(i, e) ==
    CASE e.event = "Apply"         -> DigestsAreTold(e) /\ Apply(i, e.index, e.vmChanges, e.digests, Configurations(e.configurations),
                                                                 ToldIn(e, "leaseChanges"), ToldIn(e, "roomChanges"))
      [] e.event = "ApplySnapshot" -> Restore(i, e.index, e.digest, TableOf(e.vms), LeasesIn(e))
      [] e.event = "RestoreRows"   -> Restore(i, e.index, e.digest, TableOf(e.vms), LeasesIn(e))
      [] e.event = "LaunchVm"      -> LaunchVm(i, e.vm, e.uuid, e.generation)
      [] e.event = "VmReady"       -> NameAsTold(i, e) /\ VmReady(i, e.vm, e.uuid, e.generation)
      [] e.event = "AdoptVm"       -> NameAsTold(i, e) /\ AdoptVm(i, e.vm, e.uuid, e.generation)
      [] e.event = "PauseVm"       -> PauseVm(i, e.vm, e.uuid, e.generation)
      [] e.event = "StopVm"        -> StopVm(i, e.vm, e.uuid, e.generation)
      [] e.event = "VmEnded"       -> NameAsTold(i, e) /\ VmEnded(i, e.uuid)
      [] e.event = "ReportVm"      -> NameAsTold(i, e) /\ ReportVm(i, e.vm, e.uuid, e.generation, e.observed)
      [] e.event = "TimeOutTask"   -> UNCHANGED clusterVars
      [] e.event = "AwaitVm"       -> AwaitVm(i, e.vm, e.uuid, e.generation, e.move)
      [] e.event = "SuspendVm"     -> SuspendVm(i, e.vm, e.uuid, e.generation, e.move)
      [] e.event = "ReceiveVm"     -> NameAsTold(i, e) /\ ReceiveVm(i, e.vm, e.uuid, e.generation, e.move)
      [] e.event = "AskHandOver"   -> NameAsTold(i, e) /\ AskHandOver(i, e.vm, e.uuid, e.generation, e.move)
      [] e.event = "ContinueVm"    -> ContinueVm(i, e.vm, e.uuid, e.generation)
      [] e.event = "AskLease"      -> AskLease(i, e.epoch)
      [] e.event = "HoldLease"     -> HoldLease(i, e.epoch)
      [] e.event = "LoseLease"     -> LoseLease(i, e.epoch)
      [] e.event = "ExpireLease"   -> WaitedLongEnough(e) /\ ExpireLease(i, e.worker, e.epoch)
      [] e.event = "LapseReservation" -> WaitedForConfirmation(i, e) /\ LapseReservation(i, e.vm, e.uuid, e.generation)

(* What such a step is to a task. The launch of a task tells when it was.  *)
TaskAction(i, e) ==
    CASE e.event = "Apply"       -> SubmitTasks(i, e.index)
      [] e.event = "LaunchVm"    -> IF "atMs" \in DOMAIN e THEN LaunchTask(i, e.uuid, e.generation, e.atMs)
                                    ELSE ~IsTask(e.uuid) /\ UNCHANGED taskVars
      [] e.event = "VmReady"     -> BeginTask(e.uuid, e.generation)
      [] e.event = "TimeOutTask" -> TimeOutTask(i, e.vm, e.uuid, e.generation, e.atMs)
      [] e.event = "ReportVm"    -> ReportTask(e.uuid, e.generation, "timedOut" \in DOMAIN e)
      [] OTHER                   -> UNCHANGED taskVars

-----------------------------------------------------------------------------
(* Reads.                                                                  *)

ReadEvents == {"ReadIndex", "AcknowledgeRound", "ServeRead", "ServeLeaseRead", "AskReadIndex", "ServeForwardedRead"}

ReadAction(i, e) ==
    CASE e.event = "ReadIndex"          -> ReadIndex(i, e.round, e.sentMs)
      [] e.event = "AcknowledgeRound"   -> /\ KeepsPromise(i, e)
                                           /\ AcknowledgeRound(i, e.from, e.term, e.round, e.promiseMs)
      [] e.event = "ServeRead"          -> ServeRead(i, e.round, e.index, applied[i])
      [] e.event = "ServeLeaseRead"     -> ServeLeaseRead(i, e.round, e.localMs, e.driftPpm, applied[i])
      [] e.event = "AskReadIndex"       -> AskReadIndex(i, e.to)
      [] e.event = "ServeForwardedRead" -> ServeForwardedRead(i, e.from, e.messageTerm, e.round, e.index, applied[i])

(* A read changes nothing of consensus.                                    *)
StillAsTold(i, e) ==
    currentTerm[i] = e.term /\ role[i] = e.role /\ Len(log[i]) = e.lastLogIndex /\ commitIndex[i] = e.commitIndex

-----------------------------------------------------------------------------
(* The cluster is founded anew after its quorum was lost: the first line   *)
(* of a run.                                                               *)
RecoveredTable(told) ==
    [vm \in {told[k].vm : k \in 1..Len(told)} |->
        LET v == told[CHOOSE k \in 1..Len(told) : told[k].vm = vm]
        IN  [Record(v.uuid, v.owner, v.desired, v.observed, v.generation, v.seen) EXCEPT
                !.size = SizeOf(v), !.room = IF "room" \in DOMAIN v THEN v.room ELSE "", !.move = MoveIn(v)]]

(* What workers offer, and what the recovered VMs take of it.              *)
RecoveredOffers(told, table) ==
    [w \in {told[k].node : k \in 1..Len(told)} |->
        LET offer == told[CHOOSE k \in 1..Len(told) : told[k].node = w]
            used  == Reserved(table, DOMAIN table, w)
        IN  [Offer(offer.cpus, offer.memoryMib) EXCEPT !.usedCpus = used[1], !.usedMemoryMib = used[2]]]

RecoverAs(i, e) ==
    /\ e.epoch > 1
    /\ Recover(i, e.lastLogIndex, e.term, e.formerTerm)
    /\ LET table == RecoveredTable(e.vms)
       IN  RecoverRows(i, e.lastLogIndex, e.digest, table, LeasesIn(e), RecoveredOffers(ToldIn(e, "offers"), table))
    /\ UNCHANGED <<readVars, taskVars>>

-----------------------------------------------------------------------------
Step(e) ==
    /\ HeardAsTold(e)
    /\ IF e.event = "Recover"
       THEN RecoverAs(e.node, e) /\ StateAsTold(e.node, e)
       ELSE IF e.event \in ReadEvents
       THEN StillAsTold(e.node, e) /\ ReadAction(e.node, e) /\ UNCHANGED <<raftVars, clusterVars, taskVars>>
       ELSE IF e.event \in ClusterEvents
       THEN ClusterAction(e.node, e) /\ TaskAction(e.node, e) /\ UNCHANGED <<raftVars, readVars>>
       ELSE /\ RaftAction(e.node, e)
            /\ StateAsTold(e.node, e)
            /\ UNCHANGED taskVars
            /\ IF e.event = "Restart" THEN Forget(e.node) /\ ForgetReads(e.node) ELSE UNCHANGED <<clusterVars, readVars>>

(* What every step must respect besides.                                   *)
StepsAreSound ==
    [][/\ LeaderAppendOnly
       /\ DurableVoteIsKept
       /\ DurableTermNeverFalls
       /\ CommittedOnlyGrows
       /\ VmChangesOnlyByApply]_vars
=============================================================================
