import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { realClock } from "../../../src/cli/clock.ts";
import { UserError } from "../../../src/errors.ts";
import { insecure } from "../../../src/transport/credentials.ts";
import type { RequestId, VmView } from "../../../src/transport/messages.generated.ts";
import { type RunningServer, createServer } from "../../../src/transport/server.ts";
import type { ServiceHandlers } from "../../../src/transport/service.ts";
import type { Init } from "../../../src/transport/wire.ts";
import { blixard } from "./captured.ts";
import { FakeClock } from "./fake-clock.ts";

const web: Init<VmView> = {
  name: "web",
  uuid: "07458d67-01d3-456a-8306-2516eca169d5",
  driver: "process",
  cpus: 1,
  memoryMib: 128,
  image: "default",
  ownerId: "id-1",
  ownerName: "n1",
  desired: "running",
  observed: "running",
  generation: 1,
  changedIndex: 20,
  placement: JSON.stringify({ strategy: "manual", node: "id-1", score: 512, rejected: [] }),
};
const freshness = { nodeId: "id-1", appliedIndex: 20, stale: true };
const members = [
  { id: "id-1", name: "n1", address: "127.0.0.1:1", role: "voter" },
  { id: "id-2", name: "n2", address: "127.0.0.1:2", role: "" },
];

/** What the daemon answers next to a create; and the request ids that it saw. */
const failures: UserError[] = [];
const requests: RequestId[] = [];
let seen: Init<VmView>[] = [];

const handlers = {
  cluster: {
    nodeStatus: async () => ({ nodeId: "id-1", name: "n1", address: "127.0.0.1:1", groups: [{ group: "meta", role: "follower", appliedIndex: 20, members }] }),
    clusterStatus: async () => ({ clusterId: "c", freshness, group: { group: "meta", members } }),
  },
  kv: {
    get: async ({ key }: { key: string }) => ({ freshness, item: key === "/a" ? { key, value: "one\u001b[31m", version: 3 } : null }),
    put: async ({ request }: { request: RequestId }) => {
      requests.push(request);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return { index: 7, version: 2 };
    },
  },
  vm: {
    list: async () => ({ vms: [web], freshness }),
    create: async () => ({ index: 19, vm: { ...web, observed: "pending", changedIndex: 19 } }),
    get: async () => ({ vm: seen.shift() ?? web, freshness }),
    async *logs() {
      yield { text: Buffer.from("first\n") };
      yield { text: Buffer.from("second\n") };
    },
  },
  service: {},
  image: {},
  task: {},
  worker: {},
};

let server: RunningServer;
let addr: string;

beforeAll(async () => {
  server = await createServer({ security: insecure, handlers: handlers as unknown as ServiceHandlers });
  addr = await server.bind("127.0.0.1:0");
});
afterAll(() => server.close(0));

// The command's time passes while it waits to try again, and not while the machine is busy with something else.
beforeEach(() => {
  const clock = new FakeClock();
  vi.spyOn(realClock, "now").mockImplementation(() => clock.now());
  vi.spyOn(realClock, "sleep").mockImplementation((ms) => clock.sleep(ms));
});
afterEach(() => vi.restoreAllMocks());

const ask = (...argv: readonly string[]) => blixard(...argv, "--addr", addr);

describe("answers", () => {
  test("are tables on stdout, with their freshness on stderr", async () => {
    const { exit, stdout, stderr } = await ask("vm", "list");
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout:
        "NAME  OBSERVED  DESIRED  OWNER  DRIVER   CPUS   MEMORY  IMAGE    PID\n" +
        "web   running   running  n1     process     1  128 MiB  default    -\n",
    });
    expect(stderr).toMatch(/^answered by node id-1 at applied index 20, stale/);
  });

  test("are JSON with --json; what is not known is null", async () => {
    const { stdout } = await ask("vm", "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      vms: [{ name: "web", pid: null, exit: null, failure: null, placement: { strategy: "manual", score: 512 } }],
      freshness: { nodeId: "id-1", appliedIndex: 20, stale: true },
    });
  });

  test("say none of a leader that is not there, and unknown of a role that is not told (row M9)", async () => {
    expect((await ask("cluster", "status")).stdout).toMatch(/leader +none/);
    const { group } = JSON.parse((await ask("cluster", "status", "--json")).stdout);
    expect(group).toMatchObject({ leaderId: null, leaderAddress: null, role: "unknown", members: [{ role: "voter" }, { role: "unknown" }] });
  });

  test("of kv get are the value alone; a missing key is exit 3", async () => {
    expect((await ask("kv", "get", "/a")).stdout).toBe("one\u001b[31m\n");
    expect((await ask("kv", "get", "/b")).exit).toBe(3);
  });

  test("of logs are the bytes as they come, or one object a line", async () => {
    expect((await ask("vm", "logs", "web")).stdout).toBe("first\nsecond\n");
    expect((await ask("vm", "logs", "web", "--json")).stdout).toBe('{"text":"first\\n"}\n{"text":"second\\n"}\n');
  });

  test("of node list show those that do not answer", async () => {
    const { exit, stdout } = await ask("node", "list", "--json");
    expect(exit).toBe(0);
    expect(JSON.parse(stdout).nodes).toMatchObject([
      { name: "n1", reachable: true, role: "follower" },
      { name: "n2", reachable: false, role: "unknown", failure: expect.stringContaining("refused") },
    ]);
  });
});

describe("a write", () => {
  test("keeps its request id over all attempts", async () => {
    requests.length = 0;
    failures.push(new UserError("NO_LEADER", "no leader"), new UserError("OUTCOME_UNKNOWN", "the leader went away"));
    const { exit, stderr } = await ask("kv", "put", "/a", "1");
    expect(exit).toBe(0);
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ client }) => client)).size).toBe(1);
    expect(requests[0]).toMatchObject({ sequence: 1, acknowledged: 1, opened: null });
    // Should so many others have come that its id was forgotten, what is sent again must not be taken for new.
    expect(requests.slice(1)).toMatchObject([{ opened: 20 }, { opened: 20 }]);
    expect(stderr).toContain("waiting: no leader");
  });

  test.each([
    ["NO_LEADER", 4],
    ["OUTCOME_UNKNOWN", 5],
    ["CONFLICT", 6],
    ["MESSAGE_TOO_LARGE", 2],
    ["FAILED", 1],
  ] as const)("that ends in %s exits %i", async (code, status) => {
    failures.push(...Array.from({ length: 100 }, () => new UserError(code, `it is ${code}`, { group: "meta", node: "id-1" })));
    // The last attempt begins after 29.55 s, and has what is left, by the machine's clock, to be answered.
    const { exit, stdout } = await ask("kv", "put", "/a", "1", "--timeout", "30500ms", "--json");
    const attempts = 100 - failures.splice(0).length;
    expect(attempts).toBe(status === 4 || status === 5 ? 34 : 1);
    expect(exit).toBe(status);
    expect(JSON.parse(stdout).error).toMatchObject({ code, node: "id-1", group: "meta" });
  });
});

describe("--wait", () => {
  test("ends when the VM is observed to run", async () => {
    seen = [{ ...web, observed: "pending" }, { ...web, observed: "starting" }];
    const { exit, stdout, stderr } = await ask("vm", "create", "web", "--wait");
    expect(exit).toBe(0);
    expect(stdout).toBe("VM web created on n1: running, wanted running\n");
    expect(stderr).toBe("VM web is pending on n1, wanted running\nVM web is starting on n1, wanted running\n");
  });

  test("ends with the driver's reason when it failed", async () => {
    seen = [{ ...web, observed: "failed", failure: "no kernel" }];
    const { exit, stderr } = await ask("vm", "create", "web", "--wait");
    expect(exit).toBe(1);
    expect(stderr).toContain("VM web failed on n1: no kernel");
  });

  test("ends at its time with the last known state", async () => {
    seen = Array.from({ length: 100 }, () => ({ ...web, observed: "starting" }));
    const { exit, stderr } = await ask("vm", "create", "web", "--wait", "--timeout", "20s");
    expect(exit).toBe(5);
    expect(stderr).toContain("the last known state: VM web is starting on n1, wanted running");
  });
});

test("cluster wait fails with what is missing", async () => {
  const { exit, stderr } = await ask("cluster", "wait", "--formed", "3", "--leader", "--timeout", "20s");
  expect(exit).toBe(5);
  expect(stderr).toContain("group meta has no leader");
  expect(stderr).toContain("group meta has 1 of 3 voters");
});
