/** Whether real microVMs can be started on this machine. */

import { existsSync, readdirSync } from "node:fs";

/** Why no microVM can be started here; null when one can. Said on stdout, so that a skipped test has its reason. */
export function missingForQemu(): string | null {
  const reason = missing();
  if (reason !== null) process.stdout.write(`no microVM is started: ${reason}\n`);
  return reason;
}

function missing(): string | null {
  const inPath = (program: string): boolean => (process.env["PATH"] ?? "").split(":").some((directory) => existsSync(`${directory}/${program}`));
  if (!inPath("qemu-system-x86_64")) return "qemu-system-x86_64 is not installed";
  if (!inPath("busybox")) return "busybox is not installed";
  return readdirSync("/boot").some((name) => name.startsWith("vmlinuz")) ? null : "there is no kernel in /boot";
}
