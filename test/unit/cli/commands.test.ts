import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "@oclif/core";
import { describe, expect, test } from "vitest";
import { registry, topics } from "../../../src/commands/registry.ts";
import { blixard, root } from "./captured.ts";

/** Row O1, as far as it is built. */
const promised = {
  cluster: ["backup", "health", "init", "join", "leave", "members", "prefer", "promote", "recover", "remove", "replace", "restore", "status", "token", "transfer", "wait"],
  image: ["import", "inspect", "list", "pull", "remove"],
  kv: ["batch", "cas", "delete", "get", "ls", "put", "put-if-absent", "watch"],
  node: ["identity", "list", "start", "status", "stop"],
  raft: ["status"],
  reservation: ["list"],
  service: ["list", "logs", "migrate", "remove", "restart", "start", "status", "stop"],
  task: ["cancel", "list", "logs", "remove", "status", "submit", "wait"],
  trace: ["check-export", "export", "show"],
  vm: ["console", "create", "delete", "exec", "inspect", "kill", "list", "logs", "migrate", "pause", "plan", "restart", "resume", "start", "status", "stop", "wait"],
  worker: ["drain", "list", "register", "remove", "status", "undrain"],
};
const promisedIds = [...Object.entries(promised).flatMap(([topic, verbs]) => verbs.map((verb) => `${topic}:${verb}`)), "completion", "events", "model", "simulate", "verify"];

test("every command that is promised is there, and no other", () => {
  expect(Object.keys(registry).sort()).toEqual([...promisedIds].sort());
  expect(topics.map(({ name }) => name)).toEqual(Object.keys(promised));
});

test("every file of a topic is a command of the registry", () => {
  const files = Object.keys(promised).flatMap((topic) =>
    readdirSync(join(root, "src/commands", topic)).map((file) => `${topic}:${file.replace(/\.ts$/, "")}`),
  );
  expect([...files, "completion", "events", "model", "simulate", "verify"].sort()).toEqual(Object.keys(registry).sort());
});

describe.each(promisedIds)("%s", (id) => {
  const words = id.split(":");
  const load = async (): Promise<Command.Class> => (await registry[id]?.())?.default as Command.Class;

  test("takes --json, --addr and --timeout", async () => {
    const { baseFlags, flags } = await load();
    expect(Object.keys({ ...baseFlags, ...flags })).toEqual(expect.arrayContaining(["json", "addr", "timeout"]));
  });

  test("says what it does, what each flag and argument is, and shows an example", async () => {
    const command = await load();
    const definitions = [...Object.entries({ ...command.baseFlags, ...command.flags }), ...Object.entries(command.args)];
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    expect(command.examples?.length).toBeGreaterThan(0);
    for (const example of command.examples ?? []) expect(example).toMatch(new RegExp(`^<%= config.bin %> ${words.join(" ")}`));
    for (const [name, { description }] of definitions) expect(description, name).toBeTruthy();
  });

  test("has help", async () => {
    const { exit, stdout, stderr } = await blixard(...words, "--help");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    for (const part of [`$ blixard ${words.join(" ")}`, "--json", "--addr", "--timeout", "EXAMPLES"]) expect(stdout).toContain(part);
  });

  test("refuses a flag that it does not know", async () => {
    const { exit, stdout, stderr } = await blixard(...words, "--bogus", "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "INVALID_ARGUMENT", retrySafe: false });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toContain("    at ");
  });
});

describe("the program", () => {
  test.each([[], ["--help"], ["vm"], ["vm", "--help"], ["help"], ["help", "vm", "list"], ["--version"]])("%j is answered", async (...argv) => {
    const { exit, stdout } = await blixard(...argv);
    expect(exit).toBe(0);
    expect(stdout).toContain("blixard");
  });

  test.each([["bogus"], ["vm", "bogus"], ["vm", "list", "extra"], ["--json", "vm", "list"], ["kv", "get"], ["kv", "put", "/a"], ["kv", "cas", "/a", "1"]])(
    "%j is wrong usage",
    async (...argv) => {
      const { exit, stdout, stderr } = await blixard(...argv);
      expect(exit).toBe(2);
      expect(stderr).toContain("INVALID_ARGUMENT");
      if (!argv.includes("--json")) expect(stdout).toBe("");
    },
  );

  test("a mistyped command is guessed", async () => {
    expect((await blixard("vm", "lst")).stderr).toContain("Did you mean `blixard vm list`?");
  });

  test.each([
    ["vm", "create", "Web"],
    ["vm", "create", "web", "--memory", "128,id=x"],
    ["vm", "create", "web", "--driver", "xen"],
    ["vm", "create", "web", "--cpus", "0"],
    ["vm", "list", "--addr", "nowhere"],
    ["vm", "list", "--addr", "127.0.0.1:99999"],
    ["vm", "list", "--timeout", "5"],
    ["cluster", "token", "n2", "--ttl", "2h"],
    ["cluster", "join", "localhost", "--token", "x"],
    ["cluster", "wait"],
    ["cluster", "wait", "--formed", "x"],
    ["cluster", "replace", "n1"],
    ["cluster", "replace", "n1,", "--with", "n4"],
    ["cluster", "replace", "n1,n1", "--with", "n4"],
    ["cluster", "prefer"],
    ["cluster", "prefer", "n2", "--none"],
    ["kv", "get", ""],
    ["node", "start", "--id", "N1", "--data-dir", "/nonexistent"],
  ])("bad input is refused before anything is sent: %s %s %s", async (...argv) => {
    const { exit, stderr } = await blixard(...argv);
    expect(exit).toBe(2);
    expect(stderr).not.toContain("    at ");
  });

  test("a file that is not there is told by name", async () => {
    const { exit, stderr } = await blixard("trace", "show", "/no/such/trace");
    expect(exit).toBe(3);
    expect(stderr).toContain("/no/such/trace");
  });

  test("nobody there is exit 7, at once", async () => {
    const { exit, stdout } = await blixard("vm", "list", "--addr", "127.0.0.1:1", "--json");
    expect(exit).toBe(7);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "UNREACHABLE", retrySafe: true });
  });
});
