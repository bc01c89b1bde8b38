/** `vm exec -i`: what this command gets on stdin goes to the one in the guest, a piece at a time. */

import type { Readable } from "node:stream";
import type { DaemonSession } from "./daemon-session.ts";

const pieceBytes = 32 * 1024;

/** Sends all of `input` and its end; resolves early when the command has ended. Never more than a piece is under way. */
export async function feedInput(daemon: DaemonSession, session: string, input: Readable): Promise<void> {
  let offset = 0;
  const send = async (data: Buffer, last: boolean): Promise<boolean> => {
    const end = offset + data.length;
    for (let taken = false; !taken; ) {
      const from = offset;
      const rest = data.subarray(data.length - (end - offset));
      const { received, closed, complete } = await daemon.piece((asked, options) => asked.vm.feed({ session, offset: from, data: rest, last }, options));
      if (closed) return false;
      offset = Math.max(offset, received);
      taken = last ? complete : offset === end;
    }
    return true;
  };
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Uint8Array);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      if (!(await send(bytes.subarray(at, at + pieceBytes), false))) return;
    }
  }
  await send(Buffer.alloc(0), true);
}
