import { describe, expect, test } from "vitest";
import { getVm, getWorker, listVms, listWorkers } from "../../../src/machine/query.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

const remove = (node: string) => ({ kind: "worker-remove", node }) as const;

describe("workers (row P8)", () => {
  test("a repeated registration updates, and says whether it changed anything", () => {
    const log = MachineLog.started();
    expect(log.accept(worker("n1"))).toEqual({ changed: true });
    expect(log.accept(worker("n1"))).toEqual({ changed: false });
    expect(log.accept(worker("n1", { memoryMib: 2_048, drivers: ["qemu", "process"] }))).toEqual({ changed: true });
    expect(log.accept(worker("n1", { memoryMib: 2_048, drivers: ["process", "qemu"] }))).toEqual({ changed: false });
    expect(getWorker(log.state, "n1")?.worker).toMatchObject({ memoryMib: 2_048, drivers: ["process", "qemu"], registeredIndex: 2, admin: "active" });
  });

  test("two workers cannot share a name", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { name: "one" }));
    expect(log.refuse(worker("n2", { name: "one" }))).toBe("ALREADY_EXISTS worker n1 has the name one");
  });

  test("removal is refused while VMs are placed there", () => {
    const log = MachineLog.started();
    log.accept(worker("n1"));
    log.accept(create("web"));
    expect(log.refuse(remove("n1"))).toBe("WRONG_STATE worker n1 (n1) holds 1 VM; delete them first");
    log.accept({ kind: "vm-delete", name: name("web") });
    expect(log.refuse(remove("n1"))).toContain("WRONG_STATE");
    log.accept(report("web", "gone", 2));
    expect(log.accept(remove("n1"))).toEqual({ changed: true });
    expect(log.refuse(remove("n1"))).toContain("NOT_FOUND");
    expect(listWorkers(log.state)).toEqual([]);
  });

  test("shrinking below what is taken is told, and no more VMs come", () => {
    const log = MachineLog.started();
    log.accept(worker("n1"));
    log.accept(create("a", { memoryMib: 512 }));
    log.accept(worker("n1", { memoryMib: 256 }));
    expect(log.refuse(create("b"))).toContain("has free only 0 of 256 MiB memory");
  });

  test.each([
    [{ cpus: 0 }, "cpus"],
    [{ drivers: [] }, "drivers"],
    [{ drivers: ["qemu", "qemu"] as never }, "drivers"],
    [{ drivers: ["docker"] as never }, "drivers"],
    [{ name: "-x" }, "name"],
  ])("a registration with %j is refused", (wrong, field) => {
    expect(MachineLog.started().refuse(worker("n1", wrong))).toContain(`INVALID_ARGUMENT the command is refused: field command.${field} `);
  });
});

describe("placement (row W2)", () => {
  test("most memory free after placement, then fewest VMs, then the lowest id", () => {
    const log = MachineLog.started();
    log.accept(worker("n3", { memoryMib: 1_024 }));
    log.accept(worker("n2", { memoryMib: 1_024 }));
    log.accept(worker("n1", { memoryMib: 512 }));
    log.accept(create("a", { memoryMib: 512 }));
    log.accept(create("b", { memoryMib: 512 }));
    log.accept(create("c", { memoryMib: 128 }));
    log.accept(create("d", { memoryMib: 128 }));
    expect(listVms(log.state).map(({ spec, owner }) => `${spec.name} ${owner}`)).toEqual(["a n2", "b n3", "c n1", "d n2"]);
    expect(listVms(log.state, "n2").map(({ spec }) => spec.name)).toEqual(["a", "d"]);
  });

  test("fewer VMs win where the free memory is equal", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { memoryMib: 768 }));
    log.accept(worker("n2", { memoryMib: 512 }));
    log.accept(create("a"));
    expect(getVm(log.state, "a")?.owner).toBe("n1");
    log.accept(create("b"));
    expect(getVm(log.state, "b")?.owner).toBe("n2");
  });

  test("the decision is stored with its score and why the others were not chosen", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { memoryMib: 2_048, drivers: ["qemu"] }));
    log.accept(worker("n2", { cpus: 1 }));
    log.accept(worker("n3"));
    log.accept(worker("n4", { memoryMib: 600 }));
    log.accept(create("web", { cpus: 2, memoryMib: 512 }));
    expect(getVm(log.state, "web")?.placement).toEqual({
      strategy: "most-available",
      node: "n3",
      score: 512,
      rejected: [
        { node: "n1", reason: "lacks the driver process" },
        { node: "n2", reason: "has free only 1 of 2 cpus" },
        { node: "n4", reason: "would have 88 MiB free and 0 other VMs; the chosen one 512 MiB free and 0 other VMs", score: 88 },
      ],
    });
  });

  test("no place: each worker with its reason", () => {
    const log = MachineLog.started();
    expect(log.refuse(create("web"))).toBe("NO_CAPACITY no worker is registered, so VM web has no place");
    log.accept(worker("n1", { name: "one", drivers: ["qemu"] }));
    log.accept(worker("n2", { name: "two", memoryMib: 100, diskMib: 1 }));
    expect(log.refuse(create("web", { diskMib: 5 }))).toBe(
      "NO_CAPACITY no worker has room for VM web: one (n1) lacks the driver process; " +
        "two (n2) has free only 100 of 256 MiB memory, 1 of 5 MiB disk",
    );
  });

  test("a node that the user names is taken or the reason is told", () => {
    const log = MachineLog.started();
    log.accept(worker("n1"));
    log.accept(worker("n2", { memoryMib: 512 }));
    log.accept(create("a", { node: "n2" }));
    expect(getVm(log.state, "a")?.placement).toEqual({ strategy: "manual", node: "n2", score: 256, rejected: [] });
    expect(log.refuse(create("b", { node: "n3" }))).toBe("NOT_FOUND node n3 is not registered as a worker");
    expect(log.refuse(create("b", { node: "n2", memoryMib: 512 }))).toBe(
      "NO_CAPACITY VM b cannot go to worker n2 (n2): it has free only 256 of 512 MiB memory",
    );
    expect(log.refuse(create("b", { node: "n2", driver: "qemu" }))).toContain("it lacks the driver qemu");
  });
});
