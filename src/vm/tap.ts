/**
 * Tap devices: the end of a VM on a bridge of this machine. Each has a record in the run directory of its VM before it
 * exists, and says in its alias whose it is, so that what a dead daemon left is found, and nobody else's is touched.
 */

import { execFile } from "node:child_process";
import { access, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { UserError } from "../errors.ts";
import type { RunDir } from "./driver.ts";
import { readJson, uuidOf, writeJson } from "./run-directory.ts";

const devices = "/sys/class/net";
const recordFile = "tap.json";
const ipMs = 10_000;

/** The name of a VM's tap: 15 characters, as many as there may be. */
export function tapName(uuid: string): string {
  return `blx${uuid.replaceAll("-", "").slice(0, 12)}`;
}

/** Bridges of this machine that a VM can be put on, by name. */
export async function bridgesHere(): Promise<readonly string[]> {
  const names = await readdir(devices).catch(() => []);
  const isBridge = await Promise.all(names.map((name) => isThere(`${devices}/${name}/bridge`)));
  return names.filter((_, at) => isBridge[at] === true).sort();
}

/** Makes the tap of the VM of `dir` and puts it on the bridge. Throws `UserError` that says what is missing. */
export async function makeTap(dir: RunDir, bridge: string, vm: string): Promise<string> {
  const uuid = uuidOf(dir);
  const name = tapName(uuid);
  const refuse = (what: string, next: string): UserError => new UserError("DRIVER_UNAVAILABLE", `${vm} cannot be put on the bridge ${bridge}: ${what}`, { next });
  if (!(await isThere("/dev/net/tun"))) throw refuse("this worker has no /dev/net/tun", "Load it with `modprobe tun`, or use the network that is QEMU's own.");
  if (!(await isThere(`${devices}/${bridge}/bridge`))) throw refuse("this worker has no such bridge", `Make it: ip link add ${bridge} type bridge && ip link set ${bridge} up`);
  await removeTap(dir);
  await writeJson(dir, recordFile, { name, bridge });
  try {
    await ip("tuntap", "add", "dev", name, "mode", "tap");
    await ip("link", "set", "dev", name, "alias", aliasOf(uuid));
    await ip("link", "set", "dev", name, "master", bridge);
    await ip("link", "set", "dev", name, "up");
  } catch (error) {
    await removeTap(dir).catch(() => undefined);
    throw refuse((error as Error).message, "Run the daemon as root, or give it CAP_NET_ADMIN, and install iproute2.");
  }
  return name;
}

/** Removes the tap that the record of `dir` names, if it is the VM's. Absent is fine. */
export async function removeTap(dir: RunDir): Promise<void> {
  const name = (await readJson(dir, recordFile))?.["name"];
  if (name === undefined) return;
  const uuid = uuidOf(dir);
  if (name === tapName(uuid) && (await isOurs(name, uuid))) await ip("link", "delete", "dev", name);
  await rm(join(dir.path, recordFile), { force: true });
}

/** It was made for this VM. One without alias was left in the moment between making and naming it. */
async function isOurs(name: string, uuid: string): Promise<boolean> {
  const alias = await readFile(`${devices}/${name}/ifalias`, "utf8").then((text) => text.trim(), () => null);
  return alias !== null && (alias === "" || alias === aliasOf(uuid));
}

function aliasOf(uuid: string): string {
  return `blixard VM ${uuid}`;
}

async function ip(...args: readonly string[]): Promise<void> {
  const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  await promisify(execFile)("ip", args, { timeout: ipMs, env: { PATH } }).catch((error: Error & { code?: unknown; stderr?: string }) => {
    if (error.code === "ENOENT") throw new Error("the program ip is not installed");
    throw new Error(`ip ${args.join(" ")}: ${(error.stderr ?? "").trim().split("\n")[0] || error.message}`);
  });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
