import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

import { fc, test as property } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type CpioEntry, cpioArchive } from "../../../src/vm/cpio-archive.ts";
import { defaultGuestImage, findKernel, type GuestParts, installLine } from "../../../src/vm/guest-image.ts";
import { guestInit } from "../../../src/vm/guest-init.ts";

/** Reads a newc archive as the kernel does (init/initramfs.c): path, mode and content of each record. */
function readArchive(bytes: Buffer): { path: string; mode: number; content: Buffer }[] {
  const records = [];
  for (let at = 0; ; ) {
    const field = (index: number) => Number.parseInt(bytes.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    expect(at % 4).toBe(0);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const path = bytes.toString("utf8", at + 110, at + 110 + nameSize - 1);
    const start = (at + 110 + nameSize + 3) & ~3;
    if (path === "TRAILER!!!") return records;
    records.push({ path, mode, content: bytes.subarray(start, start + size) });
    at = (start + size + 3) & ~3;
  }
}

describe("the archive", () => {
  const entry = fc.record({
    kind: fc.constant("file" as const),
    path: fc.stringMatching(/^[a-z/]{1,20}$/),
    executable: fc.boolean(),
    content: fc.uint8Array({ maxLength: 40 }).map((it) => Buffer.from(it)),
  });

  property.prop([fc.array(entry, { maxLength: 5 })])("gives back what was put in", (entries) => {
    const read = readArchive(cpioArchive(entries));
    expect(read.map((it) => [it.path, it.content.toString("hex")])).toEqual(entries.map((it) => [it.path, it.content.toString("hex")]));
  });

  test("knows directories, programs and links", () => {
    const entries: CpioEntry[] = [
      { kind: "directory", path: "bin" },
      { kind: "file", path: "bin/sh", executable: true, content: Buffer.from("x") },
      { kind: "link", path: "bin/ls", target: "sh" },
    ];
    expect(readArchive(cpioArchive(entries)).map((it) => it.mode.toString(8))).toEqual(["40755", "100755", "120777"]);
  });
});

describe("the built-in guest image", () => {
  let root: string;
  let parts: Required<GuestParts>;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "blixard-image-"));
    parts = { bootDirectory: join(root, "boot"), modulesDirectory: join(root, "modules"), busybox: join(root, "busybox") };
    mkdirSync(parts.bootDirectory);
    for (const version of ["6.1.0-9-cloud-amd64", "6.1.0-10-cloud-amd64", "6.2.0-amd64"]) {
      writeFileSync(join(parts.bootDirectory, `vmlinuz-${version}`), "kernel");
    }
    writeFileSync(parts.busybox, "busybox");
    put("modules.builtin", "kernel/drivers/virtio/virtio_mmio.ko\n");
    for (const it of wanted) put(`kernel/${it}.ko`, it);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const wanted = [
    "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net",
    "drivers/block/virtio_blk", "drivers/char/virtio_console", "drivers/char/hw_random/virtio-rng", "net/vmw_vsock/vsock",
    "net/vmw_vsock/vmw_vsock_virtio_transport_common", "net/vmw_vsock/vmw_vsock_virtio_transport", "drivers/virtio/virtio_balloon",
    "drivers/input/evdev", "drivers/acpi/button",
  ];

  function put(path: string, content: string): void {
    const file = join(parts.modulesDirectory, "6.1.0-10-cloud-amd64", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  test("takes the newest cloud kernel", async () => {
    expect(await findKernel(parts.bootDirectory)).toBe(join(parts.bootDirectory, "vmlinuz-6.1.0-10-cloud-amd64"));
  });

  test("is the same bytes every time, made once, and named by what is in it", async () => {
    const cache = join(root, "cache");
    const [first, again] = await Promise.all([defaultGuestImage(cache, parts), defaultGuestImage(cache, parts)]);
    const elsewhere = await defaultGuestImage(join(root, "elsewhere"), parts);
    expect(again).toEqual(first);
    expect(readFileSync(elsewhere.initrd)).toEqual(readFileSync(first.initrd));
    expect(readdirSync(cache)).toHaveLength(1);
    writeFileSync(parts.busybox, "another busybox");
    expect((await defaultGuestImage(cache, parts)).initrd).not.toBe(first.initrd);
  });

  test("holds the modules in the order of their loading, without those that the kernel has built in", async () => {
    const { initrd } = await defaultGuestImage(join(root, "cache"), parts);
    const files = new Map(readArchive(gunzipSync(readFileSync(initrd))).map((it) => [it.path, it.content.toString()]));
    expect(files.get("lib/modules/order")?.trim().split("\n")).toEqual(wanted.map((it) => it.slice(it.lastIndexOf("/") + 1)));
    expect(files.get("lib/modules/button.ko")).toBe("drivers/acpi/button");
    expect(files.get("init")).toBe(guestInit);
    expect(files.get("bin/sh")).toBe("busybox");
  });

  test.each([
    ["kernel", () => rmSync(parts.bootDirectory, { recursive: true })],
    ["busybox", () => rmSync(parts.busybox)],
    ["static", () => writeFileSync(parts.busybox, "ELF /lib64/ld-linux-x86-64.so.2")],
    ["drivers/acpi/button", () => rmSync(join(parts.modulesDirectory, "6.1.0-10-cloud-amd64/kernel/drivers/acpi/button.ko"))],
  ])("without its part %s, says what is missing and the one line that brings it", async (what, breakIt) => {
    breakIt();
    await expect(defaultGuestImage(join(root, "cache"), parts)).rejects.toMatchObject({
      code: "DRIVER_UNAVAILABLE",
      message: expect.stringContaining(what),
      place: { next: `Run: ${installLine}` },
    });
  });
});
