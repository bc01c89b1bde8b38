------------------------------ MODULE MCJoint ------------------------------
(***************************************************************************)
(* A small instance of Raft, to be explored completely: several members    *)
(* change at once.  It begins where the change may begin, with a leader    *)
(* that has committed in its own term and learners that have caught up;    *)
(* nothing but the change goes through the log.  Leaders come and go       *)
(* before, during and after it.                                            *)
(***************************************************************************)
EXTENDS MCRaft

Chair == CHOOSE i \in FirstVoters : TRUE

Begun == <<FirstEntry, [term |-> 2, kind |-> "noop"]>>

(* Everybody holds the first entry of the leader's term; only the leader   *)
(* knows that it is committed.                                             *)
JointInit ==
    /\ messages           = {}
    /\ currentTerm        = [i \in Server |-> 2]
    /\ votedFor           = [i \in Server |-> IF i \in FirstVoters THEN Chair ELSE Nil]
    /\ role               = [i \in Server |-> IF i = Chair THEN Leader ELSE Follower]
    /\ log                = [i \in Server |-> Begun]
    /\ commitIndex        = [i \in Server |-> IF i = Chair THEN 2 ELSE 1]
    /\ configurationIndex = [i \in Server |-> 1]
    /\ votes              = [i \in Server |-> {}]
    /\ matchIndex         = [i \in Server |-> [j \in Server |-> IF i = Chair /\ j # i THEN 2 ELSE 0]]
    /\ durable            = [i \in Server |-> NoWrite(2, votedFor[i], Begun)]
    /\ pending            = [i \in Server |-> <<>>]
    /\ committedLog       = Begun
    /\ leaders            = {[term |-> 2, server |-> Chair]}
    /\ restarts           = 0

(* As many voters as before, one or more of them learners until now.       *)
Enter(i) ==
    /\ role[i] = Leader /\ Len(log[i]) < MaxLog
    /\ \E voters \in SUBSET (Voters(i) \cup Learners(i)) :
          /\ voters # Voters(i) /\ Cardinality(voters) = Cardinality(Voters(i))
          /\ EnterJoint(i, voters, Learners(i) \ voters)

Leave(i) == Len(log[i]) < MaxLog /\ LeaveJoint(i)

(* All that j is not known to have.                                        *)
SendRest(i) ==
    /\ role[i] = Leader
    /\ \E j \in Members(i) \ {i} :
          LET prev == Max(1, matchIndex[i][j]) IN AppendEntries(i, j, prev, Len(log[i]) - prev)

JointNext ==
    /\ UNCHANGED restarts
    /\ \/ \E i \in Server : Campaign(i)
       \/ \E i \in Server : \E count \in 1..Len(pending[i]) : Persist(i, count)
       \/ \E i \in Server : BecomeLeader(i)
       \/ \E i \in Server : Enter(i)
       \/ \E i \in Server : Leave(i)
       \/ \E i \in Server : SendRest(i)
       \/ \E i \in Server : \E n \in 1..Len(log[i]) : AdvanceCommitIndex(i, n)
       \/ \E m \in messages : Receive(m.to, m)

-----------------------------------------------------------------------------
(* The network never forgets, so that a change of two entries would need   *)
(* more messages than can be explored.  A message that can do nothing any  *)
(* more, or only what it did, is not counted, and states that differ in    *)
(* such messages alone are one.                                            *)

Spent(m) ==
    \/ m.term < currentTerm[m.to]
    \/ /\ m.term = currentTerm[m.to]
       /\ CASE m.type = "RequestVoteRequest"   -> votedFor[m.to] # Nil
            [] m.type = "RequestVoteResponse"  -> ~m.voteGranted \/ role[m.to] # Candidate \/ m.from \in votes[m.to]
            [] m.type = "AppendEntriesResponse" -> role[m.to] # Leader \/ m.matchIndex <= matchIndex[m.to][m.from]
            [] m.type = "AppendEntriesRequest" ->
                  LET end == m.prevLogIndex + Len(m.entries)
                  IN  /\ role[m.to] = Follower
                      /\ end <= Len(log[m.to]) /\ TermAt(log[m.to], end) = (IF m.entries = <<>> THEN m.prevLogTerm ELSE LastTerm(m.entries))
                      /\ Min(m.leaderCommit, end) <= commitIndex[m.to]

Live == {m \in messages : ~Spent(m)}

JointView == <<Live, currentTerm, votedFor, role, log, commitIndex, votes, matchIndex, durable, pending, committedLog, leaders>>

JointBounded ==
    /\ Cardinality(Live) <= MaxMessages
    /\ \A i \in Server : Len(log[i]) <= MaxLog /\ Len(pending[i]) <= MaxPending

LearnersAlike == Permutations(Server \ FirstVoters)
=============================================================================
