import { describe, expect, test } from "vitest";
import { parseColumns as columnsOf, parseFilter as filterOf } from "../../../src/cli/listing.ts";
import { vmList, vmListing } from "../../../src/cli/vm-list.ts";
import { parsePublishedPort, formatPublishedPort } from "../../../src/cli/published-port.ts";
import { clusterMembers } from "../../../src/cli/cluster-view.ts";
import { workerList, workerListing } from "../../../src/cli/worker-view.ts";
import type { ClusterStatusResponse, VmListResponse, VmView, WorkerListResponse } from "../../../src/transport/messages.generated.ts";

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
});

function worker(name: string, labels: readonly string[]): object {
  return { name, nodeId: name, admin: "active", health: "healthy", vms: 0, cpus: 1, freeCpus: 1, memoryMib: 1, freeMemoryMib: 1, diskMib: 1, freeDiskMib: 1, drivers: [], labels, bridges: [], silentMs: 0 };
}
