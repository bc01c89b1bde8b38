/** Health and reflection, for tools that know gRPC and not blixard. Loaded by servers only: they parse protos. */

import type { Server } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { protoPath } from "./wire.ts";

const services = ["", "blixard.v1.Peer", "blixard.v1.Cluster", "blixard.v1.Kv", "blixard.v1.Vm", "blixard.v1.Worker"];

/** Adds both services. Returns what sets the health of all services. */
export function addHealthAndReflection(server: Server): (serving: boolean) => void {
  const health = new HealthImplementation(Object.fromEntries(services.map((service) => [service, "NOT_SERVING"])));
  health.addToServer(server);
  new ReflectionService(loadSync(protoPath, { longs: Number, defaults: true, oneofs: true })).addToServer(server);
  return (serving) => {
    for (const service of services) health.setStatus(service, serving ? "SERVING" : "NOT_SERVING");
  };
}
