/** Whether this machine can run guests in hardware, and what an emulated guest must be told. */

import { open, readFile } from "node:fs/promises";

/**
 * `kvm` needs both: /dev/kvm opens, and the processor has VMX or SVM. On a nested host without them /dev/kvm answers,
 * and QEMU aborts or the guest dies; `accel=kvm:tcg` does not fall back then.
 */
export async function detectAccelerator(): Promise<"kvm" | "tcg"> {
  const cpuinfo = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  if (!hasVirtualization(cpuinfo)) return "tcg";
  try {
    await (await open("/dev/kvm", "r+")).close();
    return "kvm";
  } catch {
    return "tcg";
  }
}

/** True when the flags of /proc/cpuinfo name VMX or SVM. */
export function hasVirtualization(cpuinfo: string): boolean {
  return /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo);
}

/**
 * Kernel words for an emulated guest. A hardware-reduced ACPI guest under TCG sees no PIT, HPET or PM timer, so it can
 * calibrate neither the TSC nor its local timer, and hangs in the boot: it must be told the frequency.
 */
export async function emulationArguments(): Promise<readonly string[]> {
  return [`tsc_early_khz=${tscKhz(await readFile("/proc/cpuinfo", "utf8").catch(() => ""))}`];
}

/**
 * The TSC runs at the nominal frequency, which Intel writes into the model name; "cpu MHz" may be a momentary one,
 * so its highest value counts. 2 GHz where nothing is told: the guest boots, its clock is off.
 */
export function tscKhz(cpuinfo: string): number {
  const nominal = /^model name\s*:.*@ ([\d.]+)GHz/m.exec(cpuinfo)?.[1];
  if (nominal !== undefined) return Math.round(Number(nominal) * 1e6);
  const momentary = [...cpuinfo.matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map((it) => Number(it[1]));
  return momentary.length === 0 ? 2_000_000 : Math.round(Math.max(...momentary) * 1000);
}
