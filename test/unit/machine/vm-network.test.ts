import { describe, expect, test } from "vitest";
import { parseNetwork } from "../../../src/cli/network.ts";
import type { Command } from "../../../src/machine/commands.ts";
import { getVm, getWorker } from "../../../src/machine/query.ts";
import type { VmNetwork } from "../../../src/machine/records.ts";
import { create, MachineLog, worker } from "./machine-log.ts";

const register = (node: string, bridges?: readonly string[]): Command => ({ ...worker(node, { drivers: ["process", "qemu"] }), ...(bridges === undefined ? {} : { bridges }) }) as Command;
const on = (bridge: string, more: Partial<VmNetwork> = {}) => ({ driver: "qemu" as const, network: { bridge, ...more } });

describe("a VM on a bridge", () => {
  test("goes to a worker that has it, and nowhere else; what a worker has is what it last said", () => {
    const log = MachineLog.started();
    log.accept(register("n1"));
    expect(log.refuse(create("a", on("br0")))).toMatch(/^NO_CAPACITY .*n1 .*has no bridge br0/);
    log.accept(register("n2", ["lan", "br0"]));
    expect(getWorker(log.state, "n2")?.worker.bridges).toEqual(["br0", "lan"]);
    log.accept(create("a", on("br0", { gateway: "10.0.0.1", address: "10.0.0.5/24" })));
    expect(getVm(log.state, "a")).toMatchObject({ owner: "n2", spec: { network: { bridge: "br0", address: "10.0.0.5/24", gateway: "10.0.0.1" } } });
    expect(log.refuse(create("b", { ...on("br0"), node: "n1" }))).toMatch(/has no bridge br0/);
    log.accept(register("n2"));
    expect(log.refuse(create("b", on("br0")))).toMatch(/^NO_CAPACITY/);
  });

  test.each<[object, RegExp]>([
    [{ ...on("br0"), driver: "process" }, /driver process on a bridge/],
    [{ ...on("br0"), publish: [{ protocol: "tcp", address: "127.0.0.1", port: 1, guestPort: 1 }] }, /publish/],
    [on(""), /network device/],
    [on("sixteenletters16"), /network device/],
    [on("br0,script=x"), /network device/],
    [on("../br0"), /network device/],
    [on("br0", { address: "10.0.0.5" }), /prefix length/],
    [on("br0", { address: "10.0.0.5/33" }), /prefix length/],
    [on("br0", { address: "10.0.0.5/24/1" }), /prefix length/],
    [on("br0", { gateway: "10.0.0" }), /IPv4/],
    [{ driver: "qemu", network: { bridge: "br0", mac: "x" } }, /unknown/],
  ])("%j is refused", (wishes, why) => {
    const log = MachineLog.started();
    log.accept(register("n1", ["br0"]));
    expect(log.refuse(create("a", wishes))).toMatch(why);
  });
});

test("a network as users write it", () => {
  expect(parseNetwork("user")).toBeNull();
  expect(parseNetwork("bridge=br0")).toEqual({ bridge: "br0" });
  expect(parseNetwork("bridge=br0,address=10.0.0.5/24,gateway=10.0.0.1")).toEqual({ bridge: "br0", address: "10.0.0.5/24", gateway: "10.0.0.1" });
  for (const wrong of ["", "br0", "bridge=", "bridge=a,bridge=b", "bridge=a,mtu=9000", "address=10.0.0.1/24", "bridge=a,", "nat"]) {
    expect(() => parseNetwork(wrong), wrong).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});
