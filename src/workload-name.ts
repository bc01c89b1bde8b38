/**
 * Names of what runs on workers. A VM bears a plain name; a service or a task has its kind before it, `service/web`, so
 * that each kind has a space of names of its own while all are records of one table and go through the same steps.
 */

export type WorkloadKind = "vm" | "service" | "task";

const prefixes: Readonly<Record<WorkloadKind, string>> = { vm: "", service: "service/", task: "task/" };

/** What the workload of this name is. */
export function kindOf(name: string): WorkloadKind {
  if (name.startsWith(prefixes.service)) return "service";
  return name.startsWith(prefixes.task) ? "task" : "vm";
}

/** The name as its user gave it: `web`. */
export function shortName(name: string): string {
  return name.slice(prefixes[kindOf(name)].length);
}

/** The name by which the cluster knows what its user calls `short`. */
export function fullName(kind: WorkloadKind, short: string): string {
  return `${prefixes[kind]}${short}`;
}

/** What to call it before people: `VM web`, `service web`. */
export function titleOf(name: string): string {
  const kind = kindOf(name);
  return `${kind === "vm" ? "VM" : kind} ${shortName(name)}`;
}
