#!/usr/bin/env node
// Measures what a command costs beside Node's own start: `node bin/measure-start.js [command …]`, by default `vm list` of
// the daemon that BLIXARD_ADDR names. The two take turns, so that both meet the same machine.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rounds = 21;
const entry = join(dirname(fileURLToPath(import.meta.url)), "blixard.js");
const given = process.argv.slice(2);
const command = given.length === 0 ? ["vm", "list"] : given;

function time(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) {
    process.stderr.write(stderr);
    process.exit(status ?? 1);
  }
  return performance.now() - start;
}

const median = (times) => times.sort((one, other) => one - other)[Math.floor(times.length / 2)].toFixed(0);
const times = { bare: [], blixard: [] };
for (let round = 0; round < rounds; round += 1) {
  times.bare.push(time(["-e", "0"]));
  times.blixard.push(time([entry, ...command]));
}
process.stdout.write(`node -e 0: ${median(times.bare)} ms, blixard ${command.join(" ")}: ${median(times.blixard)} ms (medians of ${rounds})\n`);
