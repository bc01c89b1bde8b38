/** What a daemon tells of itself. */

import type { DriverName } from "../machine/records.ts";
import type { Replica } from "../replica/replica.ts";
import type { Storage } from "../storage/storage.ts";
import type { NodeStatusResponse } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import type { Probe } from "../vm/driver.ts";
import { version } from "./concrete.ts";
import { groupStatus } from "./views.ts";

export interface StatusParts {
  readonly identity: { readonly nodeId: string; readonly name: string; readonly clusterId: string; readonly incarnation: number; readonly epoch: number };
  readonly address: string;
  readonly dataDir: string;
  readonly uptimeSeconds: number;
  readonly replica: Replica;
  readonly storage: Storage;
  readonly probes: ReadonlyMap<DriverName, Probe>;
}

export function nodeStatus({ identity, address, dataDir, uptimeSeconds, replica, storage, probes }: StatusParts): Init<NodeStatusResponse> {
  const { databaseBytes, walBytes, writeP50Ms, writeP99Ms } = storage.status();
  return {
    ...identity,
    address,
    pid: process.pid,
    uptimeSeconds,
    version,
    dataDir,
    groups: [groupStatus(replica)],
    databaseBytes,
    walBytes,
    writeP50Ms,
    writeP99Ms,
    drivers: [...probes].map(([name, { available, reason, version: of, accel }]) => {
      return { name, available, detail: reason ?? `${of ?? ""} ${accel}`.trim() };
    }),
  };
}
