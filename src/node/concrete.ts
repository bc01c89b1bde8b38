/** The concrete parts of a daemon: the only file of this room that names a database, a network or a driver. */

import { createRequire } from "node:module";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { ImageManifest } from "../machine/image-record.ts";
import type { DriverName, VmSpec } from "../machine/records.ts";
import { hasDatabase, openSqliteStorage } from "../storage/sqlite.ts";
import type { Storage, StoredIdentity } from "../storage/storage.ts";
import { EpochTrace } from "../trace/epoch-trace.ts";
import { openTraceWriter } from "../trace/writer.ts";
import { connectClient } from "../transport/client.ts";
import type { Connection } from "../transport/client.ts";
import { insecure } from "../transport/credentials.ts";
import { startPeerTransport } from "../transport/peer.ts";
import type { RunningPeerTransport } from "../transport/peer.ts";
import type { PeerTransportOptions } from "../transport/peer-options.ts";
import { createServer } from "../transport/server.ts";
import type { RunningServer, ServerOptions } from "../transport/server.ts";
import { sinceBootMs } from "../vm/boot-clock.ts";
import { readConsole } from "../vm/console-log.ts";
import { defaultGuestImage } from "../vm/guest-image.ts";
import type { GuestImage } from "../vm/guest-image.ts";
import { lookAfter } from "../vm/health-probe.ts";
import { inspectRun } from "../vm/inspect-run.ts";
import { manifestDigest } from "../vm/image-manifest.ts";
import { hashOf, ImageStore } from "../vm/image-store.ts";
import type { RunDir, VmDriver } from "../vm/driver.ts";
import { processDriver } from "../vm/process-driver.ts";
import { qemuDriver } from "../vm/qemu-driver.ts";
import { runnerDriver } from "../vm/runner-driver.ts";
import { startedMs } from "../vm/vm-process.ts";
import { listRunDirectories, runDirectory, uuidOf } from "../vm/run-directory.ts";
import { bridgesHere } from "../vm/tap.ts";
import type { DaemonConfig } from "./config.ts";
import type { Clock } from "./loop.ts";

/** Version of the program. */
export const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** A clock that never goes back, in milliseconds. */
export const monotonicClock: Clock = () => performance.now();

/** The clock of leases, which every process of the machine reads alike. */
export const leaseClock: Clock = sinceBootMs;

export function openStorage(config: DaemonConfig): Promise<Storage> {
  return openSqliteStorage({ directory: config.dataDir });
}

/** The storage of a node that does not run. */
export function openStorageIn(directory: string): Promise<Storage> {
  return openSqliteStorage({ directory });
}

/** True when a node has its data in the directory. */
export const holdsDatabase = hasDatabase;

export function openTrace(config: Pick<DaemonConfig, "dataDir" | "traceRotateBytes">, identity: StoredIdentity): EpochTrace {
  const lines = openTraceWriter({
    directory: join(config.dataDir, "traces"),
    node: identity.nodeId,
    name: identity.name,
    cluster: identity.clusterId ?? "",
    incarnation: identity.incarnation,
    version,
    rotateBytes: config.traceRotateBytes,
    timeMs: Date.now(),
  });
  return new EpochTrace(lines, identity.epoch ?? 1);
}

/** `images`: what a VM boots that is not from the built-in image. */
export function openDrivers(config: DaemonConfig, images: (spec: VmSpec) => GuestImage | null): ReadonlyMap<DriverName, VmDriver> {
  return new Map<DriverName, VmDriver>([
    ["qemu", qemuDriver({ cacheDirectory: imagesOf(config), images })],
    ["process", processDriver()],
    ["runner", runnerDriver({ runnersDirectory: join(config.dataDir, "runners") })],
  ]);
}

function imagesOf({ dataDir }: DaemonConfig): string {
  return join(dataDir, "images");
}

export function openImageStore(config: DaemonConfig): ImageStore {
  return new ImageStore(imagesOf(config));
}

/** The image that this node makes by itself. */
export interface BuiltInImage {
  readonly manifest: ImageManifest;
}

/** What the built-in image is on this node, made and hashed when first asked for; null when it cannot be made. */
export function builtInOf(config: DaemonConfig): () => Promise<BuiltInImage | null> {
  let made: Promise<BuiltInImage | null> | null = null;
  const make = async (): Promise<BuiltInImage> => {
    const { kernel, initrd, leastMemoryMib: memoryMib } = await defaultGuestImage(imagesOf(config));
    const blob = async (path: string) => ({ sha256: await hashOf(path), bytes: (await stat(path)).size });
    return { manifest: { kernel: await blob(kernel), initrd: await blob(initrd), memoryMib } };
  };
  return () => (made ??= make().catch(() => (made = null)));
}

/** Where the VMs of this node have their directories. */
export interface RunDirectories {
  readonly of: (uuid: string) => RunDir;
  readonly list: () => Promise<readonly RunDir[]>;
  readonly uuidOf: (dir: RunDir) => string;
}

export function openRunDirectories(config: DaemonConfig): RunDirectories {
  const parent = join(config.dataDir, "vms");
  return { of: (uuid) => runDirectory(parent, uuid), list: () => listRunDirectories(parent), uuidOf };
}

export function openServer(options: Omit<ServerOptions, "security">): Promise<RunningServer> {
  return createServer({ ...options, security: insecure });
}

export function openTransport(options: Omit<PeerTransportOptions, "security">): RunningPeerTransport {
  return startPeerTransport({ ...options, security: insecure });
}

/** A connection to another daemon, as a client of it. */
export function dial(address: string, timeoutMs: number): Connection {
  return connectClient(address, { timeoutMs, security: insecure });
}

/** What the process of a VM has written last, as well-formed text of at most `characters`. */
export async function endOfConsole(dir: RunDir, characters: number): Promise<string> {
  const { text } = await readConsole(dir);
  return text.slice(-characters).replace(/^[\udc00-\udfff]/, "");
}

export { bridgesHere, manifestDigest, inspectRun, lookAfter, readConsole, startedMs };
