/** `image pull`: follows the content on its way to a node. */

import { UserError } from "../errors.ts";
import type { ImageProgress } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { Progress, shareDone } from "./progress.ts";

/** Resolves to the last message: all of it is there and whole. */
export async function pullImage(daemon: DaemonSession, name: string, node: string, progress = new Progress()): Promise<ImageProgress> {
  for await (const told of daemon.stream((asked) => asked.image.pull({ name, node }))) {
    if (told.done) {
      progress.end();
      return told;
    }
    progress.show(`fetching ${told.part} of ${name} from ${told.from}`, shareDone(told.bytes, told.total));
  }
  progress.end();
  throw new UserError("OUTCOME_UNKNOWN", `the daemon ended the stream before image ${name} was there`, { next: "Give the command again; it goes on where it was." });
}
