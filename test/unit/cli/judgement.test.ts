import { describe, expect, test } from "vitest";
import { clusterHealth } from "../../../src/cli/cluster-health.ts";
import { judgeCluster } from "../../../src/cli/cluster-wait.ts";
import type { ReachedNode } from "../../../src/cli/node-survey.ts";
import { judge } from "../../../src/cli/vm-wait.ts";
import type { GroupStatus, NodeStatusResponse, VmResponse, VmView } from "../../../src/transport/messages.generated.ts";

const vm = (part: Partial<VmView>): VmResponse => ({
  index: 10,
  freshness: null,
  vm: { name: "web", uuid: "u1", observed: "pending", desired: "running", changedIndex: 10, exit: "", failure: "", ownerName: "n1", ...part } as VmView,
});
const started = vm({});

describe("a VM that is waited for to run", () => {
  test.each([
    ["pending", 10, false],
    ["starting", 11, false],
    ["running", 12, true],
  ])("is %s: done %s", (observed, changedIndex, done) => {
    expect(judge(vm({ observed, changedIndex }), "running", started, "web").done).toBe(done);
  });

  test("is not judged by what was reported before", () => {
    const restarted = vm({ observed: "failed", failure: "no kernel" });
    expect(judge(restarted, "running", restarted, "web").done).toBe(false);
    expect(() => judge(vm({ observed: "failed", failure: "no kernel", changedIndex: 11 }), "running", restarted, "web")).toThrow("no kernel");
  });

  test("ended by itself", () => {
    const exit = JSON.stringify({ how: "guest-shutdown", code: 0, signal: null });
    expect(() => judge(vm({ observed: "stopped", changedIndex: 11, exit }), "running", started, "web")).toThrow("ended on n1: guest-shutdown, code 0");
  });

  test("is wanted otherwise by somebody else", () => {
    expect(() => judge(vm({ desired: "stopped", changedIndex: 11 }), "running", started, "web")).toThrow("somebody else");
  });

  test("is another of the same name", () => {
    expect(() => judge(vm({ uuid: "u2" }), "running", started, "web")).toThrow("another of that name");
  });
});

test("a VM that failed is stopped as well", () => {
  const asked = vm({ desired: "stopped", observed: "running" });
  expect(judge(asked, "stopped", asked, "web").done).toBe(false);
  expect(judge(vm({ desired: "stopped", observed: "failed", changedIndex: 11 }), "stopped", asked, "web").done).toBe(true);
});

const ids = ["n1", "n2", "n3"];
const group = (part: Partial<GroupStatus> = {}, voters: readonly string[] = ids): GroupStatus =>
  ({
    group: "meta",
    leaderId: "n1",
    appliedIndex: 10,
    members: ids.map((id) => ({ id, name: id, address: `127.0.0.1:710${id.slice(1)}`, role: voters.includes(id) ? "voter" : "learner", matchIndex: null, heardMs: null })),
    ...part,
  }) as GroupStatus;
const node = (id: string, own: GroupStatus | null, memberRole = "voter"): ReachedNode => ({
  id,
  name: id,
  address: `127.0.0.1:710${id.slice(1)}`,
  memberRole,
  status: own === null ? null : ({ nodeId: id, groups: [own] } as unknown as NodeStatusResponse),
  failure: own === null ? "the connection was refused" : null,
});
const goals = { formed: 3, leader: true, caughtUp: true };
const state = (nodes: readonly ReachedNode[], targets = new Map([["meta", 10]])): string => {
  const look = judgeCluster(nodes, goals, targets);
  return look.done ? "done" : look.state;
};

describe("a cluster that is waited for", () => {
  test("is formed when every member agrees and has caught up", () => {
    expect(state(ids.map((id) => node(id, group())))).toBe("done");
  });

  test("has a peer that failed (row M10)", () => {
    expect(state([node("n1", group()), node("n2", group()), node("n3", null)])).toBe("n3 at 127.0.0.1:7103 failed: the connection was refused");
  });

  test("has a learner", () => {
    const two = group({}, ["n1", "n2"]);
    const seen = [node("n1", two), node("n2", two), node("n3", two, "learner")];
    expect(state(seen)).toBe("group meta has 2 of 3 voters; n3 at 127.0.0.1:7103 forming: it is a learner");
  });

  test("has a member with another configuration", () => {
    expect(state([node("n1", group()), node("n2", group({}, ["n1", "n2"])), node("n3", group())])).toContain("n2 at 127.0.0.1:7102 forming: it knows other voters");
  });

  test("has a member that lags", () => {
    expect(state(ids.map((id) => node(id, group({ appliedIndex: id === "n2" ? 7 : 10 }))))).toContain("it has applied 7 of 10");
  });

  test("has no leader", () => {
    expect(state(ids.map((id) => node(id, group({ leaderId: "" }))))).toContain("group meta has no leader");
  });

  test("is none", () => {
    expect(judgeCluster([node("n1", null)], goals, new Map())).toEqual({ done: false, state: "the daemon is in no cluster" });
  });
});

describe("the health of a cluster", () => {
  const led = { term: 4, leaderId: "n1" };
  const up = (id: string, part: Partial<GroupStatus> = {}): ReachedNode => {
    const reached = node(id, group({ ...led, ...part }));
    return { ...reached, status: { ...reached.status, clusterId: "c" } as NodeStatusResponse };
  };
  const down = (id: string): ReachedNode => node(id, null);
  const health = (nodes: readonly ReachedNode[]) => {
    const { answer, exit } = clusterHealth(nodes);
    return [(answer.json as { health: string }).health, exit];
  };

  test.each<[string, number, readonly ReachedNode[]]>([
    ["healthy", 0, [up("n1"), up("n2"), up("n3")]],
    ["degraded", 1, [up("n1"), up("n2"), down("n3")]],
    ["degraded", 1, [up("n1"), up("n2"), up("n3", { members: group({}, ["n1", "n2"]).members })]],
    ["no quorum", 5, [up("n1"), down("n2"), down("n3")]],
    ["no leader", 4, [up("n1", { leaderId: "" }), up("n2", { leaderId: "" }), up("n3", { leaderId: "" })]],
    ["no leader", 4, [up("n1", { term: 5, leaderId: "" }), up("n2", { term: 5, leaderId: "n2" }), up("n3")]],
  ])("is %s, exit %i", (wanted, exit, nodes) => {
    expect(health(nodes)).toEqual([wanted, exit]);
  });

  test("tells of each member and group how it stands, with the last error", () => {
    const { json } = clusterHealth([up("n1"), up("n2"), down("n3")]).answer;
    expect(json).toMatchObject({
      groups: [{ group: "meta", health: "degraded", leaderId: "n1", voters: 3, answering: 2 }],
      peers: [{ name: "n1", state: "formed", lastError: null }, { state: "formed" }, { name: "n3", group: "meta", state: "failed", lastError: "the connection was refused" }],
    });
  });

  test("of a daemon in no cluster there is none", () => {
    const alone = node("n1", group());
    const empty = { ...alone, status: { ...alone.status, clusterId: "" } as NodeStatusResponse };
    expect(() => clusterHealth([empty])).toThrow("in no cluster");
  });
});
