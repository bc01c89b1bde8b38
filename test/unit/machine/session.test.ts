import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../../../src/machine/commands.ts";
import { countSessions, kvGet } from "../../../src/machine/query.ts";
import { digest } from "../../../src/machine/state.ts";
import { MachineLog } from "./machine-log.ts";

function request(client: string, sequence: number, more: Partial<Envelope> = {}): Envelope {
  return { client, sequence, acknowledged: 1, command: { kind: "kv-put", key: "/a", value: `${client} ${sequence}` }, ...more };
}

describe("a request that comes again (rows P6, R6)", () => {
  test("answers the stored reply, changes nothing, whatever the copy says", () => {
    const log = MachineLog.started();
    const first = log.send(request("c", 1));
    log.send(request("d", 1));
    const before = digest(log.state);
    const again = log.send(request("c", 1, { command: { kind: "kv-delete", key: "/a" } }));
    expect(again).toEqual({ reply: first.reply, changes: [], vmChanges: [], leaseChanges: [], reservationChanges: [], offerChanges: [], writes: [] });
    expect(digest(log.state)).toBe(before);
    expect(kvGet(log.state, "/a")).toMatchObject({ version: 2, value: "d 1" });
  });

  test("a refusal is stored too, with a batch's items", () => {
    const log = MachineLog.started();
    const command = { kind: "kv-batch", operations: [{ kind: "kv-delete", key: "/b" }] } as const;
    const first = log.send(request("c", 1, { command })).reply;
    log.accept({ kind: "kv-put", key: "/b", value: "" });
    const restarted = MachineLog.restarted(log);
    expect(log.send(request("c", 1, { command })).reply).toEqual(first);
    expect(restarted.send(request("c", 1, { command })).reply).toEqual(first);
  });

  test("is refused when its reply was acknowledged", () => {
    const log = MachineLog.started();
    for (let sequence = 1; sequence <= 40; sequence += 1) log.send(request("c", sequence));
    log.send(request("c", 41, { acknowledged: 40 }));
    expect(log.send(request("c", 39)).reply).toMatchObject({ ok: false, code: "SESSION_EXPIRED" });
    expect(log.send(request("c", 40)).reply).toMatchObject({ ok: true });
    expect([...log.rows.keys()].filter((key) => key.startsWith("session c/"))).toEqual(["session c/2"]);
  });

  test("stays forgotten, though a later entry acknowledges less", () => {
    const log = MachineLog.started();
    for (const sequence of [1, 2, 3]) log.send(request("c", sequence));
    log.send(request("c", 5, { acknowledged: 4 }));
    log.send(request("c", 4, { acknowledged: 1 }));
    for (const each of [log, MachineLog.restarted(log)]) {
      expect(each.send(request("c", 3)).reply).toMatchObject({ ok: false, code: "SESSION_EXPIRED" });
    }
  });

  test("requests may come in any order", () => {
    const log = MachineLog.started();
    for (const sequence of [3, 1, 2]) expect(log.send(request("c", sequence)).reply.ok).toBe(true);
    expect(kvGet(log.state, "/a")?.version).toBe(3);
    expect(log.send(request("c", 1)).reply).toMatchObject({ index: 3 });
  });

  test("cannot acknowledge itself", () => {
    const log = MachineLog.started();
    expect(log.send(request("c", 1, { acknowledged: 2 })).reply).toMatchObject({ ok: false, code: "INVALID_ARGUMENT" });
    expect(log.send(request("c", 1, { acknowledged: 0 })).reply.ok).toBe(true);
  });
});

test("a session keeps the replies to its latest 1,024 sequences", () => {
  const log = MachineLog.started();
  for (let sequence = 1; sequence <= 1_100; sequence += 1) log.send(request("c", sequence));
  expect(log.send(request("c", 76)).reply).toMatchObject({ ok: false, code: "SESSION_EXPIRED" });
  expect(log.send(request("c", 77)).reply.ok).toBe(true);
  expect([...log.rows.keys()].filter((key) => key.startsWith("session c/"))).toHaveLength(65);
});

describe("at most 10,000 sessions", () => {
  function crowded(): MachineLog {
    const log = MachineLog.started();
    for (let at = 0; at < 9_999; at += 1) log.send(request(`c${at}`, 1));
    log.send(request("c0", 2));
    log.send(request("new-1", 1)); // displaces the session of cluster-init
    log.send(request("new-2", 1)); // displaces c1
    return log;
  }

  test("the longest unused goes, with its rows, the same one after a restart", () => {
    const log = crowded();
    expect(countSessions(log.state)).toBe(10_000);
    const restarted = MachineLog.restarted(log);
    for (const each of [log, restarted]) {
      const applied = each.send(request("new-3", 1));
      expect(applied.changes.map(({ table, key, value }) => ({ table, key, value }))).toContainEqual({ table: "session", key: "c2/0", value: null });
    }
    expect(countSessions(log.state)).toBe(10_000);
    expect(log.send(request("c0", 2)).changes).toEqual([]);
    expect(digest(restarted.state)).toBe(digest(log.state));
  });

  test("a displaced session is told from a new one, where the client helps", () => {
    const log = crowded();
    const opened = log.index;
    expect(log.send(request("c1", 2, { acknowledged: 2 })).reply).toMatchObject({ code: "SESSION_EXPIRED" });
    expect(log.send(request("c1", 2, { opened: 0 })).reply).toMatchObject({ code: "SESSION_EXPIRED" });
    expect(log.send(request("fresh", 1, { opened })).reply.ok).toBe(true);
  });
});

test("duplicates, retries and disorder: each request has exactly one effect", () => {
  const attempt = fc.record({ client: fc.integer({ min: 0, max: 3 }), sequence: fc.integer({ min: 1, max: 40 }), restart: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 200 }), (attempts) => {
      let log = MachineLog.started();
      const effects = new Map<string, number>();
      const replies = new Map<string, unknown>();
      for (const { client, sequence, restart } of attempts) {
        if (restart === 0) log = MachineLog.restarted(log);
        const id = `${client} ${sequence}`;
        const before = kvGet(log.state, "/count")?.version ?? 0;
        const { reply } = log.send(request(`c${client}`, sequence, { command: { kind: "kv-put", key: "/count", value: id } }));
        effects.set(id, (effects.get(id) ?? 0) + (kvGet(log.state, "/count")?.version ?? 0) - before);
        if (replies.has(id)) expect(reply).toEqual(replies.get(id));
        replies.set(id, reply);
      }
      for (const count of effects.values()) expect(count).toBe(1);
    }),
    { numRuns: 60 },
  );
});
