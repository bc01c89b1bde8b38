import { describe, expect, test } from "vitest";
import { getVm } from "../../../src/machine/query.ts";
import type { PublishedPort } from "../../../src/machine/records.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

function port(text: string): PublishedPort {
  const [address = "", number = ""] = text.split(":");
  return { protocol: "tcp", address, port: Number(number), guestPort: 80 };
}

const publishing = (vm: string, ...ports: readonly string[]) => create(vm, { driver: "qemu", publish: ports.map(port) });

describe("published ports", () => {
  test("are held from create until gone, by stopped VMs too; every worker has its own", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { drivers: ["qemu"] }));
    log.accept(publishing("one", "127.0.0.1:80"));
    expect(log.refuse(publishing("two", "127.0.0.1:80"))).toMatch(/NO_CAPACITY.*127\.0\.0\.1:80 for VM one/s);
    expect(log.refuse(publishing("two", "0.0.0.0:80"))).toContain("NO_CAPACITY");
    log.accept(publishing("two", "127.0.0.1:81", "127.0.0.2:80"));
    log.accept(worker("n2", { drivers: ["qemu"] }));
    expect(log.accept(publishing("three", "127.0.0.1:80"))).toMatchObject({ node: "n2" });
    log.accept({ kind: "vm-delete", name: name("one") });
    expect(log.refuse(publishing("four", "127.0.0.1:80"))).toContain("NO_CAPACITY");
    log.accept(report("one", "gone", 2));
    expect(log.accept(publishing("four", "127.0.0.1:80"))).toMatchObject({ node: "n1" });
  });

  test.each([
    ["a name instead of an address", { publish: [port("localhost:80")] }],
    ["an address with a leading zero", { publish: [port("127.0.0.01:80")] }],
    ["no port", { publish: [port("127.0.0.1:0")] }],
    ["the same port twice", { publish: [port("127.0.0.1:80"), port("0.0.0.0:80")] }],
    ["an empty list", { publish: [] }],
    ["a driver that has no network", { driver: "process" as const, publish: [port("127.0.0.1:80")] }],
    ["a policy without a wait", { restart: { when: "always" as const, limit: 0, backoffMs: 0 } }],
    ["a boot deadline of nothing", { bootDeadlineMs: 0 }],
  ])("%s is refused", (_, wishes) => {
    const log = MachineLog.started();
    log.accept(worker("n1", { drivers: ["qemu", "process"] }));
    expect(log.refuse(create("web", { driver: "qemu", ...wishes }))).toContain("INVALID_ARGUMENT");
    expect(getVm(log.state, "web")).toBeUndefined();
  });
});
