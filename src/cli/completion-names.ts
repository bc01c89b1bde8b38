/** Names that a daemon knows, for completion: asked once and briefly, and none is better than a shell that waits. */

import { connectClient, type Connection } from "../transport/client.ts";
import type { NameKind } from "./completes.ts";

const patienceMs = 1_000;
const keyLimit = 200;
const local = { read: { consistent: false } };

/** Names that begin with `prefix`; empty when nobody answers in time. */
export async function namesFrom(address: string, kind: NameKind, prefix: string): Promise<readonly string[]> {
  let daemon: Connection | null = null;
  try {
    daemon = connectClient(address, { timeoutMs: patienceMs });
    return await ask(daemon, kind, prefix);
  } catch {
    return [];
  } finally {
    daemon?.close();
  }
}

async function ask(daemon: Connection, kind: NameKind, prefix: string): Promise<readonly string[]> {
  switch (kind) {
    case "vm":
      return (await daemon.vm.list(local)).vms.map(({ name }) => name);
    case "service":
      return (await daemon.service.list(local)).vms.map(({ name }) => name.split("/").at(-1) ?? "");
    case "task":
      return (await daemon.task.list(local)).vms.map(({ name }) => name.split("/").at(-1) ?? "");
    case "image":
      return (await daemon.image.list(local)).images.map(({ name }) => name);
    case "node":
      return ((await daemon.cluster.clusterStatus(local)).group?.members ?? []).map(({ name }) => name);
    case "key":
      return (await daemon.kv.list({ ...local, prefix: prefix === "" ? "/" : prefix, limit: keyLimit })).items.map(({ key }) => key);
  }
}
