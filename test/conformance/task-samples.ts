/**
 * Makes traces/accepted/tasks and the damaged ones of it: one lie each about an attempt at a task. Run it when the lines of a
 * trace change: `npx tsx test/conformance/task-samples.ts`. It prints the verdict of each, to be read by a person before it
 * is committed.
 */

import type { Name } from "../../src/machine/records.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { type Damage, damage, keep } from "./make-samples.ts";
import { type Line, find, insertAfter, isEvent, renumber } from "./sample-files.ts";

const damages: readonly Damage[] = [
  {
    name: "task-called-late-too-early",
    about: "a worker ends an attempt at a task before its time is up by its own clock",
    change: (files) => {
      const { line } = find(files, isEvent("TimeOutTask"));
      line["atMs"] = Number(line["atMs"]) - 300;
    },
  },
  {
    name: "task-timed-from-an-older-attempt",
    about: "the time of an attempt is counted from the launch of the one before, on the same worker",
    change: (files) => {
      const { line } = find(files, (one) => one.event === "TimeOutTask" && Number(one["generation"]) > 1);
      line["generation"] = Number(line["generation"]) - 1;
    },
  },
  {
    name: "time-out-that-nobody-called",
    about: "a task is reported to have timed out, although its worker did not call it late",
    change: (files) => {
      const { lines, at } = find(files, isEvent("TimeOutTask"));
      lines.splice(at, 1);
      renumber(files);
    },
  },
  {
    name: "attempt-launched-again",
    about: "an attempt at a task is launched again after it has ended",
    change: (files) => {
      const { lines, at, line } = find(files, isEvent("TimeOutTask"));
      const ended = lines.findIndex((one, k) => k > at && one.event === "VmEnded" && one["uuid"] === line["uuid"]);
      const launch = lines.find((one) => one.event === "LaunchVm" && one["uuid"] === line["uuid"] && one["generation"] === line["generation"]);
      if (ended < 0 || launch === undefined) throw new Error("an attempt was launched, and ended");
      insertAfter(lines, ended, { ...launch, clock: lines[ended]!.clock + 1, atMs: line["atMs"] } as Line);
      renumber(files);
    },
  },
];

/** Tasks that exit or hang, and a service, on three workers. The seed is one in which a first and a second attempt take too long. */
const result = simulate({
  seed: 1, nodes: 3, seconds: 6, faults: [], clients: 0, leases: true,
  script: ({ operator }) => {
    const spec = { driver: "process", cpus: 0, memoryMib: 64, diskMib: 0, image: "default" as Name, run: { argv: ["work"] } } as const;
    for (let at = 0; at < 4; at += 1) {
      const task = { ...spec, name: `task/t-${at}` as Name, timeoutMs: 800, restart: { when: "on-failure", limit: 2, backoffMs: 100 } } as const;
      operator.wantCommand({ kind: "vm-create", spec: task, uuid: `uuid-t-${at}`, start: true });
    }
    operator.wantCommand({ kind: "vm-create", spec: { ...spec, name: "service/web" as Name }, uuid: "uuid-web", start: true });
  },
});
await damage(keep("tasks", result, "a simulated run: tasks that complete, fail, and take too long, and a service"), damages);
