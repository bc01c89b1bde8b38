/**
 * The command line of QEMU: a pure function. Every value of a `key=value,…` option passes through `option`; the paths
 * in such options are relative to the run directory, so none needs escaping and none is too long for a socket.
 */

import { UserError } from "../errors.ts";
import type { PublishedPort } from "../machine/records.ts";
import { memorySocket } from "./qemu-memory.ts";
import { isUuid, isVmName } from "./vm-name.ts";

export interface QemuMachine {
  readonly name: string;
  readonly uuid: string;
  readonly accel: "kvm" | "tcg";
  readonly cpus: number;
  readonly memoryMib: number;
  /** Absolute paths. */
  readonly kernel: string;
  readonly initrd: string;
  readonly kernelArguments: readonly string[];
  /** Whether `disk.raw` is attached. */
  readonly disk: boolean;
  /** It runs nothing until it has received a memory. */
  readonly waits?: boolean;
  readonly publish?: readonly PublishedPort[];
  /** Its end on a bridge of this machine; absent: QEMU's user network. */
  readonly tap?: string;
}

/** Start QEMU without privileges to give away: `-runas` and `elevateprivileges=deny` together kill it (SIGSYS). */
const sandbox = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

/** The argument vector, without the program. Throws INVALID_ARGUMENT for what no command line may hold. */
export function qemuArguments(machine: QemuMachine): readonly string[] {
  const { name, uuid, accel, cpus, memoryMib, kernel, initrd, kernelArguments, disk, publish = [], tap } = machine;
  if (!isVmName(name)) throw refuse("name", name);
  if (!isUuid(uuid)) throw refuse("uuid", uuid);
  const clocks = accel === "kvm" ? { pit: "off", pic: "off" } : {}; // KVM brings a clock of its own
  const logged = { logfile: "console.log", logappend: "on" };
  return [
    "-name", option({ guest: name }),
    "-uuid", uuid,
    "-M", `microvm,${option({ accel, acpi: "on", pcie: "off", usb: "off", rtc: "on", ...clocks })}`,
    "-cpu", accel === "kvm" ? "host,+x2apic" : "max",
    "-m", `${whole("memoryMib", memoryMib)}M`,
    "-smp", String(whole("cpus", cpus)),
    "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
    "-kernel", absolutePath("kernel", kernel),
    "-initrd", absolutePath("initrd", initrd),
    "-append", kernelArguments.map(kernelWord).join(" "),
    "-chardev", `socket,${option({ id: "ser0", path: "serial.sock", server: "on", wait: "off", ...logged })}`,
    "-serial", "chardev:ser0",
    "-qmp", "unix:qmp.sock,server=on,wait=off",
    // A second monitor that nobody connects to: it reads its one command from events.in and writes every event to
    // events.out. So SHUTDOWN is on disk even when no daemon was there to hear it.
    "-chardev", `pipe,${option({ id: "events", path: "events" })}`,
    "-mon", option({ chardev: "events", mode: "control" }),
    "-pidfile", "pid",
    "-device", "virtio-serial-device",
    "-chardev", `socket,${option({ id: "agent0", path: "agent.sock", server: "on", wait: "off" })}`,
    "-device", `virtserialport,${option({ chardev: "agent0", name: "blixard.agent.0" })}`,
    "-device", "i8042", // ctrl-alt-del
    "-device", "virtio-rng-device",
    // Without restrict the guest reaches every service on the loopback of the host, the daemon's own among them.
    // What is forwarded to the guest on purpose is not restricted.
    "-netdev", tap === undefined ? ["user", option({ id: "n0", restrict: "on" }), ...publish.map(forward)].join(",") : onTap(tap),
    "-device", `virtio-net-device,${option({ netdev: "n0", mac: macAddress(uuid) })}`,
    ...(disk ? diskArguments() : []),
    ...(machine.waits === true ? ["-incoming", `unix:${memorySocket}`, "-S"] : []),
    "-sandbox", sandbox,
  ];
}

/** Joins `key=value` pairs as QemuOpts wants them: a comma inside a value is doubled. */
export function option(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs).map(([key, value]) => `${key}=${escapeValue(value)}`).join(",");
}

/** A value for a QemuOpts option. Control characters have no escape there, so they are refused. */
export function escapeValue(value: string): string {
  if (hasControl(value)) throw refuse("option value", value);
  return value.replaceAll(",", ",,");
}

/** A locally administered address from the uuid: the same VM has the same address wherever it runs. */
export function macAddress(uuid: string): string {
  const digits = uuid.replaceAll("-", "").slice(-6);
  return `52:54:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}`;
}

/** The device is there, and on its bridge: QEMU runs no program for it. */
function onTap(tap: string): string {
  if (!/^[a-z0-9]{1,15}$/.test(tap)) throw refuse("tap device", tap);
  return `tap,${option({ id: "n0", ifname: tap, script: "no", downscript: "no" })}`;
}

/** `hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80`: the guest's address is that of QEMU's user network. */
function forward({ protocol, address, port, guestPort }: PublishedPort): string {
  if (!/^[\d.]+$/.test(address) || (protocol !== "tcp" && protocol !== "udp")) throw refuse("published port", `${protocol}:${address}`);
  return option({ hostfwd: `${protocol}:${address}:${whole("port", port)}-10.0.2.15:${whole("port", guestPort)}` });
}

function diskArguments(): readonly string[] {
  return [
    "-drive", option({ file: "disk.raw", if: "none", id: "d0", format: "raw", discard: "unmap" }),
    "-device", "virtio-blk-device,drive=d0,serial=root",
  ];
}

/** `-kernel` and `-initrd` take the whole argument as a path; absolute, so that it is never taken for an option. */
function absolutePath(what: string, path: string): string {
  if (!path.startsWith("/") || hasControl(path)) throw refuse(what, path);
  return path;
}

/** One word of the guest's command line: printable ASCII, and no blank by which it would become two. */
function kernelWord(word: string): string {
  if (!/^[\x21-\x7e]+$/.test(word)) throw refuse("kernel argument", word);
  return word;
}

function whole(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw refuse(what, String(value));
  return value;
}

function hasControl(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\x00-\x1f\x7f]/.test(text);
}

function refuse(what: string, value: string): UserError {
  return new UserError("INVALID_ARGUMENT", `the ${what} ${JSON.stringify(value)} cannot stand on a QEMU command line`);
}
