import { describe, expect, test } from "vitest";
import type { Command, KvOperation } from "../../../src/machine/commands.ts";
import { kvGet, kvList } from "../../../src/machine/query.ts";
import { digest } from "../../../src/machine/state.ts";
import { MachineLog } from "./machine-log.ts";

const put = (key: string, value: string): KvOperation => ({ kind: "kv-put", key, value });

describe("single operations (row S1)", () => {
  test("versions count the puts since the key was last absent", () => {
    const log = MachineLog.started();
    expect(log.accept(put("/a", "1"))).toEqual({ version: 1 });
    expect(log.accept(put("/a", "2"))).toEqual({ version: 2 });
    expect(kvGet(log.state, "/a")).toEqual({ key: "/a", value: "2", version: 2, createdIndex: 2, changedIndex: 3 });
    expect(log.accept({ kind: "kv-delete", key: "/a" })).toEqual({ version: 2 });
    expect(log.accept(put("/a", "3"))).toEqual({ version: 1 });
  });

  test("put-if-absent", () => {
    const log = MachineLog.started();
    const command: Command = { kind: "kv-put-if-absent", key: "/a", value: "1" };
    log.accept(command);
    expect(log.refuse(command)).toBe("ALREADY_EXISTS /a is already there, at version 1");
  });

  test("compare-and-swap by version, by value, by both, and for an absent key", () => {
    const log = MachineLog.started();
    const cas = (condition: { ifVersion?: number; ifValue?: string }): Command => ({ kind: "kv-cas", key: "/a", value: "new", ...condition });
    expect(log.refuse(cas({ ifVersion: 1 }))).toBe("CONFLICT /a is absent, not at version 1");
    expect(log.refuse(cas({ ifValue: "x" }))).toContain("CONFLICT /a is absent");
    expect(log.accept(cas({ ifVersion: 0 }))).toEqual({ version: 1 });
    expect(log.refuse(cas({ ifVersion: 0 }))).toBe("CONFLICT /a is at version 1, not absent");
    expect(log.refuse(cas({ ifVersion: 2 }))).toBe("CONFLICT /a is at version 1, not at version 2");
    expect(log.refuse(cas({ ifVersion: 1, ifValue: "old" }))).toContain("CONFLICT /a has another value");
    expect(log.accept(cas({ ifVersion: 1, ifValue: "new" }))).toEqual({ version: 2 });
    expect(log.accept(cas({ ifValue: "new" }))).toEqual({ version: 3 });
    expect(log.refuse(cas({}))).toContain("INVALID_ARGUMENT");
  });

  test("delete, with and without a condition", () => {
    const log = MachineLog.started();
    expect(log.refuse({ kind: "kv-delete", key: "/a" })).toBe("NOT_FOUND /a is not there");
    expect(log.refuse({ kind: "kv-delete", key: "/a", ifVersion: 1 })).toBe("CONFLICT /a is absent, not at version 1");
    log.accept(put("/a", "1"));
    expect(log.refuse({ kind: "kv-delete", key: "/a", ifVersion: 2 })).toContain("CONFLICT");
    log.accept({ kind: "kv-delete", key: "/a", ifVersion: 1 });
    expect(kvGet(log.state, "/a")).toBeUndefined();
  });

  test("one winner among many that compare with the same version", () => {
    const log = MachineLog.started();
    log.accept(put("/leader", "nobody"));
    const replies = Array.from({ length: 50 }, (_, at) => log.run({ kind: "kv-cas", key: "/leader", value: `node-${at}`, ifVersion: 1 }));
    expect(replies.filter((reply) => reply.ok)).toHaveLength(1);
  });
});

describe("keys and values", () => {
  test.each([
    ["", "must begin with '/'"],
    ["a", "must begin with '/'"],
    ["/", "must not end with '/'"],
    ["/a/", "must not end with '/'"],
    ["//a", "empty segment"],
    ["/a//b", "empty segment"],
    ["/a\n", "control characters"],
    ["/a\u0085b", "control characters"],
    ["/\ud800", "well-formed"],
    [`/${"a".repeat(512)}`, "512 bytes"],
    [`/${"é".repeat(256)}`, "512 bytes"],
  ])("key %j is refused", (key, why) => {
    const message = MachineLog.started().refuse(put(key, "1"));
    expect(message).toContain("INVALID_ARGUMENT the command is refused: field command.key must");
    expect(message).toContain(why);
  });

  test.each(["/a", "/services/web", "/é/日本/😀", "/__proto__/constructor", `/${"a".repeat(511)}`])("key %s is taken", (key) => {
    const log = MachineLog.started();
    log.accept(put(key, "1"));
    expect(kvGet(log.state, key)?.value).toBe("1");
  });

  test("a value has at most 512 KiB, counted in bytes", () => {
    const log = MachineLog.started();
    log.accept(put("/a", "a".repeat(512 * 1024)));
    expect(log.refuse(put("/a", "a".repeat(512 * 1024 + 1)))).toContain("must not be longer than 524288 bytes");
    expect(log.refuse(put("/a", "é".repeat(256 * 1024 + 1)))).toContain("must not be longer than 524288 bytes");
    expect(log.refuse(put("/a", "\udc00"))).toContain("well-formed");
  });
});

describe("batches (row S2)", () => {
  test("are applied whole, one operation after the other", () => {
    const log = MachineLog.started();
    const operations: KvOperation[] = [
      put("/a", "1"),
      { kind: "kv-cas", key: "/a", value: "2", ifVersion: 1 },
      { kind: "kv-put-if-absent", key: "/b", value: "1" },
      { kind: "kv-delete", key: "/b", ifVersion: 1 },
    ];
    expect(log.accept({ kind: "kv-batch", operations })).toEqual({
      items: [
        { outcome: "written", version: 1 },
        { outcome: "written", version: 2 },
        { outcome: "written", version: 1 },
        { outcome: "deleted", version: 1 },
      ],
    });
    expect(kvGet(log.state, "/a")?.value).toBe("2");
    expect([...log.rows.keys()].filter((key) => key.startsWith("kv "))).toEqual(["kv /a"]);
  });

  test("leave nothing when one operation is refused, and tell each one's result", () => {
    const log = MachineLog.started();
    log.accept(put("/b", "old"));
    const before = [...log.rows.values()].filter(({ table }) => table === "kv");
    const operations: KvOperation[] = [
      put("/a", "1"),
      { kind: "kv-put-if-absent", key: "/b", value: "new" },
      { kind: "kv-delete", key: "/c" },
    ];
    const reply = log.run({ kind: "kv-batch", operations });
    expect(reply).toMatchObject({
      ok: false,
      code: "ALREADY_EXISTS",
      message: "operation 2 of 3: /b is already there, at version 1; nothing of the batch was written",
      items: [
        { outcome: "withheld" },
        { outcome: "refused", code: "ALREADY_EXISTS" },
        { outcome: "refused", code: "NOT_FOUND" },
      ],
    });
    expect([...log.rows.values()].filter(({ table }) => table === "kv")).toEqual(before);
    expect(kvGet(log.state, "/a")).toBeUndefined();
  });

  test("have 1 to 1,024 operations, each checked, none of them a batch", () => {
    const log = MachineLog.started();
    const batch = (operations: unknown): Command => ({ kind: "kv-batch", operations }) as Command;
    expect(log.refuse(batch([]))).toContain("not empty");
    expect(log.refuse(batch(Array.from({ length: 1_025 }, () => put("/a", "1"))))).toContain("1024");
    expect(log.refuse(batch([put("/a", "1"), put("b", "1")]))).toContain("wrong at operation 2: field key must begin");
    expect(log.refuse(batch([batch([put("/a", "1")])]))).toContain("unknown kind");
    expect(log.refuse(batch([{ kind: "kv-cas", key: "/a", value: "" }]))).toContain("ifVersion or ifValue");
  });
});

test("ls by prefix: in order, in pages, and only what begins so", () => {
  const log = MachineLog.started();
  for (let at = 0; at < 2_000; at += 1) log.accept(put(`/many/${String((at * 7) % 2_000).padStart(4, "0")}`, ""));
  for (const key of ["/many", "/manyfold", "/a", "/z"]) log.accept(put(key, ""));
  const first = kvList(log.state, "/many/", 1_500);
  expect(first.more).toBe(true);
  expect(first.records).toHaveLength(1_500);
  const second = kvList(log.state, "/many/", 1_500, first.records.at(-1)?.key);
  expect(second.more).toBe(false);
  const keys = [...first.records, ...second.records].map(({ key }) => key);
  expect(keys).toEqual(Array.from({ length: 2_000 }, (_, at) => `/many/${String(at).padStart(4, "0")}`));
  for (const key of keys) log.accept({ kind: "kv-delete", key });
  expect(kvList(log.state, "", 10).records.map(({ key }) => key)).toEqual(["/a", "/many", "/manyfold", "/z"]);
  expect(kvList(log.state, "/nothing", 10)).toEqual({ records: [], more: false });
});

test("a refused command changes the digest by its stored reply only", () => {
  const log = MachineLog.started();
  const before = digest(log.state);
  log.refuse({ kind: "kv-delete", key: "/a" });
  expect(digest(log.state)).not.toBe(before);
});
