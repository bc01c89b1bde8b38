import { describe, expect, test } from "vitest";
import { RaftLog } from "../../../src/raft/log.ts";
import { entry } from "./member.ts";

const entries = (from: number, ...terms: readonly number[]) => terms.map((term, at) => entry(from + at, term));

describe("the log", () => {
  test("knows terms from its start on, and nothing before", () => {
    const log = new RaftLog(5, 2, entries(6, 2, 3));
    expect([4, 5, 6, 7, 8].map((index) => log.termAt(index))).toEqual([undefined, 2, 2, 3, undefined]);
    expect([log.startIndex, log.lastIndex, log.lastTerm]).toEqual([5, 7, 3]);
  });

  test.for([
    ["a gap", 8, 3],
    ["a repeated index", 7, 3],
    ["a term that falls", 8, 2],
  ] as const)("refuses %s", ([what, index, term]) => {
    const log = new RaftLog(5, 2, entries(6, 2, 3));
    expect(() => log.append([entry(what === "a gap" ? index + 1 : index, term)])).toThrow(/broken law|appended at the end|never fall/i);
  });

  test("is cut in front and behind", () => {
    const log = new RaftLog(0, 0, entries(1, 1, 1, 2, 3));
    log.truncateFrom(4);
    log.trimTo(2);
    expect([log.startIndex, log.lastIndex, log.lastTerm, log.termAt(2)]).toEqual([2, 3, 2, 1]);
    log.trimTo(1);
    expect(log.startIndex).toBe(2);
    expect(() => log.truncateFrom(2)).toThrow(/cannot be truncated/);
    expect(() => log.trimTo(9)).toThrow(/there can be trimmed/);
  });

  test("gives at least one entry, and no more bytes than asked for", () => {
    const log = new RaftLog(0, 0, entries(1, 1, 1, 1));
    const size = log.entryAt(1)?.bytes.length ?? 0;
    expect(log.sliceBytes(1, 1, 10)).toHaveLength(1);
    expect(log.sliceBytes(1, size * 2, 10)).toHaveLength(2);
    expect(log.sliceBytes(1, size * 9, 2)).toHaveLength(2);
    expect(log.sliceBytes(4, 100, 10)).toHaveLength(0);
  });

  test.for([
    [7, 3, true],
    [6, 3, false],
    [8, 3, true],
    [1, 4, true],
    [99, 2, false],
  ] as const)("(%d, %d) is up to date with (7, 3): %s", ([index, term, upToDate]) => {
    expect(new RaftLog(5, 2, entries(6, 2, 3)).isUpToDate(index, term)).toBe(upToDate);
  });
});
