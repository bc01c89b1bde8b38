/** Every planted bug by its name. */

import { UserError } from "../errors.ts";
import { plantedAnswers } from "./planted-answers.ts";
import { plantedAppends } from "./planted-appends.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedDisks } from "./planted-disks.ts";
import { plantedElections } from "./planted-elections.ts";
import { plantedExecutors } from "./planted-executors.ts";
import { plantedLate } from "./planted-late.ts";
import { plantedLeases } from "./planted-leases.ts";
import { plantedMachine } from "./planted-machine.ts";
import { plantedIds, plantedJoint, plantedMembership } from "./planted-membership.ts";
import { plantedMoves } from "./planted-moves.ts";
import { plantedNetwork } from "./planted-network.ts";
import { plantedPrograms } from "./planted-programs.ts";
import { plantedReads } from "./planted-reads.ts";
import { plantedReplication } from "./planted-replication.ts";
import { plantedReservations } from "./planted-reservations.ts";
import { plantedSnapshots } from "./planted-snapshots.ts";
import { plantedStickiness } from "./planted-stickiness.ts";
import { plantedTraces } from "./planted-traces.ts";
import { plantedVotes } from "./planted-votes.ts";

/** By the part of the program that each is a mistake of. */
export const plantedAreas: Readonly<Record<string, readonly (() => PlantedBug)[]>> = {
  elections: [...plantedElections, ...plantedVotes, ...plantedStickiness],
  replication: [...plantedReplication, ...plantedAppends],
  membership: [...plantedMembership, ...plantedJoint, ...plantedIds],
  snapshots: [...plantedSnapshots, ...plantedLate.snapshots],
  storage: plantedDisks,
  transport: plantedNetwork,
  machine: [...plantedMachine, ...plantedLate.parts],
  answers: plantedAnswers,
  reads: plantedReads,
  executor: [...plantedExecutors, ...plantedLeases, ...plantedMoves, ...plantedPrograms],
  reservations: plantedReservations,
  trace: plantedTraces,
};

const all = new Map(Object.values(plantedAreas).flat().map((make) => [make().name, make]));

export const plantedNames: readonly string[] = [...all.keys()];

/** Makes the bug anew, for one run; `UserError NOT_FOUND` when there is none of that name. */
export function plantedBug(name: string): PlantedBug {
  const make = all.get(name);
  if (make === undefined) throw new UserError("NOT_FOUND", `there is no planted bug ${name}`, { next: `Known are ${plantedNames.join(", ")}.` });
  return make();
}
