/** The server's end of a stream of answers: no faster than the reader takes them, and not for ever. */

import type { ServerWritableStream } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";

export interface StreamParts<Message> {
  readonly messages: AsyncIterable<Message>;
  /** How long the reader may leave a message untaken, while all that it could take before waits. */
  readonly patienceMs: number;
  /** Registers what ends the stream when the daemon stops; returns what takes it off the list. */
  readonly register: (end: (error: unknown) => void) => () => void;
  /** Ends the call with an error. */
  readonly fail: (error: unknown) => void;
}

/**
 * Writes messages until they end. What waits for the reader is what gRPC holds for one stream; the next message is not
 * even made before that was taken. A reader that takes nothing for too long is cut off, with an error that says so.
 */
export async function serveStream<Message>(call: ServerWritableStream<Buffer, Message>, parts: StreamParts<Message>): Promise<void> {
  let over = false;
  const fail = (error: unknown): void => {
    if (over || call.cancelled) return;
    over = true;
    parts.fail(error);
  };
  const forget = parts.register(fail);
  try {
    for await (const message of parts.messages) {
      if (over || call.cancelled) return;
      if (!call.write(message) && !(await taken(call, parts.patienceMs))) throw tooSlow(parts.patienceMs);
    }
    if (!over) call.end();
  } catch (error) {
    fail(error);
  } finally {
    over = true;
    forget();
  }
}

/** True when there is room again, or nobody to wait for; false when it took too long. */
function taken(call: ServerWritableStream<Buffer, unknown>, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (value: boolean) => (): void => {
      clearTimeout(timer);
      call.off("drain", yes).off("close", yes).off("cancelled", yes);
      resolve(value);
    };
    const yes = settle(true);
    const timer = Number.isFinite(patienceMs) ? setTimeout(settle(false), patienceMs) : undefined;
    call.on("drain", yes).on("close", yes).on("cancelled", yes);
  });
}

function tooSlow(patienceMs: number): UserError {
  return new UserError("SLOW_READER", `the reader took nothing for ${patienceMs / 1000} s and was cut off`, {
    next: "Read on from the index of the last message that came, with --since.",
  });
}
