/** The qemu driver: microVMs under QEMU `-M microvm`, by KVM where it works, emulated (TCG) otherwise. */

import { execFile } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { UserError } from "../errors.ts";
import type { VmNetwork, VmSpec } from "../machine/records.ts";
import { detectAccelerator, emulationArguments } from "./accelerator.ts";
import { readConsole, readyLine } from "./console-log.ts";
import type { Probe, RunDir, VmDriver } from "./driver.ts";
import { defaultGuestImage, type GuestImage, type GuestParts, installLine } from "./guest-image.ts";
import { copyDisk } from "./image-store.ts";
import { localDriver } from "./local-driver.ts";
import type { VmCommand } from "./mechanism.ts";
import { qemuArguments } from "./qemu-arguments.ts";
import { QemuControl } from "./qemu-control.ts";
import { makeTap, removeTap } from "./tap.ts";
import { titleOf } from "../workload-name.ts";
import type { Testimony } from "./vm-exit.ts";

export interface QemuDriverOptions {
  /** Where the built-in guest image is kept once it is made. */
  readonly cacheDirectory: string;
  /** What a VM boots that is not from the built-in image; null for who is. Throws `UserError` for what is not here. */
  readonly images?: (spec: VmSpec) => GuestImage | null;
  /** Where the parts of the image `default` are. */
  readonly parts?: GuestParts;
  readonly qemu?: string;
  /** Overrides the detection. */
  readonly accel?: "kvm" | "tcg";
  /** Further kernel words, such as `blixard.test=ignore-stop`. For tests: no VmSpec can name them. */
  readonly guestArguments?: readonly string[];
}

/** A driver whose VMs are QEMU processes. */
export function qemuDriver(options: QemuDriverOptions): VmDriver {
  return localDriver({
    name: "qemu",
    consoleSocket: "serial.sock",
    probe: () => probe(options),
    prepare: (spec, uuid, dir, waits) => prepare(options, spec, uuid, dir, waits === true),
    control: (_identity, dir, hint) => new QemuControl(dir, hint),
    testimony: (dir) => readTestimony(dir),
    release: removeTap,
    readyLine: async (dir) => (await readText(dir, "ready.line")) || readyLine,
  });
}

async function probe(options: QemuDriverOptions): Promise<Probe> {
  const accel = options.accel ?? (await detectAccelerator());
  let version: string;
  try {
    const { stdout } = await promisify(execFile)(program(options), ["--version"], { timeout: 5_000 });
    version = /version ([\d.]+)/.exec(stdout)?.[1] ?? "unknown";
  } catch {
    return { available: false, reason: `${program(options)} cannot be run. Run: ${installLine}`, accel: "none" };
  }
  try {
    await defaultGuestImage(options.cacheDirectory, options.parts);
    return { available: true, version, accel };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { available: false, reason: `${error.message} ${error.place.next ?? ""}`.trim(), version, accel };
  }
}

async function prepare(options: QemuDriverOptions, spec: VmSpec, uuid: string, dir: RunDir, waits: boolean): Promise<VmCommand> {
  const image = await resolveImage(options, spec);
  if (spec.memoryMib < image.leastMemoryMib) {
    const what = `${spec.memoryMib} MiB is too little for the image ${spec.image}`;
    throw new UserError("INVALID_ARGUMENT", `VM ${spec.name}: ${what}`, {
      next: `Give it ${image.leastMemoryMib} MiB or more.`,
    });
  }
  if (image.ready !== undefined) await writeFile(join(dir.path, "ready.line"), image.ready, { mode: 0o600 });
  if (image.disk !== undefined) await ownDisk(spec, image.disk, dir);
  const accel = options.accel ?? (await detectAccelerator());
  await writeFile(join(dir.path, "events.in"), '{"execute":"qmp_capabilities"}\n', { mode: 0o600 });
  await writeFile(join(dir.path, "events.out"), "", { mode: 0o600 });
  const { name, cpus, memoryMib } = spec;
  const kernelArguments = [
    "console=ttyS0", "reboot=t", "panic=-1", "quiet", "loglevel=3",
    ...(accel === "tcg" ? await emulationArguments() : []),
    `blixard.name=${name}`, ...addressWords(spec.network),
    ...(image.words ?? []),
    ...(options.guestArguments ?? []),
  ];
  const { kernel, initrd } = image;
  const disk = spec.diskMib > 0;
  const network = spec.network === undefined ? {} : { tap: await makeTap(dir, spec.network.bridge, titleOf(spec.name)) };
  const argv = qemuArguments({ name, uuid, accel, cpus, memoryMib, kernel, initrd, kernelArguments, disk, publish: spec.publish ?? [], waits, ...network });
  return { file: program(options), argv };
}

async function resolveImage(options: QemuDriverOptions, spec: VmSpec): Promise<GuestImage> {
  const image = options.images?.(spec) ?? null;
  if (image !== null) return image;
  if (spec.image === "default") return defaultGuestImage(options.cacheDirectory, options.parts);
  throw new UserError("NOT_FOUND", `this worker knows no image ${spec.image}`, { next: "See `blixard image list`." });
}

/** What the guest is told of its address. Without a bridge: that of QEMU's user network. */
function addressWords(network: VmNetwork = { bridge: "", address: "10.0.2.15/24", gateway: "10.0.2.2" }): readonly string[] {
  const { address, gateway } = network;
  return [...(address === undefined ? [] : [`blixard.ip=${address}`]), ...(gateway === undefined ? [] : [`blixard.gateway=${gateway}`])];
}

/** The disk of a VM is a copy of that of its image, made once: what the guest has written stays. */
async function ownDisk({ name, image }: VmSpec, { path, sha256 }: NonNullable<GuestImage["disk"]>, dir: RunDir): Promise<void> {
  const own = join(dir.path, "disk.raw");
  if (await access(own).then(() => true, () => false)) return;
  try {
    await copyDisk(path, own, sha256);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.code, `VM ${name}: the disk of its image ${image} is damaged on this worker: ${error.message}`, { next: `Run: blixard image pull ${image}` });
  }
}

/**
 * What QEMU wrote down about its end. With `-no-reboot` a panic and a reboot both end in `guest-reset`; the kernel's
 * last words on the console tell them apart. A SIGTERM is named on stderr only.
 */
async function readTestimony(dir: RunDir): Promise<Testimony> {
  const reason = shutdownReason(await readText(dir, "events.out"));
  switch (reason) {
    case "guest-shutdown":
      return { shutdown: "guest-shutdown", signal: null };
    case "guest-panic":
      return { shutdown: "guest-panic", signal: null };
    case "guest-reset": {
      const panicked = (await readConsole(dir, { tail: 200 })).text.includes("Kernel panic - not syncing");
      return { shutdown: panicked ? "guest-panic" : "guest-reset", signal: null };
    }
    case "host-qmp-quit":
      return { shutdown: "host-quit", signal: null };
    case "host-signal":
      return { shutdown: "host-signal", signal: terminatingSignal(await readText(dir, "driver.log")) };
    default:
      return { shutdown: null, signal: null };
  }
}

/** The reason of the last SHUTDOWN event in QEMU's record (qapi/run-state.json: ShutdownCause). */
export function shutdownReason(events: string): string | null {
  const line = events.split("\n").findLast((it) => it.includes('"SHUTDOWN"'));
  return line === undefined ? null : (/"reason": ?"([a-z-]+)"/.exec(line)?.[1] ?? null);
}

const signalNames: Readonly<Record<string, string>> = { "1": "SIGHUP", "2": "SIGINT", "15": "SIGTERM" };

/** The signal that QEMU says it is terminating on. */
export function terminatingSignal(stderr: string): string | null {
  return signalNames[/terminating on signal (\d+)/.exec(stderr)?.[1] ?? ""] ?? null;
}

async function readText(dir: RunDir, file: string): Promise<string> {
  return readFile(join(dir.path, file), "utf8").catch(() => "");
}

function program(options: QemuDriverOptions): string {
  return options.qemu ?? "qemu-system-x86_64";
}
