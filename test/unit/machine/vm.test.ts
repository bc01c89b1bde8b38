import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import { outbox } from "../../../src/machine/outbox.ts";
import { getVm, getWorker } from "../../../src/machine/query.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

const start = (vm: string): Command => ({ kind: "vm-start", name: name(vm) });
const stop = (vm: string, force = false): Command => ({ kind: "vm-stop", name: name(vm), force });
const remove = (vm: string): Command => ({ kind: "vm-delete", name: name(vm) });
const crash = { exit: { how: "crash", code: null, signal: "SIGSEGV" }, failure: "it crashed" } as const;

function withWorker(): MachineLog {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  return log;
}

const debts = (log: MachineLog, node = "n1") => outbox(log.state, node).map(({ kind, vm }) => `${kind} ${vm.spec.name}`);

describe("the life of a VM", () => {
  test("created, running, stopped, started, deleted, gone", () => {
    const log = withWorker();
    expect(log.accept(create("web"))).toEqual({ uuid: "uuid-web", node: "n1", score: 768, generation: 1 });
    expect(log.vmChanges).toEqual([
      { vm: "web", uuid: "uuid-web", owner: "n1", from: "absent", to: { desired: "running", observed: "pending" }, generation: 1, command: "vm-create" },
    ]);
    expect(debts(log)).toEqual(["start web"]);
    log.accept(report("web", "starting", 1));
    expect(debts(log)).toEqual(["start web"]);
    log.accept(report("web", "running", 1));
    expect(debts(log)).toEqual([]);
    log.accept(stop("web"));
    expect(log.vmChanges).toMatchObject([{ from: { desired: "running", observed: "running" }, to: { desired: "stopped", observed: "running" }, generation: 2 }]);
    expect(debts(log)).toEqual(["stop web"]);
    log.accept(report("web", "stopped", 2, { exit: { how: "host-stop", code: 0, signal: null } }));
    expect(debts(log)).toEqual([]);
    expect(getVm(log.state, "web")?.exit).toEqual({ how: "host-stop", code: 0, signal: null });
    log.accept(start("web"));
    expect(debts(log)).toEqual(["start web"]);
    log.accept(report("web", "running", 3));
    expect(getVm(log.state, "web")).toMatchObject({ observed: "running", exit: null, generation: 3 });
    log.accept(remove("web"));
    expect(debts(log)).toEqual(["delete web"]);
    log.accept(report("web", "stopped", 4, { exit: { how: "host-kill", code: null, signal: "SIGKILL" } }));
    expect(debts(log)).toEqual(["delete web"]);
    log.accept(report("web", "gone", 4));
    expect(log.vmChanges).toMatchObject([{ to: "absent", generation: 4, command: "vm-report" }]);
    expect(getVm(log.state, "web")).toBeUndefined();
    expect(debts(log)).toEqual([]);
    log.accept(create("web", { uuid: "uuid-2" }));
  });

  test("asked twice, the second answers that nothing changed (row P6)", () => {
    const log = withWorker();
    log.accept(create("web"));
    const second = (command: Command) => {
      log.accept(command);
      const again = log.accept<{ changed: boolean }>(command);
      expect(log.vmChanges).toEqual([]);
      return again.changed;
    };
    expect(second(start("web"))).toBe(false);
    expect(getVm(log.state, "web")?.generation).toBe(1);
    expect(second(stop("web"))).toBe(false);
    expect(getVm(log.state, "web")?.generation).toBe(2);
    expect(second(start("web"))).toBe(false);
    expect(second(report("web", "running", 3))).toBe(false);
    expect(second(remove("web"))).toBe(false);
    expect(getVm(log.state, "web")?.generation).toBe(4);
  });

  test("one created without start owes nothing until it is wanted, and is deleted by its driver all the same", () => {
    const log = withWorker();
    log.accept(create("web", { start: false }));
    expect(debts(log)).toEqual([]);
    log.accept(start("web"));
    expect(debts(log)).toEqual(["start web"]);
    log.accept(create("idle", { start: false }));
    log.accept(remove("idle"));
    expect(debts(log)).toEqual(["delete idle", "start web"]);
  });

  test("one that may have been started before its stop is owed the stop", () => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(stop("web"));
    expect(debts(log)).toEqual(["stop web"]);
    expect(log.refuse(report("web", "running", 1))).toContain("CONFLICT");
  });

  test("force can be added to a stop that is under way, without a new generation", () => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(report("web", "running", 1));
    log.accept(stop("web"));
    expect(getVm(log.state, "web")).toMatchObject({ forceStop: false, generation: 2 });
    expect(log.accept(stop("web", true))).toMatchObject({ changed: true, generation: 2 });
    expect(outbox(log.state, "n1")).toMatchObject([{ kind: "stop", vm: { forceStop: true } }]);
    log.accept(report("web", "stopped", 2));
    expect(log.accept(stop("web", true))).toMatchObject({ changed: false });
    log.accept(start("web"));
    expect(getVm(log.state, "web")?.forceStop).toBe(false);
  });

  test("paused and resumed; what stands still can be stopped, and what ended in between is not raised", () => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(report("web", "running", 1));
    log.accept({ kind: "vm-pause", name: name("web") });
    expect(debts(log)).toEqual(["pause web"]);
    expect(log.accept({ kind: "vm-pause", name: name("web") })).toMatchObject({ changed: false });
    expect(log.refuse(report("web", "running", 2))).toContain("WRONG_STATE");
    log.accept(report("web", "paused", 2));
    expect(debts(log)).toEqual([]);
    log.accept({ kind: "vm-resume", name: name("web") });
    expect(debts(log)).toEqual(["start web"]);
    log.accept(report("web", "running", 3));
    expect(log.accept({ kind: "vm-resume", name: name("web") })).toMatchObject({ changed: false });
    log.accept({ kind: "vm-pause", name: name("web") });
    log.accept(report("web", "failed", 4, crash));
    for (const kind of ["vm-pause", "vm-resume"] as const) expect(log.refuse({ kind, name: name("web") })).toContain("WRONG_STATE");
    log.accept(start("web"));
    expect(debts(log)).toEqual(["start web"]);
    log.accept({ kind: "vm-pause", name: name("web") });
    log.accept(stop("web"));
    expect(debts(log)).toEqual(["stop web"]);
    for (const kind of ["vm-pause", "vm-resume"] as const) expect(log.refuse({ kind, name: name("web") })).toContain("WRONG_STATE");
  });

  test("a restart is one wish, told from a start by the generation that its process must be of", () => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(report("web", "running", 1));
    log.accept({ kind: "vm-restart", name: name("web"), force: true });
    expect(outbox(log.state, "n1")).toMatchObject([{ kind: "start", vm: { freshFrom: 2, forceStop: true, desired: "running" } }]);
    log.accept(report("web", "running", 2));
    log.accept({ kind: "vm-stop", name: name("web"), force: false, graceMs: 500 });
    expect(getVm(log.state, "web")).toMatchObject({ graceMs: 500, freshFrom: 2, forceStop: false });
    log.accept(report("web", "stopped", 3));
    log.accept({ kind: "vm-restart", name: name("web"), force: false });
    expect(getVm(log.state, "web")).toMatchObject({ freshFrom: 4, generation: 4, desired: "running" });
    expect(getVm(log.state, "web")).not.toHaveProperty("graceMs");
    expect(log.refuse({ kind: "vm-stop", name: name("web"), force: false, graceMs: -1 })).toContain("INVALID_ARGUMENT");
  });

  test.each(["stopped", "failed"] as const)("one that %s by itself stays so until somebody asks again", (observed) => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(report("web", "running", 1));
    log.accept(report("web", observed, 1, crash));
    expect(getVm(log.state, "web")).toMatchObject({ desired: "running", observed, ...crash });
    expect(debts(log)).toEqual([]);
    expect(log.refuse(report("web", "running", 1))).toContain("WRONG_STATE");
    expect(log.accept(start("web"))).toMatchObject({ generation: 2, changed: true });
    expect(log.accept(start("web"))).toMatchObject({ generation: 2, changed: false });
    expect(debts(log)).toEqual(["start web"]);
  });

  test("what is being deleted cannot be started, stopped or created again (row P7)", () => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(remove("web"));
    expect(log.refuse(start("web"))).toBe("WRONG_STATE VM web is being deleted and cannot be started");
    expect(log.refuse(stop("web"))).toContain("WRONG_STATE");
    expect(log.refuse(create("web", { uuid: "other" }))).toContain("ALREADY_EXISTS VM web is there and is being deleted");
  });

  test("unknown names", () => {
    const log = withWorker();
    for (const command of [start("no"), stop("no"), remove("no"), report("no", "running", 1)]) {
      expect(log.refuse(command)).toBe("NOT_FOUND there is no VM no");
    }
  });
});

describe("reports (row S5)", () => {
  test.each([
    ["another uuid", { uuid: "uuid-old" }, "the report is about uuid-old"],
    ["another node", { node: "n2" }, "belongs to node n1, not to n2"],
    ["an older generation", { generation: 1 }, "at generation 2; the report is about 1"],
    ["a generation to come", { generation: 3 }, "at generation 2; the report is about 3"],
  ])("from %s are refused and change nothing", (_what, stray, why) => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(stop("web"));
    const before = getVm(log.state, "web");
    const message = log.refuse(report("web", "stopped", 2, stray));
    expect(message).toMatch(/^CONFLICT /);
    expect(message).toContain(why);
    expect(getVm(log.state, "web")).toBe(before);
  });

  test.each([
    ["running is not stopped by wish", stop("web"), "running", 2],
    ["gone needs a delete", start("web"), "gone", 1],
    ["a stop is no deletion", stop("web"), "gone", 2],
    ["what is deleted does not run", remove("web"), "running", 2],
  ] as const)("%s", (_what, command, observed, generation) => {
    const log = withWorker();
    log.accept(create("web"));
    log.accept(command);
    expect(log.refuse(report("web", observed, generation))).toContain("WRONG_STATE");
  });

  test("an end is told only of what ended", () => {
    const log = withWorker();
    log.accept(create("web"));
    expect(log.refuse(report("web", "running", 1, crash))).toContain("INVALID_ARGUMENT");
    const exit = { how: "magic", code: 0, signal: null } as never;
    expect(log.refuse(report("web", "failed", 1, { exit }))).toContain("field command.exit.how must be one of");
  });
});

describe("room (row W3)", () => {
  test("is held until the VM has ended, and taken again by its start", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { memoryMib: 512, diskMib: 10 }));
    log.accept(create("a", { diskMib: 4 }));
    log.accept(create("b", { diskMib: 4 }));
    const full = "n1 (n1) has free only 0 of 256 MiB memory";
    expect(log.refuse(create("c"))).toBe(`NO_CAPACITY no worker has room for VM c: ${full}`);
    log.accept(remove("a"));
    log.accept({ kind: "vm-stop", name: name("b"), force: false });
    expect(log.refuse(create("c"))).toContain("NO_CAPACITY");
    log.accept(report("a", "gone", 2));
    log.accept(create("c"));
    log.accept(report("b", "stopped", 2));
    log.accept(create("d"));
    expect(getWorker(log.state, "n1")?.usage).toEqual({ cpus: 2, memoryMib: 512, diskMib: 4, vms: 3 });
    expect(log.refuse({ kind: "vm-start", name: name("b") })).toBe(
      "NO_CAPACITY VM b cannot be started on worker n1 (n1): it has free only 0 of 256 MiB memory, since a VM that does not run keeps no room; it can be moved",
    );
    expect(log.refuse({ kind: "vm-restart", name: name("b"), force: false })).toContain("NO_CAPACITY");
  });

  test("a hundred creates against room for seven give exactly seven", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { memoryMib: 4 * 256 }));
    log.accept(worker("n2", { memoryMib: 3 * 256 + 255 }));
    const replies = Array.from({ length: 100 }, (_, at) => log.run(create(`vm-${at}`)));
    expect(replies.filter((reply) => reply.ok)).toHaveLength(7);
    expect(replies.filter((reply) => !reply.ok).every((reply) => !reply.ok && reply.code === "NO_CAPACITY")).toBe(true);
  });

  test("is counted in processors, memory and disk", () => {
    const log = MachineLog.started();
    log.accept(worker("n1", { cpus: 3, memoryMib: 1_000, diskMib: 10 }));
    log.accept(create("a", { cpus: 2, memoryMib: 400, diskMib: 6 }));
    expect(log.refuse(create("b", { cpus: 2, memoryMib: 601, diskMib: 5 }))).toContain(
      "has free only 1 of 2 cpus, 600 of 601 MiB memory, 4 of 5 MiB disk",
    );
    log.accept(create("b", { cpus: 1, memoryMib: 600, diskMib: 4 }));
  });

  test("a uuid belongs to one VM", () => {
    const log = withWorker();
    log.accept(create("a", { uuid: "same" }));
    expect(log.refuse(create("b", { uuid: "same" }))).toContain("ALREADY_EXISTS");
    log.accept(remove("a"));
    log.accept(report("a", "gone", 2, { uuid: "same" }));
    log.accept(create("b", { uuid: "same" }));
  });
});

test.each([
  [{ name: "Web" }, "field command.spec.name holds"],
  [{ name: "__proto__" }, "field command.spec.name holds"],
  [{ cpus: 0 }, "the command is refused: field command.spec.cpus must be a whole number of at least 1: a VM needs a processor"],
  [{ memoryMib: 1.5 }, "field command.spec.memoryMib must be a whole number"],
  [{ diskMib: -1 }, "field command.spec.diskMib must be a whole number"],
  [{ driver: "docker" }, "field command.spec.driver must be one of"],
  [{ image: "a,b=c" }, "field command.spec.image holds"],
  [{ args: "-monitor" }, 'field command.spec."args" is unknown'],
])("a spec with %j is refused", (wrong, why) => {
  expect(withWorker().refuse(create("web", wrong as object))).toContain(why);
});
