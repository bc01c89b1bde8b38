/** Which VMs keep a VM company on a worker: affinity and anti-affinity by the labels of VMs (row W2). */

import { marksOf } from "./labels.ts";
import type { NodeId, VmRecord, VmSpec, WorkerRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { noUsage } from "./views.ts";

/** True when new VMs may come to the worker, its room aside. */
export function takesVms(state: MachineState, worker: WorkerRecord): boolean {
  return worker.admin === "active" && state.leases.get(worker.node)?.held !== false;
}

/** The company that `spec` would have; its own record, where it is moved, does not count. */
export class Company {
  private readonly state: MachineState;
  private readonly spec: VmSpec;
  private readonly self: VmRecord | undefined;
  /** Labels wanted near that stand on some worker to which VMs may come. */
  private readonly hosted: ReadonlySet<string>;

  constructor(state: MachineState, spec: VmSpec) {
    this.state = state;
    this.spec = spec;
    this.self = state.vms.get(spec.name);
    const open = spec.place?.near === undefined ? [] : [...state.workers.keys()].filter((node) => takesVms(state, state.workers.get(node) as WorkerRecord));
    this.hosted = new Set((spec.place?.near ?? []).filter((label) => open.some((node) => this.count(node, label) > 0)));
  }

  /**
   * Why hard wishes keep it off `node`, to be read after the worker's name; null when they do not. To keep apart is
   * mutual. The first of a group that wants to be near itself may go anywhere.
   */
  problem(node: NodeId): string | null {
    const { labels = [], place } = this.spec;
    for (const label of place?.apart ?? []) if (this.count(node, label) > 0) return `holds a VM with ${label}`;
    for (const label of labels) if (this.count(node, `!${label}`) > 0) return `holds a VM that keeps apart from ${label}`;
    for (const label of place?.near ?? []) {
      if (this.hosted.has(label) ? this.count(node, label) === 0 : !labels.includes(label)) return `holds no VM with ${label}`;
    }
    return null;
  }

  /** Soft wishes that stay open on `node`. */
  unmet(node: NodeId): number {
    const { preferNear = [], preferApart = [] } = this.spec.place ?? {};
    return preferNear.filter((label) => this.count(node, label) === 0).length + preferApart.filter((label) => this.count(node, label) > 0).length;
  }

  /** How many VMs on `node` are of its kind: its labels that they share; of a VM without labels every VM. */
  kin(node: NodeId): number {
    const { labels = [] } = this.spec;
    if (labels.length > 0) return labels.reduce((sum, label) => sum + this.count(node, label), 0);
    return (this.state.usage.get(node) ?? noUsage).vms - (this.self?.owner === node ? 1 : 0);
  }

  private count(node: NodeId, mark: string): number {
    const own = this.self?.owner === node && marksOf(this.self.spec).includes(mark) ? 1 : 0;
    return (this.state.company.get(node)?.get(mark) ?? 0) - own;
  }
}
