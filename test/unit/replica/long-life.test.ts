/** What a group has lived through may be long: a node that starts again is held to all of it (spec/Cluster.tla, TablesAt). */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { verifyLines } from "../../../src/verify/check.ts";
import { create, worker } from "../machine/machine-log.ts";
import { member } from "../raft/member.ts";
import { LoneNode } from "./lone-node.ts";

const specDirectory = fileURLToPath(new URL("../../../spec", import.meta.url));
const commands = 12_000;

test("ten thousand changes of VMs before a restart", { timeout: 300_000 }, async () => {
  const node = new LoneNode();
  node.replica.handle({ kind: "bootstrap", member: member("a"), timeMs: 1 }, node.nowMs);
  node.lead();
  node.run(1, { kind: "cluster-init", clusterId: "c" });
  node.run(2, worker("a"));
  node.run(3, create("web"), "vm");
  for (let at = 0; at < commands; at += 1) node.run(4 + at, { kind: at % 2 === 0 ? "vm-stop" : "vm-start", name: "web" }, "vm");
  node.start(1);
  node.lead();
  node.run(1, { kind: "vm-stop", name: "web" }, "vm");
  const verdict = await verifyLines([node.trace.lines], { specDirectory });
  expect(verdict, JSON.stringify(verdict).slice(0, 2_000)).toMatchObject({ kind: "accepted" });
  const restored = node.trace.lines.flatMap((line) => (line.event === "RestoreRows" ? [line.index] : []));
  expect(Math.max(...restored)).toBeGreaterThan(commands - 1_000);
});
