/** What the measurement and its load generator say to each other. */

/** A system, and how it is driven. The two that read ask for linearizable answers. */
export type Target = "etcd" | "blixard-stream" | "blixard-unary" | "etcd-read" | "blixard-read";

/** True when the target reads; the others write. */
export function reads(target: Target): boolean {
  return target.endsWith("-read");
}

export interface LoadOrder {
  readonly target: Target;
  readonly port: number;
  readonly clients: number;
  /** Connections, or sessions, that the clients share. */
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly valueBytes: number;
  /** Keys are drawn by chance from this many. */
  readonly keys: number;
  /** All keys are written once before the measurement begins; when not said, that is so before reads. */
  readonly fill?: boolean;
}

export interface LoadReport {
  readonly operations: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly loadCpuSeconds: number;
}

export type LoadMessage = { readonly kind: "begin" | "end" } | { readonly kind: "report"; readonly report: LoadReport };

/** Told whether the write was committed. */
export type Done = (good: boolean) => void;
