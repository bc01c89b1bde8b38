import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import type { ImageManifest } from "../../../src/machine/image-record.ts";
import { eventsAfter } from "../../../src/machine/events.ts";
import { planVm } from "../../../src/machine/plan.ts";
import { getImage, getVm } from "../../../src/machine/query.ts";
import { create, MachineLog, name, spec, worker } from "./machine-log.ts";

const hex = (digit: string): string => digit.repeat(64);
const mib = 1024 * 1024;
const manifest: ImageManifest = { kernel: { sha256: hex("1"), bytes: 10 }, initrd: { sha256: hex("2"), bytes: 20 } };

function add(image = "web", digest = hex("a"), more: { node?: string; manifest?: ImageManifest } = {}): Command {
  return { kind: "image-add", name: name(image), digest, manifest: more.manifest ?? manifest, node: more.node ?? "n1" };
}
const hold = (node: string, held: boolean, digest = hex("a")): Command => ({ kind: "image-hold", name: name("web"), digest, node, held });
const remove = (force = false): Command => ({ kind: "image-remove", name: name("web"), force });

function started(): MachineLog {
  const log = MachineLog.started();
  log.accept(worker("n1", { drivers: ["process", "qemu", "runner"] }));
  return log;
}
const qemu = { driver: "qemu", image: name("web") } as const;

describe("the catalogue of images", () => {
  test("a name keeps its content; who holds it comes and goes; asked twice is once", () => {
    const log = started();
    expect(log.accept(add())).toEqual({ digest: hex("a"), changed: true });
    expect(log.accept(add())).toEqual({ digest: hex("a"), changed: false });
    expect(log.accept(add("web", hex("a"), { node: "n0" }))).toMatchObject({ changed: true });
    expect(getImage(log.state, "web")?.holders).toEqual(["n0", "n1"]);
    expect(log.refuse(add("web", hex("b")))).toMatch(/^ALREADY_EXISTS .*sha256:a+$/);
    expect(log.refuse(add("default"))).toMatch(/^ALREADY_EXISTS .*built in/);
    expect(log.accept(hold("n1", false))).toMatchObject({ changed: true });
    expect(log.accept(hold("n1", false))).toMatchObject({ changed: false });
    expect(log.refuse(hold("n1", true, hex("b")))).toMatch(/^CONFLICT/);
    expect(getImage(MachineLog.restarted(log).state, "web")).toEqual({ name: "web", digest: hex("a"), manifest, holders: ["n0"], createdIndex: 3 });
    log.accept(remove());
    expect(log.refuse(remove())).toMatch(/^NOT_FOUND/);
    expect(log.refuse(hold("n1", true))).toMatch(/^NOT_FOUND/);
    const told = eventsAfter(log.state, 0, 100).events.filter(({ kind }) => kind === "image");
    expect(told.map(({ what, node }) => [what, node])).toEqual([["imported", "n1"], ["held", "n0"], ["lost", "n1"], ["removed", null]]);
  });

  test("a VM boots the content that the name stood for when it was made, whatever the name stands for later", () => {
    const log = started();
    expect(log.refuse(create("a", qemu))).toMatch(/^NOT_FOUND there is no image web/);
    log.accept(add());
    log.accept(create("a", qemu));
    log.accept(create("b", { ...qemu, imageDigest: hex("a") }));
    expect(getVm(log.state, "a")?.spec.imageDigest).toBe(hex("a"));
    expect(log.refuse(create("c", { ...qemu, imageDigest: hex("b") }))).toMatch(/^CONFLICT/);
    expect(log.refuse(create("c", { imageDigest: hex("a") }))).toMatch(/^INVALID_ARGUMENT/);
    expect(log.refuse(create("c", { driver: "qemu", imageDigest: hex("a") }))).toMatch(/^INVALID_ARGUMENT/);
    log.accept(create("d", { driver: "runner", image: name("other") })); // a runner is found by its worker
    expect(log.refuse(remove())).toBe("WRONG_STATE the image web is used by a, b");
    log.accept(remove(true));
    log.accept(add("web", hex("b")));
    expect(getVm(log.state, "a")?.spec.imageDigest).toBe(hex("a"));
    log.accept(remove()); // nobody was made from that
  });

  test("what an image needs is taken from the worker, and said before anything is placed", () => {
    const log = started();
    log.accept(add("web", hex("a"), { manifest: { ...manifest, disk: { sha256: hex("3"), bytes: 5 * mib + 1 }, memoryMib: 512 } }));
    expect(log.refuse(create("a", qemu))).toMatch(/^INVALID_ARGUMENT .*512 MiB/);
    expect(log.refuse(create("a", { ...qemu, memoryMib: 512, diskMib: 5 }))).toMatch(/^INVALID_ARGUMENT .*6 MiB/);
    expect(planVm(log.state, spec("a", qemu)).refusal).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(planVm(log.state, spec("a", { ...qemu, memoryMib: 512 }))).toMatchObject({ fits: true });
    log.accept(create("a", { ...qemu, memoryMib: 512 }));
    log.accept(create("b", { ...qemu, memoryMib: 512, diskMib: 50 }));
    expect(["a", "b"].map((vm) => getVm(log.state, vm)?.spec.diskMib)).toEqual([6, 50]);
  });

  test.each([
    { ...manifest, kernel: { sha256: "A".repeat(64), bytes: 1 } },
    { ...manifest, kernel: { sha256: hex("1"), bytes: 0 } },
    { kernel: manifest.kernel },
    { ...manifest, cmdline: "two  blanks" },
    { ...manifest, cmdline: "new\nline" },
    { ...manifest, ready: "" },
    { ...manifest, other: 1 },
  ])("a manifest like %j is no command", (wrong) => {
    expect(started().refuse(add("web", hex("a"), { manifest: wrong as ImageManifest }))).toMatch(/^INVALID_ARGUMENT .*manifest/);
  });
});
