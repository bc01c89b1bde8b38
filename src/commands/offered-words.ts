/** Answers a shell that wants to complete a command line. */

import { defaultAddress } from "../cli/command.ts";
import { type CompletedCommand, complete } from "../cli/completion.ts";
import { namesFrom } from "../cli/completion-names.ts";
import { writeLine } from "../cli/output.ts";
import { exitStatus } from "../errors.ts";
import { registry } from "./registry.ts";

/** A candidate a line. A shell has no place for an error, so there is none. */
export async function offerWords(words: readonly string[]): Promise<number> {
  const usual = process.env["BLIXARD_ADDR"] ?? defaultAddress;
  const found = await complete(words, {
    ids: Object.keys(registry),
    load: definitionsOf,
    names: (kind, prefix, address) => namesFrom(address ?? usual, kind, prefix),
  }).catch(() => []);
  if (found.length > 0) await writeLine(found.join("\n"));
  return exitStatus.ok;
}

async function definitionsOf(id: string): Promise<CompletedCommand> {
  const { default: command } = await (registry[id]?.() ?? Promise.reject(new Error(`no command ${id}`)));
  return { args: command.args, flags: { ...command.baseFlags, ...command.flags } } as unknown as CompletedCommand;
}
