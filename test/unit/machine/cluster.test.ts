import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import { clusterOf, listTokens } from "../../../src/machine/query.ts";
import { MachineLog, name } from "./machine-log.ts";

const hash = "a".repeat(64);
const createToken = (tokenId: string, ttlMs = 60_000): Command => ({ kind: "token-create", tokenId, sha256: hash, name: name("two"), ttlMs });
const useToken = (tokenId: string, more: object = {}): Command => ({ kind: "token-use", tokenId, sha256: hash, name: name("two"), node: "n2", ...more });

test("the first command names the cluster, once (row P2)", () => {
  const log = new MachineLog();
  expect(log.refuse({ kind: "kv-put", key: "/a", value: "" })).toContain("NOT_INITIALIZED");
  expect(clusterOf(log.state)).toBeUndefined();
  expect(log.accept({ kind: "cluster-init", clusterId: "one" })).toEqual({ clusterId: "one" });
  expect(log.refuse({ kind: "cluster-init", clusterId: "two" })).toContain("ALREADY_EXISTS");
  expect(clusterOf(log.state)).toEqual({ clusterId: "one", createdIndex: 2 });
});

describe("join tokens", () => {
  test("are used once, by one node, which may ask again", () => {
    const log = MachineLog.started();
    expect(log.accept(createToken("t"))).toEqual({ tokenId: "t", expiresAtMs: 1_060_000 });
    expect(log.refuse(createToken("t"))).toContain("ALREADY_EXISTS");
    expect(log.accept(useToken("t"))).toEqual({ clusterId: "cluster-1" });
    log.timeMs += 3_600_000;
    expect(log.accept(useToken("t"))).toEqual({ clusterId: "cluster-1" });
    expect(log.refuse(useToken("t", { node: "n3" }))).toContain("WRONG_STATE join token t was used already, by node n2");
  });

  test("are refused when unknown, with a wrong secret, or for another name", () => {
    const log = MachineLog.started();
    log.accept(createToken("t"));
    expect(log.refuse(useToken("u"))).toContain("NOT_FOUND");
    expect(log.refuse(useToken("t", { sha256: "b".repeat(64) }))).toContain("CONFLICT the secret");
    expect(log.refuse(useToken("t", { name: "three" }))).toContain("CONFLICT join token t is for a node named two");
    expect(listTokens(log.state)).toMatchObject([{ usedBy: null }]);
  });

  test("expire by the leader's time, which does not go back", () => {
    const log = MachineLog.started();
    log.accept(createToken("t", 60_000));
    log.timeMs += 59_999;
    log.accept(createToken("unused", 1));
    log.timeMs += 1;
    expect(log.refuse(useToken("t"))).toContain("WRONG_STATE join token t has expired");
    log.timeMs -= 30_000;
    expect(log.refuse(useToken("t"))).toContain("has expired");
    expect(MachineLog.restarted(log).refuse(useToken("t"))).toContain("has expired");
    log.timeMs = Number.NaN;
    expect(log.refuse(useToken("t"))).toContain("has expired");
  });

  test("live an hour at most, have a hash, and are bounded in number", () => {
    const log = MachineLog.started();
    expect(log.refuse(createToken("t", 3_600_001))).toContain("field command.ttlMs must be");
    expect(log.refuse({ ...createToken("t"), sha256: "secret" } as Command)).toContain("field command.sha256 must be 64");
    for (let at = 0; at < 1_024; at += 1) log.accept(createToken(`t${at}`, 1));
    expect(log.refuse(createToken("more"))).toContain("OVERLOADED");
    log.timeMs += 3_600_001;
    log.accept(createToken("more"));
    expect(listTokens(log.state).map(({ tokenId }) => tokenId)).toEqual(["more"]);
  });
});
