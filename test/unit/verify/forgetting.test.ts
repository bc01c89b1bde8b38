/** What the network forgets of a long trace, and that nobody may use that to say what is not so. */

import { expect, test } from "vitest";
import type { TraceLine } from "../../../src/trace/event.ts";
import { verifyLines } from "../../../src/verify/check.ts";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import type { Verdict } from "../../../src/verify/verdict.ts";
import { LongTrace } from "./long-trace.ts";

/** More than twice what is remembered, in few lines. */
const entriesPerWrite = 50;
const writes = 48;

async function judge(end: (trace: LongTrace) => void): Promise<Verdict> {
  const byNode = new Map<string, TraceLine[]>();
  const trace = new LongTrace((node, line) => {
    const lines = byNode.get(node);
    if (lines === undefined) byNode.set(node, [line]);
    else lines.push(line);
  });
  for (let n = 0; n < writes; n++) trace.write(entriesPerWrite);
  end(trace);
  return verifyLines([...byNode.values()], { specDirectory: ownSpecDirectory() });
}

test("what was sent long ago may be received again", { timeout: 300_000 }, async () => {
  const verdict = await judge((trace) => trace.receiveAgain(trace.index - writes * entriesPerWrite, entriesPerWrite));
  expect(verdict).toMatchObject({ kind: "accepted" });
});

test("of what lies far back only what is committed is believed, and only of who led then", { timeout: 300_000 }, async () => {
  // Never sent in this form, but it asks for no more than what is committed.
  expect(await judge((trace) => trace.receiveAgain(trace.index - writes * entriesPerWrite, 3))).toMatchObject({ kind: "accepted" });
  const nobody = await judge((trace) => trace.receiveAgain(trace.index - writes * entriesPerWrite, entriesPerWrite, trace.nodes.at(-1)));
  expect(nobody).toMatchObject({ kind: "rejected", event: { event: "HandleAppendEntriesRequest" } });
});

test("what was sent lately is remembered as it was", { timeout: 300_000 }, async () => {
  expect(await judge((trace) => trace.receiveAgain(trace.index - entriesPerWrite, entriesPerWrite))).toMatchObject({ kind: "accepted" });
  expect(await judge((trace) => trace.receiveAgain(trace.index - entriesPerWrite, 3))).toMatchObject({ kind: "rejected" });
});
