---------------------------- MODULE SeededRaft ----------------------------
(* MCRaft begun in the middle of a history: close to where a mistake of the rules would do harm, so that a short search finds it. *)
EXTENDS MCJoint

CONSTANTS a, b, c, d, e

Noop(term) == [term |-> term, kind |-> "noop"]
Members3(voters, term) == Configuration(term, voters, {}, {})
First == <<FirstEntry>>

(* Everything is on disk, nothing is under way.                            *)
Settled(term, vote, roles, logs, commit, match, committed, won) ==
    /\ messages = {} /\ currentTerm = term /\ votedFor = vote /\ role = roles /\ log = logs /\ commitIndex = commit
    /\ configurationIndex = [i \in Server |-> LatestConfigurationIndex(logs[i])]
    /\ votes = [i \in Server |-> {}] /\ matchIndex = match
    /\ durable = [i \in Server |-> NoWrite(term[i], vote[i], logs[i])]
    /\ pending = [i \in Server |-> <<>>]
    /\ committedLog = committed /\ leaders = won /\ restarts = 0

NoMatch == [i \in Server |-> [j \in Server |-> 0]]
LedBy(i) == [j \in Server |-> IF j = i THEN Leader ELSE Follower]

(* a leads term 2; its first entry is at a and b, and committed; c lacks it. *)
AfterCommit ==
    Settled([i \in Server |-> 2], [i \in Server |-> IF i = c THEN Nil ELSE a], LedBy(a),
            [i \in Server |-> IF i = c THEN First ELSE Append(First, Noop(2))],
            [i \in Server |-> IF i = a THEN 2 ELSE 1],
            [NoMatch EXCEPT ![a][b] = 2], Append(First, Noop(2)), {[term |-> 2, server |-> a]})

(* All have it.                                                            *)
AllHaveIt ==
    Settled([i \in Server |-> 2], [i \in Server |-> a], LedBy(a), [i \in Server |-> Append(First, Noop(2))],
            [i \in Server |-> IF i = a THEN 2 ELSE 1],
            [NoMatch EXCEPT ![a] = [j \in Server |-> 2]], Append(First, Noop(2)), {[term |-> 2, server |-> a]})

(* Figure 8 of the paper, (c): a leads again and has just copied an old entry to b; c has a newer one. *)
Figure8 ==
    Settled([i \in Server |-> 4], [i \in Server |-> IF i = c THEN Nil ELSE a], LedBy(a),
            [i \in Server |-> CASE i = a -> First \o <<Noop(2), Noop(4)>> [] i = b -> First \o <<Noop(2)>> [] OTHER -> First \o <<Noop(3)>>],
            [i \in Server |-> 1], [NoMatch EXCEPT ![a][b] = 2], First,
            {[term |-> 2, server |-> a], [term |-> 3, server |-> c], [term |-> 4, server |-> a]})

(* a leads term 3 with an entry where c has another one from term 2.       *)
Diverged ==
    Settled([i \in Server |-> 3], [i \in Server |-> a], LedBy(a),
            [i \in Server |-> CASE i = a -> First \o <<Noop(3)>> [] i = c -> First \o <<Noop(2)>> [] OTHER -> First],
            [i \in Server |-> 1], NoMatch, First, {[term |-> 2, server |-> c], [term |-> 3, server |-> a]})

(* a leads term 2; b has its entry, a itself has not written it yet.       *)
Unwritten ==
    /\ messages = {} /\ currentTerm = [i \in Server |-> 2] /\ votedFor = [i \in Server |-> IF i = c THEN Nil ELSE a] /\ role = LedBy(a)
    /\ log = [i \in Server |-> IF i = c THEN First ELSE Append(First, Noop(2))]
    /\ commitIndex = [i \in Server |-> 1] /\ configurationIndex = [i \in Server |-> 1]
    /\ votes = [i \in Server |-> {}] /\ matchIndex = [NoMatch EXCEPT ![a][b] = 2]
    /\ durable = [i \in Server |-> NoWrite(2, votedFor[i], IF i = b THEN log[i] ELSE First)]
    /\ pending = [i \in Server |-> IF i = a THEN <<[term |-> 2, votedFor |-> a, log |-> log[a], waiting |-> {}]>> ELSE <<>>]
    /\ committedLog = First /\ leaders = {[term |-> 2, server |-> a]} /\ restarts = 0

(* a and c campaign in `term`; b is asked by both.                         *)
Rivals(term, more) ==
    /\ messages = {[type |-> "RequestVoteRequest", from |-> i, to |-> b, term |-> term, lastLogIndex |-> 1, lastLogTerm |-> 1, transfer |-> FALSE]
                    : i \in {a, c}} \cup more
    /\ currentTerm = [i \in Server |-> IF i = b THEN term - 1 ELSE term]
    /\ votedFor = [i \in Server |-> IF i = b THEN Nil ELSE i] /\ role = [i \in Server |-> IF i = b THEN Follower ELSE Candidate]
    /\ log = [i \in Server |-> First] /\ commitIndex = [i \in Server |-> 1] /\ configurationIndex = [i \in Server |-> 1]
    /\ votes = [i \in Server |-> {}] /\ matchIndex = NoMatch
    /\ durable = [i \in Server |-> NoWrite(currentTerm[i], votedFor[i], First)] /\ pending = [i \in Server |-> <<>>]
    /\ committedLog = First /\ leaders = {} /\ restarts = 0

TwoCandidates == Rivals(2, {})
OldVote == Rivals(3, {Response("RequestVoteResponse", b, a, 2, TRUE)})

(* The case of 2015: a put the removal of d into its log in term 2, and lost; d leads term 3. *)
TwoChanges ==
    Settled([i \in Server |-> 3], [i \in Server |-> IF i = a THEN Nil ELSE d], LedBy(d),
            [i \in Server |-> CASE i = a -> First \o <<Noop(2), Members3({a, b, c}, 2)>>
                                [] i = b -> First [] OTHER -> First \o <<Noop(3)>>],
            [i \in Server |-> 1], [NoMatch EXCEPT ![d][c] = 2], First, {[term |-> 2, server |-> a], [term |-> 3, server |-> d]})

(* To keep that search short: only a campaigns, only c hears of entries.   *)
OnlyTheseTwo ==
    /\ \A i \in Server : role[i] = Candidate => i = a
    /\ \A m \in messages : m.type = "AppendEntriesRequest" => m.to = c /\ m.prevLogIndex = 2
    /\ \A m \in messages : m.type = "RequestVoteRequest" => m.from = a
    /\ currentTerm[d] = 3

(* a only changes the configuration, b alone campaigns.                    *)
OnlyRemovals ==
    /\ \A i \in Server : role[i] = Candidate => i = b
    /\ \A m \in messages : m.type # "AppendEntriesRequest"
    /\ \A i \in Server : \A k \in 1..Len(log[i]) : log[i][k].kind # "command"
    /\ currentTerm[a] = 2
(* a changes several members and reaches new ones alone; b, which may have *)
(* heard of the change or not, campaigns among the old ones.               *)
JointAt(who) ==
    /\ \A i \in Server : role[i] = Candidate => i = b /\ commitIndex[a] > 2
    /\ \A m \in messages : m.type = "AppendEntriesRequest" => m.to \in who /\ m.from = a
    /\ \A m \in messages : m.type = "RequestVoteRequest" => m.from = b
    /\ currentTerm[a] = 2 /\ currentTerm[d] = 2
    /\ \A i \in Server : Len(log[i]) <= MaxLog /\ Len(pending[i]) <= MaxPending

JointAtNew == JointAt({d})
JointAtBoth == JointAt({b, d}) /\ (role[b] = Candidate => commitIndex[a] = 4) /\ (Len(log[a]) > 2 => log[a][3].voters = {a, b, d})
JointAtLearners ==
    /\ JointAt({d, e})
    /\ \A k \in 3..Len(log[a]) : log[a][k].outgoing # {} /\ log[a][k].voters = IF k = 3 THEN {a, b, d} ELSE {a, d, e}
    /\ commitIndex[a] # 3
=============================================================================
