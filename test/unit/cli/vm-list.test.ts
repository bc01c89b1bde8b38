import { describe, expect, test } from "vitest";
import { parseColumns as columnsOf, parseFilter as filterOf } from "../../../src/cli/listing.ts";
import { vmList, vmListing } from "../../../src/cli/vm-list.ts";
import { parsePublishedPort, formatPublishedPort } from "../../../src/cli/published-port.ts";
import { clusterMembers } from "../../../src/cli/cluster-view.ts";
import { serviceList, serviceListing } from "../../../src/cli/service-view.ts";
import { taskList, taskListing } from "../../../src/cli/task-view.ts";
import { workerList, workerListing, workerStatus } from "../../../src/cli/worker-view.ts";
import type { ClusterStatusResponse, ReservationListResponse, VmListResponse, VmView, WorkerListResponse } from "../../../src/transport/messages.generated.ts";

const parseColumns = (text: string) => columnsOf(vmListing, text);
const parseFilter = (text: string) => filterOf(vmListing, text);
const view = (name: string, part: Partial<VmView> = {}): VmView =>
  ({ name, observed: "running", desired: "running", ownerName: "n1", driver: "qemu", cpus: 1, memoryMib: 128, diskMib: 0, image: "default", pid: 7, exit: "", failure: "", ...part }) as VmView;
const response = { vms: [view("web"), view("db", { observed: "failed", exit: '{"how":"crash","code":1,"signal":null}' }), view("old", { observed: "stopped", ownerName: "n2" })], freshness: null } as VmListResponse;
const plain = (_: unknown, text: string): string => text;
const lines = (...[options]: Parameters<typeof vmList> extends [unknown, (infer O)?] ? [O?] : never): readonly string[] => vmList(response, options).text(plain)?.split("\n") ?? [];

describe("vm list", () => {
  test("shows the usual columns, those that were chosen in their order, or all", () => {
    expect(lines()[0]).toMatch(/^NAME +OBSERVED +DESIRED +OWNER +DRIVER/);
    expect(lines({ columns: parseColumns("ended, name") })).toEqual(["ENDED          NAME", "-              web", "crash, code 1  db", "-              old"]);
    expect(lines({ columns: parseColumns("all") })[0]?.split(/ +/)).toHaveLength(Object.keys(vmListing.columns).length);
  });

  test("shows the VMs that fit every filter; a program gets them whole", () => {
    expect(lines({ filter: [parseFilter("observed=failed,stopped"), parseFilter("owner=n1")] }).slice(1)).toEqual([expect.stringMatching(/^db /)]);
    const none = vmList(response, { filter: [parseFilter("image=other")] });
    expect([none.text(plain), none.notes]).toEqual([null, expect.arrayContaining(["no VM fits the filters"])]);
    expect(vmList(response, { filter: [parseFilter("name=web")] }).json).toMatchObject({ vms: [{ name: "web", pid: 7 }] });
  });

  test.each([["nmae", "name"], ["", "There are"], ["name,name ,x", "There are"]])("columns %j are refused with a hint", (text, hint) => {
    expect(() => parseColumns(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", place: { next: expect.stringContaining(hint) } }));
  });

  test.each(["observed", "=x", "observed=", "observed=a,,b", "cpus=1"])("the filter %j is refused", (text) => {
    expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("published ports", () => {
  test.each([
    ["8080:80", "127.0.0.1:8080:80"],
    ["0.0.0.0:53:5353", "0.0.0.0:53:5353"],
    ["udp:10.0.0.1:53:53", "udp:10.0.0.1:53:53"],
  ])("%s is read", (text, shown) => {
    expect(formatPublishedPort(parsePublishedPort(text))).toBe(shown);
  });

  test.each(["80", "0:80", "65536:80", "80:0", "256.0.0.1:80:80", "sctp:80:80", "host:80:80", "80:80,hostfwd=x", " 80:80", "80:80\n"])("%j is refused", (text) => {
    expect(() => parsePublishedPort(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("other lists", () => {
  const workers = { workers: [worker("n1", ["zone=a", "disk=fast"]), worker("n2", ["zone=b"])], freshness: null } as unknown as WorkerListResponse;

  test("take columns and filters too; one of several values is enough", () => {
    const choice = { columns: columnsOf(workerListing, "name,labels"), filter: [filterOf(workerListing, "labels=disk=fast,zone=c")] };
    expect(workerList(workers, choice).text(plain)).toBe("NAME  LABELS\nn1    zone=a,disk=fast");
    expect(workerList(workers, choice).json).toMatchObject({ workers: [{ name: "n1" }] });
    const group = { leaderId: "1", members: [{ id: "1", name: "a", role: "voter", address: "x", preferred: false, matchIndex: null, heardMs: null }, { id: "2", name: "b", role: "learner", address: "y", preferred: false, matchIndex: 3, heardMs: 7 }] };
    const members = { clusterId: "c", group, freshness: null } as unknown as ClusterStatusResponse;
    expect(clusterMembers(members, { columns: ["name", "role"], filter: [{ field: "role", values: ["leader"] }] }).text(plain)).toBe("NAME  ROLE\na     voter, leader");
    expect(clusterMembers(members).text(plain)?.split("\n")).toHaveLength(3);
  });

  const program = (name: string, state: string, part: Partial<VmView> = {}, more: object = {}) =>
    view(name, { ownerId: "1", details: JSON.stringify({ state, run: { argv: ["sleep", "9"] }, timeoutMs: 1_000, ...more }), ...part });

  test("services: the usual columns, or chosen ones; a state is filtered without what is under way", () => {
    const vms = [program("web", "running", {}, { labels: ["tier=a", "x=y"], attempts: 2 }), program("api", "running", { observed: "starting" }), program("old", "stopped", { observed: "stopped", ownerName: "n2" })];
    const services = { vms, freshness: null } as unknown as VmListResponse;
    const filter = (...texts: readonly string[]) => texts.map((text) => filterOf(serviceListing, text));
    expect(serviceList(services).text(plain)?.split("\n").slice(0, 2)).toEqual([expect.stringMatching(/^NAME +STATE +WANTED +WORKER +RESTARTS +PROGRAM$/), expect.stringMatching(/^web +running +running +n1 +2 +sleep 9$/)]);
    expect(serviceList(services, { columns: columnsOf(serviceListing, "state,name"), filter: filter("state=running") }).text(plain)).toBe("STATE               NAME\nrunning             web\nrunning (starting)  api");
    expect(serviceList(services, { filter: filter("state=running", "observed=starting") }).json).toMatchObject({ services: [{ name: "api", pid: 7 }] });
    expect(serviceList(services, { filter: filter("labels=x=y") }).json).toMatchObject({ services: [{ name: "web" }] });
    const none = serviceList(services, { filter: filter("worker=n3") });
    expect([none.text(plain), none.notes]).toEqual([null, ["no service fits the filters"]]);
    const checked = serviceList({ ...services, vms: [program("web", "running", {}, { health: "healthy" })] });
    expect(checked.text(plain)).toMatch(/^NAME +STATE +HEALTH +WANTED/);
  });

  test("tasks: columns and filters, beside the states", () => {
    const vms = [program("sum", "completed", { exit: '{"how":"exited","code":0,"signal":null}' }), program("bad", "failed", { failure: "no such file", ownerName: "n2" }), program("worse", "failed")];
    const tasks = { vms, freshness: null } as unknown as VmListResponse;
    const filter = [filterOf(taskListing, "worker=n2")];
    expect(taskList(tasks, []).text(plain)?.split("\n").slice(0, 2)).toEqual([expect.stringMatching(/^NAME +STATE +ATTEMPT +EXIT +WORKER +PROGRAM$/), expect.stringMatching(/^sum +completed +1 of 1 +exited, code 0 +n1 +sleep 9$/)]);
    expect(taskList(tasks, ["failed"], { columns: columnsOf(taskListing, "failure,name"), filter }).text(plain)).toBe("FAILURE       NAME\nno such file  bad");
    expect(taskList(tasks, ["failed", "pending"]).json).toMatchObject({ tasks: [{ name: "bad" }, { name: "worse" }] });
    expect(taskList(tasks, ["completed"], { filter }).notes).toEqual(["no task fits the filters"]);
    expect(() => filterOf(taskListing, "stat=failed")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", place: { next: expect.stringContaining("Did you mean state?") } }));
  });
});

test("worker status shows the room that is taken there, also by what comes with its memory", () => {
  const reservation = (vm: string, nodeId: string, part: object = {}) => ({ vm, uuid: vm, nodeId, nodeName: nodeId, toId: "", generation: 1, state: "confirmed", cpus: 2, memoryMib: 512, sinceIndex: 3, deadlineMs: 0, ttlMs: 0, ...part });
  const at = (appliedIndex: number) => ({ nodeId: "n1", appliedIndex, stale: false });
  const workers = { workers: [worker("n1", []), worker("n2", [])], freshness: at(8) } as unknown as WorkerListResponse;
  const reservations = [reservation("web", "n1", { state: "held", deadlineMs: 1_000 }), reservation("service/web", "n2"), reservation("moves", "n2", { toId: "n1" })];
  const taken = { reservations, freshness: at(7) } as unknown as ReservationListResponse;
  const status = workerStatus("n1", workers, taken);
  expect(status.json).toMatchObject({ name: "n1", freeCpus: 1, reservations: [{ vm: "web", nodeId: "n1" }, { vm: "moves", nodeId: "n2", toId: "n1" }], freshness: { appliedIndex: 7 } });
  expect(status.text(plain)?.split("\n").slice(-4)).toEqual([
    "room taken",
    "  VM     STATE                  CPUS   MEMORY  UNTIL",
    "  web    held                      2  512 MiB  1970-01-01T00:00:01.000Z",
    "  moves  confirmed, comes here     2  512 MiB  -",
  ]);
  expect(workerStatus("n2", workers, taken).text(plain)).toMatch(/service\/web +confirmed +2/);
  const free = workerStatus("n1", workers, { ...taken, reservations: [] });
  expect([free.json, free.text(plain)]).toEqual([expect.objectContaining({ reservations: [] }), expect.not.stringContaining("room taken")]);
  expect(() => workerStatus("n3", workers, taken)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
});

function worker(name: string, labels: readonly string[]): object {
  return { name, nodeId: name, admin: "active", health: "healthy", vms: 0, cpus: 1, freeCpus: 1, memoryMib: 1, freeMemoryMib: 1, diskMib: 1, freeDiskMib: 1, drivers: [], labels, bridges: [], silentMs: 0 };
}
