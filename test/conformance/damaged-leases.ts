/**
 * Makes the samples of traces/rejected that are about leases, from samples/worker-paused: one lie each. Run it when
 * the lines of a trace change: `npx tsx test/conformance/damaged-leases.ts`, and read what it prints.
 */

import { join } from "node:path";
import { type Damage, damage } from "./make-samples.ts";
import { type Files, find, isEvent, renumber } from "./sample-files.ts";

/** A run of real daemons, accepted by `lease-sample.test.ts`. */
const leaseSample = join(import.meta.dirname, "samples/worker-paused");

/** The directory of the worker on which the VM ran first. */
const firstOwner = (files: Files): string => find(files, (line) => line.event === "LaunchVm" && line["generation"] === 1).path.split("/")[0] ?? "";

/** Takes out the first line of this kind, and closes the gap. */
function drop(files: Files, event: string, node = ""): void {
  const { lines, at } = find(files, isEvent(event, node));
  lines.splice(at, 1);
  renumber(files);
}

const damages: readonly Damage[] = [
  {
    name: "lease-expired-too-early",
    about: "the leader gives a worker up a moment before its time is over",
    change: (files) => {
      const { line } = find(files, isEvent("ExpireLease"));
      line["silentMs"] = Number(line["failoverAfterMs"]) - 1;
    },
  },
  {
    name: "lease-without-room-for-drift",
    about: "the leader waits for the lease and for the end of what runs, and forgets that clocks differ",
    change: (files) => {
      const { line } = find(files, isEvent("ExpireLease"));
      line["failoverAfterMs"] = Number(line["leaseMs"]) + Number(line["killBudgetMs"]);
    },
  },
  {
    name: "lease-expired-by-nobody",
    about: "an entry says that a lease has expired, and no leader has decided it",
    change: (files) => drop(files, "ExpireLease"),
  },
  {
    name: "vm-launched-without-a-lease",
    about: "a worker that never came to hold its lease starts a VM",
    change: (files) => drop(files, "HoldLease", firstOwner(files)),
  },
  {
    name: "lease-lost-while-a-vm-runs",
    about: "a worker says that it lost its lease, and asks for another, while its VM runs",
    change: (files) => drop(files, "VmEnded", firstOwner(files)),
  },
];

await damage(leaseSample, damages);
