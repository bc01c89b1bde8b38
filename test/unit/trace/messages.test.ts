import { resolve } from "node:path";
import { expect, test } from "vitest";
import { messageReceivedBy, MessageMatcher } from "../../../src/trace/messages.ts";
import { openRun } from "../../../src/trace/merge.ts";
import { findRuns } from "../../../src/trace/trace-files.ts";

test("of a real run every message that was handled has its sender, on another node and before it", () => {
  const sample = resolve(import.meta.dirname, "../../../traces/accepted/leader-killed");
  const { lines } = openRun(findRuns([sample])[0]!, { schema: true, allowTorn: false, warn: () => {} });
  const all = [...lines].map(({ line }) => line);
  const matcher = new MessageMatcher();
  let received = 0;
  for (const [at, line] of all.entries()) {
    const sender = matcher.take(line, at);
    if (messageReceivedBy(line) === undefined) {
      expect(sender).toBeUndefined();
      continue;
    }
    received++;
    expect(sender, `${line.event} at clock ${line.clock}`).toBeDefined();
    const sent = all[sender!]!;
    // Not later: who sends the same once more may do so while the first is received.
    expect([sent.node, sent.clock <= line.clock]).toEqual([(line as { from: string }).from, true]);
  }
  expect(received).toBeGreaterThan(100);
});
