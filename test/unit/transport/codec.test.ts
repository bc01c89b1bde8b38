import { describe, expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { makeEntry } from "../../../src/entry.ts";
import type { RaftMessage } from "../../../src/raft/message.ts";
import { EntryPacker, fromFrame, toFrame } from "../../../src/transport/codec.ts";
import { type RaftFrame, readRaftFrame, writeRaftFrame } from "../../../src/transport/messages.generated.ts";
import { type Init, decode, encode } from "../../../src/transport/wire.ts";
import { WireError } from "../../../src/transport/wire-buffer.ts";
import { entriesOf, heartbeat } from "./loopback.ts";

const nat = fc.maxSafeNat();
const place = { group: fc.constantFrom("meta", "shard-1"), from: fc.uuid(), to: fc.uuid(), term: nat };
const kind = <Kind extends RaftMessage["kind"]>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);

const appendEntries = fc
  .record({
    ...place,
    kind: kind("AppendEntriesRequest"),
    prevLogIndex: fc.nat(),
    prevLogTerm: fc.nat(10),
    leaderCommit: nat,
    round: nat,
    payloads: fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }),
  })
  .map(({ payloads, ...message }) => {
    const term = message.prevLogTerm + 1;
    const entries = payloads.map((payload, i) => makeEntry(message.prevLogIndex + 1 + i, term, 1e12, "command", payload));
    return { ...message, term: term + 1, entries };
  });

const messages: fc.Arbitrary<RaftMessage> = fc.oneof(
  fc.record({ ...place, kind: kind("PreVoteRequest"), lastLogIndex: nat, lastLogTerm: nat }),
  fc.record({ ...place, kind: kind("PreVoteResponse"), voteGranted: fc.boolean() }),
  fc.record({ ...place, kind: kind("RequestVoteRequest"), lastLogIndex: nat, lastLogTerm: nat, transfer: fc.boolean() }),
  fc.record({ ...place, kind: kind("RequestVoteResponse"), voteGranted: fc.boolean() }),
  appendEntries,
  fc.record({ ...place, kind: kind("AppendEntriesResponse"), success: fc.boolean(), matchIndex: nat, round: nat, promiseMs: fc.nat(60_000) }),
  fc.record({ ...place, kind: kind("InstallSnapshotRequest"), lastIncludedIndex: nat, round: nat }),
  fc.record({ ...place, kind: kind("ReadIndexRequest"), question: nat }),
  fc.record({ ...place, kind: kind("ReadIndexResponse"), question: nat, granted: fc.boolean(), round: nat, index: nat }),
  fc.record({ ...place, kind: kind("TimeoutNowRequest") }),
  fc.record({ ...place, kind: kind("RemovedNotice"), configurationIndex: nat }),
);

/** With the bytes of entries as numbers, so that a view and an array are equal when their bytes are. */
function plain(message: RaftMessage): unknown {
  if (message.kind !== "AppendEntriesRequest") return message;
  return { ...message, entries: message.entries.map((entry) => ({ ...entry, bytes: [...entry.bytes] })) };
}

property.prop([messages, nat])("every message comes back as it was sent", (message, clock) => {
  const frame = decode(readRaftFrame, encode(writeRaftFrame, toFrame(message, clock, new EntryPacker())));
  expect(frame.clock).toBe(clock);
  expect(plain(fromFrame(frame))).toEqual(plain(message));
});

property.prop([fc.uint8Array({ maxLength: 200 })])("random bytes as entries are refused or are entries", (entries) => {
  const frame = frameOf({ entries: Buffer.from(entries) });
  try {
    expect(fromFrame(frame).kind).toBe("AppendEntriesRequest");
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
});

function frameOf(change: Init<RaftFrame>): RaftFrame {
  const frame = toFrame(heartbeat("a", "b", 1), 1, new EntryPacker());
  return decode(readRaftFrame, encode(writeRaftFrame, { ...frame, ...change }));
}

describe("a frame is refused", () => {
  test.each<[string, Init<RaftFrame>]>([
    ["without a group", { group: "" }],
    ["with a group that is no name", { group: "a/b" }],
    ["without a sender", { from: "" }],
    ["without a receiver", { to: "" }],
    ["of an unknown kind", { kind: "RAFT_KIND_UNSPECIFIED" }],
    ["with entries that do not belong to its kind", { kind: "TIMEOUT_NOW_REQUEST", entries: Buffer.from("x") }],
    ["with entries cut short", { entries: makeEntry(1, 1, 0, "noop", Buffer.from("abc")).bytes.subarray(0, 22) }],
    ["with entries newer than its term", { term: 1, entries: makeEntry(1, 2, 0, "noop", Buffer.alloc(0)).bytes }],
    ["with entries older than the one before", { term: 9, logTerm: 5, entries: makeEntry(1, 4, 0, "noop", Buffer.alloc(0)).bytes }],
    ["with a time that is no number", { entries: makeEntry(1, 1, Number.NaN, "noop", Buffer.alloc(0)).bytes }],
  ])("%s", (_, change) => {
    expect(() => fromFrame(frameOf(change))).toThrow(WireError);
  });
});

test("a run of entries is joined once for all followers", () => {
  const packer = new EntryPacker();
  const entries = entriesOf(10, 10);
  expect(packer.pack([...entries])).toBe(packer.pack([...entries]));
  expect(packer.pack(entries.slice(1))).not.toBe(packer.pack(entries));
  expect(packer.pack(entriesOf(10, 10))).not.toBe(packer.pack(entries));
});

test("of a run that is too long for one frame its beginning goes; one large entry goes alone", () => {
  const packer = new EntryPacker();
  const sent = (entries: ReturnType<typeof entriesOf>): number => {
    const back = fromFrame(decode(readRaftFrame, encode(writeRaftFrame, toFrame(heartbeat("a", "b", 1, entries), 1, packer))));
    return back.kind === "AppendEntriesRequest" ? back.entries.length : -1;
  };
  expect(sent(entriesOf(30, 100_000))).toBe(10);
  expect(sent([...entriesOf(1, 2_000_000), ...entriesOf(1, 10, 2)])).toBe(1);
});
