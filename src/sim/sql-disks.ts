/** The disks of one run in the mode with the real SQL engine: a directory for each node, gone when the run is over. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { Chance } from "./chance.ts";
import { simulateOnDisks } from "./simulate.ts";
import type { SimulationOptions, SimulationResult } from "./simulation.ts";
import { SqlDisk } from "./sql-disk.ts";

/** Memory serves as the disk where it can: what matters is what is written, not how long the hardware takes. */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Bugs that sit in the model of a disk. */
const ofTheModel = ["ignoresDiskErrors", "unsyncedWrites", "trustsDamage", "transactions"] as const;

/** A run over the real storage; `UserError INVALID_ARGUMENT` when a bug is planted that only the model of a disk can have. */
export async function simulateWithSql(options: SimulationOptions): Promise<SimulationResult> {
  const { planted } = options;
  if (planted != null && ofTheModel.some((bug) => planted[bug] !== undefined)) {
    throw new UserError("INVALID_ARGUMENT", `the bug ${planted.name} sits in the model of a disk, which the real storage replaces`, { next: "Use --storage memory." });
  }
  const root = await mkdtemp(join(parent, "blixard-simulation-"));
  const disks: SqlDisk[] = [];
  try {
    return await simulateOnDisks({
      ...options,
      openDisk: (name, wait) => {
        const disk = new SqlDisk({ directory: join(root, name), chance: new Chance(options.seed).stream(`disk ${name}`), wait });
        disks.push(disk);
        return disk;
      },
    });
  } finally {
    for (const disk of disks) await disk.close().catch(() => undefined);
    await rm(root, { recursive: true, force: true });
  }
}
