/** What all commands share: the flags of row O2, one connection, one way to print. */

import { Command, Flags } from "@oclif/core";
import type { Answer } from "./answer.ts";
import { DaemonSession } from "./daemon-session.ts";
import { parseDuration } from "./duration.ts";
import { notify, print } from "./output.ts";
import { formatAddress, parseAddress } from "../transport/address.ts";

export const defaultAddress = "127.0.0.1:7100";

/** An address given by a flag or an argument, in the one form that is shown. */
export async function readAddress(text: string): Promise<string> {
  return formatAddress(parseAddress(text));
}

export const durationFlag = Flags.custom<number>({ helpValue: "DURATION", parse: async (text) => parseDuration(text) });

export const commonFlags = {
  json: Flags.boolean({ description: "Print JSON on stdout, errors too.", helpGroup: "GLOBAL" }),
  addr: Flags.custom<string>({ parse: readAddress })({
    description: "Address of the daemon to ask.",
    env: "BLIXARD_ADDR",
    default: defaultAddress,
    helpGroup: "GLOBAL",
    helpValue: "HOST:PORT",
  }),
  timeout: durationFlag({
    description: "How long it may take, for example 500ms, 5s, 2m. [default: 10s, or 60s where a state is waited for]",
    helpGroup: "GLOBAL",
  }),
};

export interface CommonFlags {
  readonly json: boolean;
  readonly addr: string;
  readonly timeout?: number | undefined;
}

/** A command that asks a daemon. */
export abstract class DaemonCommand extends Command {
  static override baseFlags = commonFlags;
  private opened: DaemonSession | undefined;

  /** The daemon that the flags name, connected when first asked. */
  protected daemon({ addr, timeout }: CommonFlags): DaemonSession {
    this.opened ??= new DaemonSession({ address: addr, timeoutMs: timeout ?? null, notify });
    return this.opened;
  }

  protected print(flags: CommonFlags, answer: Answer): Promise<void> {
    return print(answer, flags.json);
  }

  override async catch(error: Error): Promise<never> {
    // Told once, by the program.
    throw error;
  }

  override async finally(): Promise<void> {
    this.opened?.close();
  }
}

/** A command that works on files. It takes the flags of all others, so that scripts need no exceptions. */
export abstract class LocalCommand extends Command {
  static override baseFlags = {
    ...commonFlags,
    addr: Flags.custom<string>({ parse: readAddress })({
      description: "Taken as everywhere; this command asks no daemon.",
      env: "BLIXARD_ADDR",
      default: defaultAddress,
      helpGroup: "GLOBAL",
      helpValue: "HOST:PORT",
    }),
    timeout: durationFlag({ description: "How long it may take. [default: as long as it needs]", helpGroup: "GLOBAL" }),
  };

  protected print(flags: CommonFlags, answer: Answer): Promise<void> {
    return print(answer, flags.json);
  }

  override async catch(error: Error): Promise<never> {
    throw error;
  }
}
