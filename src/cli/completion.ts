/** What could stand where the cursor is: commands and flags from the program itself, names from the daemon. */

import { kindCompleted, type NameKind } from "./completes.ts";

/** An argument or a flag, as oclif has it. */
export interface Definition {
  readonly type?: string;
  readonly char?: string;
  readonly options?: readonly string[];
  readonly allowNo?: boolean;
  readonly hidden?: boolean;
}

export interface CompletedCommand {
  readonly args: Readonly<Record<string, Definition>>;
  readonly flags: Readonly<Record<string, Definition>>;
}

export interface CompletionParts {
  /** `vm:list`. */
  readonly ids: readonly string[];
  readonly load: (id: string) => Promise<CompletedCommand>;
  /** Names that begin with `prefix`, from the daemon at `address`, or the usual one; empty when it does not say. */
  readonly names: (kind: NameKind, prefix: string, address: string | null) => Promise<readonly string[]>;
}

/** Candidates for the last of `words`, which may be empty; each begins with it. In order, none twice. */
export async function complete(words: readonly string[], parts: CompletionParts): Promise<readonly string[]> {
  const partial = words.at(-1) ?? "";
  const found = await candidates(words.slice(0, -1), partial, parts);
  return [...new Set(found)].filter((word) => word.startsWith(partial)).sort();
}

async function candidates(before: readonly string[], partial: string, parts: CompletionParts): Promise<readonly string[]> {
  const [first, second] = before;
  const ids = parts.ids.map((id) => id.split(":"));
  if (first === undefined) return ids.flatMap(([word]) => word ?? []);
  const isTopic = ids.some(([topic, verb]) => topic === first && verb !== undefined);
  if (isTopic && second === undefined) return ids.flatMap(([topic, verb]) => (topic === first && verb !== undefined ? [verb] : []));
  const id = isTopic ? `${first}:${second}` : first;
  if (!parts.ids.includes(id)) return [];
  return ofCommand(await parts.load(id), before.slice(isTopic ? 2 : 1), partial, parts);
}

async function ofCommand({ args, flags }: CompletedCommand, given: readonly string[], partial: string, parts: CompletionParts): Promise<readonly string[]> {
  let position = 0;
  let open: Definition | null = null;
  let address: string | null = null;
  for (const [at, word] of given.entries()) {
    if (word === "--") return []; // what follows is the guest's
    if (open !== null) open = null;
    else if (word.startsWith("-")) open = opened(word, flags);
    else position += 1;
    if (given[at - 1] === "--addr") address = word;
  }
  if (open !== null) return valuesOf(open, partial, parts, address);
  if (partial.startsWith("-")) return flagWords(flags);
  const argument = Object.values(args)[position];
  return argument === undefined ? [] : valuesOf(argument, partial, parts, address);
}

/** The flag whose value comes next; null: the word needs none, or has it. */
function opened(word: string, flags: CompletedCommand["flags"]): Definition | null {
  const found = Object.entries(flags).find(([name, { char }]) => word === `--${name}` || word === `-${char}`);
  return found !== undefined && found[1].type === "option" ? found[1] : null;
}

function flagWords(flags: CompletedCommand["flags"]): readonly string[] {
  return Object.entries(flags).flatMap(([name, { hidden, allowNo }]) => (hidden === true ? [] : [`--${name}`, ...(allowNo === true ? [`--no-${name}`] : [])]));
}

async function valuesOf(definition: Definition, partial: string, { names }: CompletionParts, address: string | null): Promise<readonly string[]> {
  const kind = kindCompleted(definition);
  return kind === undefined ? (definition.options ?? []) : names(kind, partial, address);
}

/** Scripts for shells. Each asks `blixard __complete WORD…`, whose last word is what stands before the cursor. */
export const completionScripts = {
  bash: `_blixard() {
  local IFS=$'\\n'
  COMPREPLY=($(blixard __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null
}
complete -F _blixard blixard`,
  zsh: `#compdef blixard
_blixard() {
  local -a found
  found=("\${(@f)$(blixard __complete "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [ -n "$found" ]; then compadd -a found; else _files; fi
}
compdef _blixard blixard`,
  fish: `function __blixard_complete
  set -l words (commandline -opc)
  blixard __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c blixard -a '(__blixard_complete)'`,
} as const;
