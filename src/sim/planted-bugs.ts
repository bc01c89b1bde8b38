/** Every planted bug by its name. */

import { UserError } from "../errors.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedElections } from "./planted-elections.ts";
import { plantedReplication } from "./planted-replication.ts";

const all: readonly (() => PlantedBug)[] = [...plantedElections, ...plantedReplication];

export const plantedNames: readonly string[] = all.map((make) => make().name);

/** Makes the bug anew, for one run; `UserError NOT_FOUND` when there is none of that name. */
export function plantedBug(name: string): PlantedBug {
  const found = all.map((make) => make()).find((bug) => bug.name === name);
  if (found === undefined) throw new UserError("NOT_FOUND", `there is no planted bug ${name}`, { next: `Known are ${plantedNames.join(", ")}.` });
  return found;
}
