import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { complete, type CompletionParts, completionScripts } from "../../../src/cli/completion.ts";
import { completes } from "../../../src/cli/completes.ts";
import { registry } from "../../../src/commands/registry.ts";

const asked: string[] = [];
const parts: CompletionParts = {
  ids: ["events", "vm:create", "vm:list", "vm:status"],
  load: async (id) => ({
    args: id === "vm:list" ? {} : { name: completes("vm", {}) },
    flags: {
      json: { type: "boolean" },
      addr: { type: "option" },
      wait: { type: "boolean", allowNo: true },
      secret: { type: "option", hidden: true },
      driver: { type: "option", char: "d", options: ["qemu", "process"] },
      node: completes("node", { type: "option" }),
    },
  }),
  names: async (kind, _prefix, address) => {
    asked.push(`${kind}@${address}`);
    return kind === "vm" ? ["web", "db", "web2"] : ["n1", "n2"];
  },
};

describe("what could stand at the cursor", () => {
  test.each([
    ["", "events vm"],
    ["v", "vm"],
    ["x", ""],
    ["vm ", "create list status"],
    ["vm st", "status"],
    ["vm bogus ", ""],
    ["vm status ", "db web web2"],
    ["vm status we", "web web2"],
    ["vm status web ", ""],
    ["vm status --json ", "db web web2"],
    ["vm status --addr 127.0.0.1:1 ", "db web web2"],
    ["vm status --w", "--wait"],
    ["vm status --no-", "--no-wait"],
    ["vm status --s", ""],
    ["vm status --driver ", "process qemu"],
    ["vm status -d q", "qemu"],
    ["vm status web --node n", "n1 n2"],
    ["vm list ", ""],
    ["vm status web -- ", ""],
    ["events --driver ", "process qemu"],
  ])("%j: %s", async (line, expected) => {
    expect((await complete(line.split(" "), parts)).join(" ")).toBe(expected);
  });

  test("names come from the daemon that is named before the cursor", async () => {
    asked.length = 0;
    await complete(["vm", "status", "--addr", "127.0.0.1:5", ""], parts);
    await complete(["vm", "status", ""], parts);
    expect(asked).toEqual(["vm@127.0.0.1:5", "vm@null"]);
  });
});

test("every argument that names a VM, service, task, image, node or key is completed", async () => {
  const { kindCompleted } = await import("../../../src/cli/completes.ts");
  const plain: string[] = [];
  for (const [id, load] of Object.entries(registry)) {
    const { args } = (await load()).default;
    for (const [name, definition] of Object.entries(args)) {
      if (["name", "node", "key"].includes(name) && kindCompleted(definition) === undefined) plain.push(`${id} ${name}`);
    }
  }
  // A node that does not exist yet; and nodes with commas between them.
  expect(plain.sort()).toEqual(["cluster:token name"]);
});

test.each(["bash", "zsh", "fish"] as const)("the script for %s is one that it takes", (shell) => {
  const check = spawnSync(shell, ["-n"], { input: completionScripts[shell], encoding: "utf8" });
  if (check.error !== undefined) return void process.stdout.write(`the script for ${shell} is not checked: ${shell} is not installed\n`);
  expect([check.status, check.stderr]).toEqual([0, ""]);
});
