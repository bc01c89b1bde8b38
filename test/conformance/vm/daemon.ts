/** A stand-in for the daemon: starts one VM, says who it is, and waits to be killed. */

import type { DriverName } from "../../../src/machine/records.ts";
import { sinceBootMs } from "../../../src/vm/boot-clock.ts";
import { makeDriver, type TestVm } from "./fixture.ts";

interface Order {
  readonly driver: DriverName;
  readonly cache: string;
  readonly words: readonly string[];
  readonly vm: TestVm;
  readonly leaseMs: number | null;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const { spec, uuid, dir } = order.vm;
const { leaseMs } = order;
const untilMs = (): number | undefined => (leaseMs === null ? undefined : sinceBootMs() + leaseMs);
const handle = await makeDriver(order.driver, order.cache, order.words).start(spec, uuid, 7, dir, untilMs());
process.stdout.write(`${JSON.stringify(handle.identity)}\n`);
setInterval(() => void (leaseMs !== null && handle.renew(sinceBootMs() + leaseMs)), 100);
