/** Commands about VMs as a trace tells them, and what they do to the room of workers. */

/** A command about a VM. Fields that the operation has not are `""`, 0 or false, so that all are of one shape. */
export interface TracedVmCommand {
  readonly op: "vm-create" | "vm-start" | "vm-stop" | "vm-pause" | "vm-resume" | "vm-restart" | "vm-delete" | "vm-report" | "vm-reassign" | "vm-retry" | "vm-migrate" | "vm-switch" | "vm-carry" | "vm-hand-over" | "vm-keep" | "vm-rollback" | "vm-preempt" | "vm-admit" | "lease-acquire" | "lease-expire" | "worker-register" | "worker-remove";
  /** `""` for commands about a worker. */
  readonly vm: string;
  readonly uuid: string;
  /** vm-create: the node asked for, or `""`; vm-report: who reports; vm-reassign: who owned it; leases: whose. */
  readonly node: string;
  /** vm-create: start it at once. */
  readonly start: boolean;
  /** Of a lease: its epoch, that which is replaced or expired. */
  readonly generation: number;
  /** vm-report: what was observed, or `gone`. */
  readonly observed: string;
  /** vm-create of a task only: how long an attempt may take. */
  readonly timeoutMs?: number;
  /** vm-hand-over, vm-keep: the entry that began the move. */
  readonly move?: number;
  /** vm-create: what the VM takes; worker-register: what the worker offers. No other command has it. */
  readonly size?: TracedSize;
  /** vm-preempt: for which VM it makes way. No other command has it. */
  readonly by?: string;
}

/** `ttlMs`: how long a start may stay unconfirmed. */
export interface TracedSize {
  readonly cpus: number;
  readonly memoryMib: number;
  readonly priority: number;
  readonly ttlMs: number;
}

/** What an applied entry did to the reservation of a VM (`released`: it is gone), or to what a worker offers (`vm` is `""`). */
export type TracedRoomChange = { readonly index: number } & (
  | { readonly vm: string; readonly node: string; readonly generation: number; readonly state: string }
  | { readonly vm: ""; readonly node: string; readonly cpus: number; readonly memoryMib: number }
);
