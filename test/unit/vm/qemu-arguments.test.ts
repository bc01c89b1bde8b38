import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import { macAddress, option, type QemuMachine, qemuArguments } from "../../../src/vm/qemu-arguments.ts";

const machine: QemuMachine = {
  name: "web",
  uuid: "0b5c0d6e-7a8f-4b1c-9d2e-3f4a5b6c7d8e",
  accel: "tcg",
  cpus: 2,
  memoryMib: 256,
  kernel: "/boot/vmlinuz",
  initrd: "/var/cache/initrd",
  kernelArguments: ["console=ttyS0"],
  disk: false,
};

/** QemuOpts as QEMU reads it (util/keyval.c, util/qemu-option.c): pairs end at a comma that is not doubled. */
function parseOption(text: string): Record<string, string> {
  const pairs = text.replaceAll(",,", "\0").split(",").map((it) => it.replaceAll("\0", ","));
  return Object.fromEntries(pairs.map((it) => [it.slice(0, it.indexOf("=")), it.slice(it.indexOf("=") + 1)]));
}

function after(argv: readonly string[], name: string): string | undefined {
  return argv[argv.indexOf(name) + 1];
}

describe("the QEMU command line", () => {
  test("names the VM, its uuid and a sandbox that lets it start nothing", () => {
    const argv = qemuArguments(machine);
    expect(after(argv, "-name")).toBe("guest=web");
    expect(after(argv, "-uuid")).toBe(machine.uuid);
    expect(after(argv, "-sandbox")).toContain("spawn=deny");
    expect(after(argv, "-M")).toBe("microvm,accel=tcg,acpi=on,pcie=off,usb=off,rtc=on");
    expect(argv).not.toContain("-drive");
    expect(qemuArguments({ ...machine, disk: true })).toContain("virtio-blk-device,drive=d0,serial=root");
  });

  test("differs under KVM in what only KVM can do", () => {
    const argv = qemuArguments({ ...machine, accel: "kvm" });
    expect(after(argv, "-M")).toBe("microvm,accel=kvm,acpi=on,pcie=off,usb=off,rtc=on,pit=off,pic=off");
    expect(after(argv, "-cpu")).toBe("host,+x2apic");
  });

  test("keeps the guest off the services of its host", () => {
    expect(after(qemuArguments(machine), "-netdev")).toBe("user,id=n0,restrict=on");
  });

  test("on a bridge has the device that was made for it, and runs no program", () => {
    const argv = qemuArguments({ ...machine, tap: "blx0123456789ab" });
    expect(argv[argv.indexOf("-netdev") + 1]).toBe("tap,id=n0,ifname=blx0123456789ab,script=no,downscript=no");
    for (const tap of ["", "a,script=/bin/sh", "../x", "0123456789abcdef"]) expect(() => qemuArguments({ ...machine, tap })).toThrow(/tap device/);
  });

  test("leads published ports to the guest, and nothing else", () => {
    const publish = [
      { protocol: "tcp", address: "127.0.0.1", port: 8080, guestPort: 80 },
      { protocol: "udp", address: "0.0.0.0", port: 5353, guestPort: 53 },
    ] as const;
    expect(after(qemuArguments({ ...machine, publish }), "-netdev")).toBe(
      "user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80,hostfwd=udp:0.0.0.0:5353-10.0.2.15:53",
    );
    for (const address of ["127.0.0.1,restrict=off", "localhost", "", "1.2.3.4\n"]) {
      expect(() => qemuArguments({ ...machine, publish: [{ protocol: "tcp", address, port: 1, guestPort: 1 }] })).toThrow("published port");
    }
  });

  const anyText = fc.string({ unit: "binary" });

  property.prop([anyText, anyText])("a value comes out of an option as it went in, or is refused", (a, b) => {
    let text: string;
    try {
      text = option({ first: a, second: b });
    } catch (error) {
      // eslint-disable-next-line no-control-regex
      expect(`${a}${b}`).toMatch(/[\x00-\x1f\x7f]/);
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      return;
    }
    expect(parseOption(text)).toEqual({ first: a, second: b });
  });

  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[a-z0-9-]{0,66}$/),
    fc.constantFrom("web,id=x", "-drive", "a\n-drive", "a\0b", "$(reboot)", "`id`", "a b", "..", "web\n", "ｗeb", "-web"),
  );

  property.prop([hostile])("a name stands there unchanged as one value, or is refused", (name) => {
    const legal = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
    if (!legal) {
      expect(() => qemuArguments({ ...machine, name })).toThrowError(/name/);
      return;
    }
    const argv = qemuArguments({ ...machine, name });
    expect(argv.length).toBe(qemuArguments(machine).length);
    expect(parseOption(after(argv, "-name") ?? "")).toEqual({ guest: name });
  });

  property.prop([hostile, hostile])("paths and kernel words never make another argument or another word", (path, word) => {
    let argv: readonly string[];
    try {
      argv = qemuArguments({ ...machine, kernel: `/${path}`, kernelArguments: ["first", word] });
    } catch (error) {
      expect(error).toMatchObject({ name: "UserError", code: "INVALID_ARGUMENT" });
      return;
    }
    expect(argv.length).toBe(qemuArguments(machine).length);
    expect(after(argv, "-kernel")).toBe(`/${path}`);
    expect(after(argv, "-append")?.split(" ")).toEqual(["first", word]);
    expect(argv.join("")).not.toMatch(/[\0\n]/);
  });

  test.each([0, -1, 1.5, NaN, Infinity])("%d processors or MiB are refused", (value) => {
    expect(() => qemuArguments({ ...machine, cpus: value })).toThrowError(/cpus/);
    expect(() => qemuArguments({ ...machine, memoryMib: value })).toThrowError(/memoryMib/);
  });

  test("a relative kernel path is refused, for it could be taken for an option", () => {
    expect(() => qemuArguments({ ...machine, kernel: "-snapshot" })).toThrowError(/kernel/);
  });

  test("the network address comes from the uuid", () => {
    expect(macAddress(machine.uuid)).toBe("52:54:00:6c:7d:8e");
  });
});
