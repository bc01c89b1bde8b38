/**
 * What commands in guests get on stdin. A client sends it piece by piece, beside the stream that tells what the command
 * writes; both carry the id of a session. Of one session a piece or two are held, whatever the command does with them.
 */

import { UserError } from "../errors.ts";
import type { Connection } from "../transport/client.ts";
import type { VmFeedRequest, VmFeedResponse } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import type { GuestInput } from "../vm/guest-agent.ts";

/** A client sends no more at once; the agent takes less. */
const pieceBytes = 64 * 1024;
const agentBytes = 16 * 1024;
/** A command that reads nothing lets its client wait so long for an answer, which then asks again. */
const patienceMs = 4_000;

/** The stdin of one command that runs here. */
export class ExecInput implements GuestInput {
  #held: Buffer = Buffer.alloc(0);
  #received = 0;
  #ended = false;
  #closed = false;
  #wake: (() => void)[] = [];

  /** The next bytes; null: there are no more. */
  async next(): Promise<Buffer | null> {
    while (this.#held.length === 0 && !this.#ended && !this.#closed) await this.#change();
    if (this.#held.length === 0) return null;
    const piece = this.#held.subarray(0, agentBytes);
    this.#held = this.#held.subarray(piece.length);
    this.#told();
    return piece;
  }

  /** Takes what begins at byte `offset`, when there is room; tells how much was taken in all. The same twice is once. */
  async offer(offset: number, data: Buffer, last: boolean): Promise<Init<VmFeedResponse>> {
    if (data.length > pieceBytes) throw new UserError("MESSAGE_TOO_LARGE", `more than ${pieceBytes} bytes of stdin at once`);
    const late = performance.now() + patienceMs;
    while (this.#held.length > 0 && !this.#closed && performance.now() < late) await this.#change(late - performance.now());
    if (offset === this.#received && this.#held.length === 0 && !this.#ended && !this.#closed) {
      this.#held = data;
      this.#received += data.length;
      this.#ended = last;
      this.#told();
    }
    return { received: this.#received, closed: this.#closed, complete: this.#ended };
  }

  /** The command has ended: nobody reads any more. */
  close(): void {
    this.#closed = true;
    this.#held = Buffer.alloc(0);
    this.#told();
  }

  #told(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #change(longestMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const late = (): void => {
        this.#wake = this.#wake.filter((other) => other !== wake);
        resolve();
      };
      const timer = longestMs === undefined ? undefined : setTimeout(late, longestMs);
      this.#wake.push(wake);
    });
  }
}

/** The sessions of this node: commands that run here, and those that run elsewhere and are asked for through it. */
export class ExecInputs {
  readonly #here = new Map<string, ExecInput>();
  readonly #elsewhere = new Map<string, Connection>();

  /** The stdin of a command that runs here, until `done`. */
  async *serve<T>(session: string, run: (input: ExecInput | undefined) => AsyncIterable<T>): AsyncGenerator<T> {
    if (session === "") return yield* run(undefined);
    if (this.#here.has(session)) throw new UserError("ALREADY_EXISTS", "another command has this session for its stdin");
    const input = new ExecInput();
    this.#here.set(session, input);
    try {
      yield* run(input);
    } finally {
      this.#here.delete(session);
      input.close();
    }
  }

  /** What is fed under the session goes to where the command runs. */
  async *relay<T>(session: string, owner: Connection, chunks: AsyncIterable<T>): AsyncGenerator<T> {
    if (session !== "") this.#elsewhere.set(session, owner);
    try {
      yield* chunks;
    } finally {
      this.#elsewhere.delete(session);
    }
  }

  async feed(request: VmFeedRequest): Promise<Init<VmFeedResponse>> {
    const { session, offset, data, last } = request;
    const owner = this.#elsewhere.get(session);
    if (owner !== undefined) return owner.vm.feed(request);
    const input = this.#here.get(session);
    // The command has ended: whoever feeds it learns that from the other stream, too.
    return input === undefined ? { received: 0, closed: true } : input.offer(offset, data, last);
  }
}
