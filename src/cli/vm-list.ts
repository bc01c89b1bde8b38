/** `vm list`: the VMs in a table whose columns, and whose rows, the user may choose. */

import type { VmListResponse, VmView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { formatMebibytes } from "./size.ts";
import { exitText, healthCell, observedCell, vmJson } from "./vm-view.ts";

const usual = ["name", "observed", "desired", "owner", "driver", "cpus", "memory", "image", "pid"];

/** The columns of `vm list`. */
export const vmListing: Listing<VmView> = {
  what: "VM",
  columns: {
    name: { cell: ({ name }) => name },
    observed: { cell: ({ observed }) => observedCell(observed) },
    health: { cell: (vm) => healthCell(vm, true) },
    desired: { cell: ({ desired }) => desired },
    owner: { cell: ({ ownerName, ownerId }) => ownerName || ownerId },
    driver: { cell: ({ driver }) => driver },
    cpus: { cell: ({ cpus }) => cpus, right: true },
    memory: { cell: ({ memoryMib }) => formatMebibytes(memoryMib), right: true },
    disk: { cell: ({ diskMib }) => (diskMib === 0 ? null : formatMebibytes(diskMib)), right: true },
    image: { cell: ({ image }) => image },
    pid: { cell: ({ pid }) => pid || null, right: true },
    ended: { cell: ({ exit }) => exitText(exit) },
    failure: { cell: ({ failure }) => failure || null },
    generation: { cell: ({ generation }) => generation, right: true },
    uuid: { cell: ({ uuid }) => uuid },
  },
  // Health is shown where somebody asks for it.
  usual: (vms) => (vms.some((vm) => healthCell(vm) !== null) ? usual.toSpliced(2, 0, "health") : usual),
  filters: ["name", "observed", "health", "desired", "owner", "driver", "image"],
};

/** Rows must fit every filter. A program gets whole VMs, whatever the columns. */
export function vmList({ vms, freshness }: VmListResponse, choice: Choice = {}): Answer {
  const shown = chosenRows(vmListing, vms, choice);
  const none = vms.length === 0 ? "there is no VM yet: `blixard vm create NAME`" : "no VM fits the filters";
  return {
    json: { vms: shown.map(vmJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => renderListing(vmListing, shown, choice, paint),
  };
}
