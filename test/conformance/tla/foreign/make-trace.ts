/** A trace for TraceReplica: three servers, one leader, a log that grows to the end. */

interface Line {
  readonly event: string;
  readonly node: string;
  readonly [field: string]: string | number;
}

/** As many lines as asked for, or a few more: the last round is finished. */
export function makeTrace(lines: number): readonly Line[] {
  const made: Line[] = [];
  const followers = ["s2", "s3"];
  const lengths: Record<string, number> = { s1: 0, s2: 0, s3: 0 };
  const commits: Record<string, number> = { s1: 0, s2: 0, s3: 0 };
  const term: Record<string, number> = { s1: 2, s2: 1, s3: 1 };
  const say = (event: string, node: string, more: Record<string, string | number> = {}): void => {
    made.push({ event, node, term: term[node]!, length: lengths[node]!, commit: commits[node]!, ...more });
  };
  say("BecomeLeader", "s1");
  for (let value = 1; made.length < lines; value++) {
    lengths.s1! += 1;
    say("ClientRequest", "s1", { value });
    for (const to of followers) say("AppendEntries", "s1", { to });
    for (const node of followers) {
      lengths[node] = lengths.s1!;
      commits[node] = commits.s1!;
      term[node] = 2;
      say("HandleAppendRequest", node, { from: "s1" });
    }
    for (const from of followers) say("HandleAppendResponse", "s1", { from });
    commits.s1 = lengths.s1!;
    say("AdvanceCommitIndex", "s1");
  }
  return made;
}
