/** Arguments and flags that several commands take. */

import { Args, Flags } from "@oclif/core";
import { parseDuration } from "./duration.ts";
import { parseKey, parseName, parseWholeNumber } from "./name.ts";

const nameOf = (what: string) => async (text: string) => parseName(text, what);

export const vmArgument = Args.custom<string>({ parse: nameOf("VM") })({ required: true, description: "Name of the VM." });

export const nodeArgument = Args.custom<string>({ parse: nameOf("node") });

export const keyArgument = Args.custom<string>({ parse: async (text) => parseKey(text) })({
  required: true,
  description: "Key in the tree, for example /config/limits.",
});

export const nodeFlag = Flags.custom<string>({ helpValue: "NODE", parse: nameOf("node") });

/** Labels, `zone=a`, as often as given; whether they are well formed is checked where they are applied. */
export const labelFlag = Flags.custom<string>({ helpValue: "KEY=VALUE", multiple: true, multipleNonGreedy: true, default: [] as never });

export const indexFlag = Flags.custom<number>({
  helpValue: "INDEX",
  parse: async (text) => parseWholeNumber(text, "an index", 0, Number.MAX_SAFE_INTEGER),
});

export const consistentFlag = Flags.boolean({
  description: "Ask the cluster for the latest state, instead of what this daemon has applied.",
});

export const waitFlag = Flags.boolean({ description: "Wait until the VM really is so, with progress on stderr.", allowNo: true });

/** How a guest is brought to its end. */
export const stopFlags = {
  force: Flags.boolean({ description: "Do not ask the guest: end it at once." }),
  grace: Flags.custom<number>({ helpValue: "DURATION", parse: async (text) => parseDuration(text), exclusive: ["force"] })({
    description: "How long the guest may take to obey; then it is forced. [default: 10s]",
  }),
};
