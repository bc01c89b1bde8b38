/** Ports of a worker that lead to a guest: no two VMs of a worker may want the same one, running or not. */

import { present } from "../assert.ts";
import type { NodeId, PublishedPort, VmSpec } from "./records.ts";
import type { MachineState } from "./state.ts";
import { titleOf } from "../workload-name.ts";

/** Why the ports of `spec` cannot be had on `node`, to be read after the worker's name; null when they can. */
export function portsTaken(state: MachineState, node: NodeId, { name, publish = [] }: VmSpec): string | null {
  for (const port of publish) {
    for (const key of [...(state.publishing.get(portKey(node, port)) ?? [])].sort()) {
      if (key === name) continue;
      const { spec } = present(state.vms.get(key), "a name of a view has a record");
      if (spec.publish?.some((other) => collide(port, other)) === true) return `publishes ${portText(port)} for ${titleOf(key)}`;
    }
  }
  return null;
}

/** Names the port of a worker in the view `publishing`; its addresses are looked at one by one. */
export function portKey(node: NodeId, { protocol, port }: PublishedPort): string {
  return `${node} ${protocol} ${port}`;
}

/** Two of the list want the same port. */
export function collidesWithin(publish: readonly PublishedPort[]): boolean {
  return publish.some((one, place) => publish.slice(place + 1).some((other) => collide(one, other)));
}

/** `tcp 127.0.0.1:8080`. */
export function portText({ protocol, address, port }: PublishedPort): string {
  return `${protocol} ${address}:${port}`;
}

/** 0.0.0.0 is every address of the worker. */
function collide(one: PublishedPort, other: PublishedPort): boolean {
  if (one.protocol !== other.protocol || one.port !== other.port) return false;
  return one.address === other.address || one.address === "0.0.0.0" || other.address === "0.0.0.0";
}
