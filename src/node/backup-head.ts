/** What a backup says of itself. */

import type { Configuration } from "../raft/configuration.ts";

export interface BackupHead {
  /** Of the file; grows when an older program could not read it. */
  readonly format: 1;
  /** Of the program that wrote it. */
  readonly version: string;
  readonly clusterId: string;
  readonly epoch: number;
  readonly group: string;
  /** Who was asked for it. */
  readonly node: string;
  /** The rows are those of the state after the entry with this index, of this term. */
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  /** Wall clock, for people only. */
  readonly timeMs: number;
}
