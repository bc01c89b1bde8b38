/** The disks of one run in the mode with the real SQL engine: a directory for each node, gone when the run is over. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chance } from "./chance.ts";
import { simulateOnDisks } from "./simulate.ts";
import type { SimulationOptions, SimulationResult } from "./simulation.ts";
import { SqlDisk } from "./sql-disk.ts";

/** Memory serves as the disk where it can: what matters is what is written, not how long the hardware takes. */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A run over the real storage. */
export async function simulateWithSql(options: SimulationOptions): Promise<SimulationResult> {
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
