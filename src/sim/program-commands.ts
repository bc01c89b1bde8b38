/** What a client asks of services and tasks. */

import type { Command } from "../machine/commands.ts";
import type { Name } from "../machine/records.ts";
import type { Chance } from "./chance.ts";

const services = 2;
const tasks = 4;
const run = { argv: ["work"] };
const spec = { driver: "process", cpus: 1, memoryMib: 64, diskMib: 0, image: "default" as Name, run } as const;

/** One command by chance; `uuid` is that of what it makes. Somebody must carry out a move: `moves`. */
export function programCommand(chance: Chance, uuid: string, moves: boolean): Command {
  return chance.happens(0.4) ? serviceCommand(chance, `service/s-${chance.below(services)}` as Name, uuid, moves) : taskCommand(chance, `task/t-${chance.below(tasks)}` as Name, uuid);
}

function serviceCommand(chance: Chance, name: Name, uuid: string, moves: boolean): Command {
  const kind = chance.next();
  if (kind < 0.4) return { kind: "vm-create", spec: { name, ...spec }, uuid, start: true };
  if (kind < 0.55) return { kind: "vm-stop", name, force: chance.happens(0.3) };
  if (kind < 0.7) return { kind: "vm-start", name };
  if (kind < 0.8) return { kind: "vm-restart", name, force: chance.happens(0.3) };
  if (kind < 0.9 && moves) return { kind: "vm-migrate", name };
  return { kind: "vm-delete", name };
}

function taskCommand(chance: Chance, name: Name, uuid: string): Command {
  const kind = chance.next();
  if (kind < 0.65) {
    const limit = chance.below(4);
    const restart = limit === 0 ? ({ when: "never", limit, backoffMs: 100 } as const) : ({ when: "on-failure", limit, backoffMs: 100 } as const);
    // Now and then no worker has so much: it waits.
    const memoryMib = chance.happens(0.05) ? 1_000_000 : spec.memoryMib;
    return { kind: "vm-create", spec: { name, ...spec, memoryMib, restart, timeoutMs: 500 + chance.below(2_000) }, uuid, start: true };
  }
  if (kind < 0.75) return { kind: "vm-stop", name, force: chance.happens(0.3) };
  return { kind: "vm-delete", name };
}
