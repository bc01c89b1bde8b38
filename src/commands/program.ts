/** The command line as a whole: from arguments to an exit status. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Config, type Interfaces, run } from "@oclif/core";
import { failureOf } from "../cli/failure.ts";
import { nearest } from "../cli/nearest.ts";
import { writeLine } from "../cli/output.ts";
import { UserError, exitStatus } from "../errors.ts";
import { registry, topics } from "./registry.ts";

/** Runs what `argv` asks for. `root` is the directory of package.json. Resolves to the exit status; never rejects. */
export async function runProgram(given: readonly string[], root: string): Promise<number> {
  if (given[0] === "__complete") return (await import("./offered-words.ts")).offerWords(given.slice(1));
  const argv = given[0] === "help" ? [...given.slice(1), "--help"] : given;
  const { id, rest } = findCommand(argv);
  try {
    if (id !== null && !wantsHelp(rest)) return await start(id, rest, root);
    await explain(argv, root);
    return exitStatus.ok;
  } catch (thrown) {
    return fail(thrown, argv, id);
  }
}

/** The command that the first words name: the longest that fits. */
export function findCommand(argv: readonly string[]): { readonly id: string | null; readonly rest: readonly string[] } {
  const [first = "", second = ""] = argv;
  if (Object.hasOwn(registry, `${first}:${second}`)) return { id: `${first}:${second}`, rest: argv.slice(2) };
  return Object.hasOwn(registry, first) ? { id: first, rest: argv.slice(1) } : { id: null, rest: argv };
}

/** A command that resolves to a number ends with it; the others have done what they were asked when they resolve. */
async function start(id: string, rest: readonly string[], root: string): Promise<number> {
  const command = await load(id);
  const config = await Config.load({ root, plugins: new Map([["blixard", pluginOf(root, [command])]]) });
  const status = await command.run([...rest], config);
  return typeof status === "number" ? status : exitStatus.ok;
}

/** Help and version, by oclif. It needs to know of every command; starting one needs only that one. */
async function explain(argv: readonly string[], root: string): Promise<void> {
  const words = argv.slice(0, 2).filter((word) => !word.startsWith("-"));
  const onlyFlags = words.length === 0 || argv[0]?.startsWith("-") === true;
  if (onlyFlags && argv.length > 0 && !wantsHelp(argv) && argv[0] !== "--version") {
    throw new UserError("INVALID_ARGUMENT", `a command must come before ${argv[0]}`, { next: "See `blixard --help`." });
  }
  if (words.length > 0 && !isKnown(words)) throw unknownCommand(words);
  const commands = await Promise.all(Object.keys(registry).map(load));
  await run([...argv], { root, plugins: new Map([["blixard", pluginOf(root, commands)]]) });
}

function isKnown(words: readonly string[]): boolean {
  const [first = "", second] = words;
  const isTopic = topics.some(({ name }) => name === first);
  return findCommand(words).id !== null || (isTopic && second === undefined);
}

function unknownCommand(words: readonly string[]): UserError {
  const ids = Object.keys(registry).map((id) => id.replace(":", " "));
  const guess = nearest(words.join(" "), ids);
  const known = topics.some(({ name }) => name === words[0]) ? `blixard ${words[0]} --help` : "blixard --help";
  return new UserError("INVALID_ARGUMENT", `there is no command ${JSON.stringify(words.join(" "))}`, {
    next: guess === null ? `See \`${known}\`.` : `Did you mean \`blixard ${guess}\`? See \`${known}\`.`,
  });
}

async function fail(thrown: unknown, argv: readonly string[], id: string | null): Promise<number> {
  const { exit, text, json } = failureOf(thrown, ["blixard", ...(id?.split(":") ?? [])].join(" "));
  if (json !== null && beforeDashes(argv).includes("--json")) await writeLine(JSON.stringify(json, null, 2));
  if (text !== "") process.stderr.write(`${text}\n`);
  return exit;
}

function wantsHelp(argv: readonly string[]): boolean {
  return beforeDashes(argv).includes("--help");
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

async function load(id: string): Promise<Command.Class> {
  const { default: command } = await (registry[id]?.() ?? Promise.reject(new Error(`no command ${id}`)));
  command.id = id;
  return command;
}

/** The program as oclif sees it: a plugin whose commands are given, so that it searches no directory. */
function pluginOf(root: string, classes: readonly Command.Class[]): Interfaces.Plugin {
  const pjson = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Interfaces.PJSON & { name: string; version: string };
  const commands = classes.map((command) => loadable(command));
  return {
    _base: "",
    alias: pjson.name,
    commandIDs: commands.map(({ id }) => id),
    commands,
    commandsDir: undefined,
    findCommand: (id: string) => load(id),
    hasManifest: false,
    hooks: {},
    isRoot: true,
    load: async () => {},
    moduleType: "module",
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics,
    type: "core",
    valid: true,
    version: pjson.version,
  } as Interfaces.Plugin;
}

/** What the help prints of a command. */
function loadable(command: Command.Class): Command.Loadable {
  const { id, summary, description, examples, usage, args, strict, hidden } = command;
  const flags = { ...command.baseFlags, ...command.flags };
  const content = { id, summary, description, examples, usage, args: withNames(args), strict, hidden, flags: withNames(flags) };
  return { ...content, aliases: [], hiddenAliases: [], load: async () => command } as unknown as Command.Loadable;
}

function withNames(definitions: object): object {
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, { ...definition, name }]));
}
