/** Networks of VMs beside QEMU's own: a bridge of the worker, which the operator has made. */

import { isIpv4, isShape, shape, type Check } from "./check-value.ts";
import type { VmNetwork, VmSpec, WorkerRecord } from "./records.ts";

/** Names of network devices as we take them: at most 15 characters (IFNAMSIZ), none that a path or an option could misread. */
export const isDeviceName: Check = (value) =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(value) ? null : "must be the name of a network device: 1 to 15 letters, digits, '_', '.' and '-'";

/** `10.0.0.5/24`. */
const isCidr: Check = (value) => {
  const [address, bits = "", ...rest] = typeof value === "string" ? value.split("/") : [];
  return isIpv4(address) === null && /^([0-9]|[12][0-9]|3[0-2])$/.test(bits) && rest.length === 0 ? null : "must be an IPv4 address with its prefix length";
};

/** What is wrong with a value as a network, or null. */
export const isNetwork: Check = isShape(shape({ bridge: isDeviceName }, { address: isCidr, gateway: isIpv4 }));

/** What no single field can tell. */
export function networkProblem({ network, driver, publish = [] }: VmSpec): string | null {
  if (network === undefined) return null;
  if (driver !== "qemu") return `cannot put a VM of the driver ${driver} on a bridge`;
  return publish.length === 0 ? null : "cannot publish ports of a VM on a bridge, which has an address of its own there";
}

export function networkCopy({ bridge, address, gateway }: VmNetwork): VmNetwork {
  return { bridge, ...(address === undefined ? {} : { address }), ...(gateway === undefined ? {} : { gateway }) };
}

/** Why a worker cannot take the VM, to be read after its name; null when it can. */
export function bridgeMissing(worker: WorkerRecord, { network }: VmSpec): string | null {
  return network === undefined || worker.bridges?.includes(network.bridge) === true ? null : `has no bridge ${network.bridge}`;
}
