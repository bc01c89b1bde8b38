/**
 * What a VM boots. The built-in image `default` is made on the worker from three Debian packages: the cloud kernel, its
 * modules, and a static busybox. The initrd is written here: no cpio program, no shell, the same bytes every time.
 */

import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open, readFile, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { UserError } from "../errors.ts";
import { type CpioEntry, cpioArchive } from "./cpio-archive.ts";
import { guestCommands, guestInit } from "./guest-init.ts";

/** A kernel and an initrd, by absolute path, and the least memory they boot with. */
export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
  readonly leastMemoryMib: number;
  /** A raw disk that each VM gets a copy of. */
  readonly disk?: { readonly path: string; readonly sha256: string };
  /** Further kernel words. */
  readonly words?: readonly string[];
  /** How the line begins by which the guest says that it is up; absent: that of the built-in guest. */
  readonly ready?: string;
}

/** Where the parts of the built-in image are looked for. Default: where Debian puts them. */
export interface GuestParts {
  readonly bootDirectory?: string;
  readonly modulesDirectory?: string;
  readonly busybox?: string;
}

/** The one line that brings QEMU and all parts of the built-in image. */
export const installLine =
  "apt-get install -y --no-install-recommends qemu-system-x86 linux-image-cloud-amd64 busybox-static";

/** In the order in which they must be loaded: virtio_ring before virtio, what is leaned on before what leans on it. */
const modules = [
  "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_mmio",
  "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net",
  "drivers/block/virtio_blk", "drivers/char/virtio_console", "drivers/char/hw_random/virtio-rng",
  "net/vmw_vsock/vsock", "net/vmw_vsock/vmw_vsock_virtio_transport_common", "net/vmw_vsock/vmw_vsock_virtio_transport",
  "drivers/virtio/virtio_balloon", "drivers/input/evdev", "drivers/acpi/button",
] as const;

const directories = ["bin", "dev", "etc", "lib", "lib/modules", "mnt", "proc", "sys", "tmp"] as const;

/** Measured with the Debian 12 cloud kernel: 64 MiB does not boot, 80 MiB does. */
const leastMemoryMib = 80;

/** The built-in image, made if `cacheDirectory` has not got it. Throws DRIVER_UNAVAILABLE when a part is missing. */
export async function defaultGuestImage(cacheDirectory: string, parts: GuestParts = {}): Promise<GuestImage> {
  const kernel = await findKernel(parts.bootDirectory ?? "/boot");
  const entries = await initrdEntries(kernel, parts);
  const archive = cpioArchive(entries);
  const hash = createHash("sha256").update(archive).digest("hex");
  const initrd = join(cacheDirectory, `default-${hash.slice(0, 32)}.cpio.gz`);
  if (!(await isReadable(initrd))) await writeOnce(initrd, await promisify(gzip)(archive, { level: 9 }));
  return { kernel, initrd, leastMemoryMib };
}

/** The newest cloud kernel that can be read, or else the newest kernel. */
export async function findKernel(bootDirectory: string): Promise<string> {
  const files = await readdir(bootDirectory).catch(() => []);
  const names = files.filter((it) => it.startsWith("vmlinuz-")).sort(byVersion).reverse();
  const cloud = names.filter((it) => it.endsWith("-cloud-amd64"));
  for (const name of [...cloud, ...names]) {
    const path = join(bootDirectory, name);
    if (await isReadable(path)) return path;
  }
  throw missing(`no kernel can be read in ${bootDirectory}`);
}

async function initrdEntries(kernel: string, parts: GuestParts): Promise<readonly CpioEntry[]> {
  const version = basename(kernel).slice("vmlinuz-".length);
  const root = join(parts.modulesDirectory ?? "/lib/modules", version);
  const builtIn = await readFile(join(root, "modules.builtin"), "utf8").catch(() => "");
  const loaded = modules.filter((it) => !builtIn.includes(`kernel/${it}.ko`));
  const moduleFiles = await Promise.all(
    loaded.map(async (it): Promise<CpioEntry> => {
      const content = await readPart(join(root, "kernel", `${it}.ko`), `the kernel module ${it}`);
      return { kind: "file", path: `lib/modules/${basename(it)}.ko`, executable: false, content };
    }),
  );
  const order = Buffer.from(`${loaded.map((it) => basename(it)).join("\n")}\n`);
  // A dynamic program names its loader (PT_INTERP) right behind its headers.
  const busyboxPath = parts.busybox ?? "/bin/busybox";
  const busybox = await readPart(busyboxPath, "busybox");
  if (busybox.subarray(0, 4096).includes("/ld-linux")) throw missing(`${busyboxPath} is not static`);
  return [
    ...directories.map((path): CpioEntry => ({ kind: "directory", path })),
    { kind: "file", path: "init", executable: true, content: Buffer.from(guestInit) },
    { kind: "file", path: "bin/busybox", executable: true, content: busybox },
    ...guestCommands.map((it): CpioEntry => ({ kind: "link", path: `bin/${it}`, target: "busybox" })),
    ...moduleFiles,
    { kind: "file", path: "lib/modules/order", executable: false, content: order },
  ];
}

/** Writes beside and renames: a reader sees no file or the whole file, and two writers at once do not meet. */
async function writeOnce(path: string, content: Buffer): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync(); // it is trusted by its name for years: it must not come back empty after a power cut
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function readPart(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch(() => {
    throw missing(`${what} cannot be read at ${path}`);
  });
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(() => true, () => false);
}

/** 6.1.0-9 before 6.1.0-10. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function missing(what: string): UserError {
  const message = `The built-in guest image cannot be made: ${what}.`;
  return new UserError("DRIVER_UNAVAILABLE", message, { next: `Run: ${installLine}` });
}
