/** Flags that say how a VM or a service is kept alive: started again when it ends, looked after while it runs. */

import { Flags } from "@oclif/core";
import type { HealthProbe } from "../machine/records.ts";
import type { VmCreateRequest } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import { durationFlag } from "./command.ts";
import { healthMessage, parseHealthProbe } from "./health-check.ts";
import { parseWholeNumber } from "./name.ts";

const policies = ["never", "on-failure", "always"] as const;

export const restartFlag = Flags.option({ options: policies });

export const lifeFlags = {
  "restart-limit": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of starts", 0, 1_000_000) })({
    description: "Starts by policy until somebody starts it; 0: no end.",
    default: 0,
    helpValue: "N",
  }),
  "restart-backoff": durationFlag({ description: "Wait before the first start by policy; it doubles each time. [default: 1s]" }),
  health: Flags.custom<HealthProbe>({ parse: async (text) => parseHealthProbe(text) })({
    description: "How its worker finds out whether it does its work; one that does not is started again by --restart. A port is one of the guest.",
    helpValue: "process|console:TEXT|tcp:PORT|http:PORT/PATH|exec:COMMAND",
  }),
  "health-interval": durationFlag({ description: "Wait between two looks. [default: 10s]" }),
  "health-timeout": durationFlag({ description: "A look that takes longer has failed. [default: 2s]" }),
  "health-threshold": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of looks", 1, 1_000) })({
    description: "Looks in a row that must fail before it is unhealthy. [default: 3]",
    helpValue: "N",
  }),
};

export interface LifeFlags {
  readonly restart: (typeof policies)[number];
  readonly "restart-limit": number;
  readonly "restart-backoff"?: number | undefined;
  readonly health?: HealthProbe | undefined;
  readonly "health-interval"?: number | undefined;
  readonly "health-timeout"?: number | undefined;
  readonly "health-threshold"?: number | undefined;
}

/** The fields of a request to create. */
export function lifeOf(flags: LifeFlags): Pick<VmCreateRequest, "restart" | "restartLimit" | "restartBackoffMs"> & Pick<Init<VmCreateRequest>, "health"> {
  const { restart, "restart-limit": restartLimit, "restart-backoff": restartBackoffMs = 0 } = flags;
  const health = healthMessage(flags.health, flags["health-interval"], flags["health-timeout"], flags["health-threshold"]);
  return { restart: restart === "never" ? "" : restart, restartLimit, restartBackoffMs, health };
}
