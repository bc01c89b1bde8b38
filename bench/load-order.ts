/** What the measurement and its load generator say to each other. */

export type Target = "etcd" | "blixard-stream" | "blixard-unary";

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
