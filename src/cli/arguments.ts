/** Arguments and flags that several commands take. */

import { Args, Flags } from "@oclif/core";
import { completes } from "./completes.ts";
import { parseDuration } from "./duration.ts";
import { parseKey, parseName, parseWholeNumber } from "./name.ts";
import { memoryBounds, parseMebibytes } from "./size.ts";

const nameOf = (what: string) => async (text: string) => parseName(text, what);

export const vmArgument = completes("vm", Args.custom<string>({ parse: nameOf("VM") })({ required: true, description: "Name of the VM." }));

export const serviceArgument = completes("service", Args.custom<string>({ parse: nameOf("service") })({ required: true, description: "Name of the service." }));

export const imageArgument = completes("image", Args.custom<string>({ parse: nameOf("image") })({ required: true, description: "Name of the image." }));

export const taskArgument = completes("task", Args.custom<string>({ parse: nameOf("task") })({ required: true, description: "Name of the task." }));

const plainNodeArgument = Args.custom<string>({ parse: nameOf("node") });
export const nodeArgument = ((options: never) => completes("node", plainNodeArgument(options))) as unknown as typeof plainNodeArgument;

const aKey = Args.custom<string>({ parse: async (text) => parseKey(text) });
export const keyArgument = completes("key", aKey({ required: true, description: "Key in the tree, for example /config/limits." }));

const plainNodeFlag = Flags.custom<string>({ helpValue: "NODE", parse: nameOf("node") });
export const nodeFlag = ((options: never) => completes("node", plainNodeFlag(options))) as unknown as typeof plainNodeFlag;

/** Labels, `zone=a`, as often as given; whether they are well formed is checked where they are applied. */
export const labelFlag = Flags.custom<string>({ helpValue: "KEY=VALUE", multiple: true, multipleNonGreedy: true, default: [] as never });

export const indexFlag = Flags.custom<number>({
  helpValue: "INDEX",
  parse: async (text) => parseWholeNumber(text, "an index", 0, Number.MAX_SAFE_INTEGER),
});

export const consistentFlag = Flags.boolean({
  description: "Ask the cluster for the latest state, instead of what this daemon has applied.",
});

export const waitFlag = Flags.boolean({ description: "Wait until it really is so, with progress on stderr.", allowNo: true });

/** What is read of a log. */
export const logsFlags = {
  follow: Flags.boolean({ char: "f", description: "Go on as it is written." }),
  tail: Flags.custom<number>({ helpValue: "LINES", parse: async (text) => parseWholeNumber(text, "a number of lines", 1, 1_000_000) })({
    description: "Only the last lines. [default: all]",
  }),
};

/** The program that a service or a task is. */
export const programFlags = {
  env: Flags.string({ char: "e", description: "A variable of its environment; may be given again.", helpValue: "KEY=VALUE", multiple: true, multipleNonGreedy: true, default: [] as never }),
  cwd: Flags.string({ description: "Directory to run in. [default: one of its own]", helpValue: "DIRECTORY" }),
  cpus: Flags.custom<number>({ helpValue: "N", parse: async (text) => parseWholeNumber(text, "a number of CPUs", 0, 255) })({
    description: "CPUs of the worker that it counts for; nothing holds it to them.",
    default: 0,
  }),
  memory: Flags.custom<number>({ helpValue: "SIZE", parse: async (text) => parseMebibytes(text, memoryBounds) })({
    description: "Memory of the worker that it counts for, in MiB; nothing holds it to that.",
    default: 64,
  }),
};

/** The words of the command line behind the name, as they were typed: oclif sorts `argv` by where each word stands first. */
export function wordsBehind(raw: readonly { readonly type: string; readonly input: string }[], names: number): readonly string[] {
  return raw.filter(({ type }) => type === "arg").map(({ input }) => input).slice(names);
}

/** How a guest is brought to its end. */
export const stopFlags = {
  force: Flags.boolean({ description: "Do not ask the guest: end it at once." }),
  grace: Flags.custom<number>({ helpValue: "DURATION", parse: async (text) => parseDuration(text), exclusive: ["force"] })({
    description: "How long the guest may take to obey; then it is forced. [default: 10s]",
  }),
};
