/** What one test file starts and leaves behind: processes all ended, data removed when it passed, kept and named when not. */

import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { Cluster } from "./cluster.ts";
import type { Surroundings } from "./test-node.ts";
import { endProcessesIn, guardProcessesIn } from "./own-processes.ts";
import { type Outcome, type ProgramOptions, blixard } from "./program.ts";

export class Run {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "blixard-e2e-")));
  readonly #clusters: Cluster[] = [];
  failed = false;

  /** Daemons n1 … that form a cluster. With 0, none is started. */
  async cluster(size: number, surroundings: Surroundings = {}): Promise<Cluster> {
    const at = this.#clusters.length;
    const cluster = new Cluster(at === 0 ? this.directory : mkdtempSync(join(this.directory, "cluster-")));
    this.#clusters.push(cluster);
    return size === 0 ? cluster : cluster.form(size, surroundings);
  }

  /** A command that is about no cluster of this run. */
  cli(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return blixard(args, { directory: this.directory, ...options });
  }

  /** Every trace of the run is held against the specification, then nothing is left. */
  async end(): Promise<void> {
    try {
      if (!this.failed) await this.#verify();
    } finally {
      await endProcessesIn(this.directory);
      if (this.failed) this.#tellWhereItIs();
      else rmSync(this.directory, { recursive: true, force: true });
    }
  }

  async #verify(): Promise<void> {
    this.failed = true;
    for (const cluster of this.#clusters) {
      const { stdout } = await cluster.verifyTraces();
      process.stdout.write(`${stdout.split("\n")[0]}\n`);
    }
    this.failed = false;
  }

  #tellWhereItIs(): void {
    process.stderr.write(`\nThe data of this run is kept in ${this.directory}\n`);
    for (const file of readdirSync(this.directory).filter((name) => name.endsWith(".log"))) {
      const tail = readFileSync(join(this.directory, file), "utf8").trimEnd().split("\n").slice(-6);
      process.stderr.write(`${file}:\n  ${tail.map((line) => line.slice(0, 300)).join("\n  ")}\n`);
    }
  }
}

/** The run of the test file that calls it. */
export function useRun(): Run {
  const run = new Run();
  const lastWill = guardProcessesIn(run.directory);
  afterEach(({ task }) => {
    if (task.result?.state === "fail") run.failed = true;
  });
  afterAll(() => run.end().finally(lastWill));
  return run;
}
