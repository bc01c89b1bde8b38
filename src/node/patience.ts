/** A stream whose sender may fall silent. */

import { UserError } from "../errors.ts";

/** Passes everything on; throws `TIMEOUT` when nothing comes for `silenceMs`, and what `signal` was aborted with. */
export async function* withPatience<T>(stream: AsyncIterable<T>, silenceMs: number, signal: AbortSignal): AsyncGenerator<T> {
  const source = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await raced(source.next(), silenceMs, signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that is silent does not answer this either.
    void source.return?.()?.then(undefined, () => undefined);
  }
}

function raced<T>(next: Promise<T>, silenceMs: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      act();
    };
    const timer = setTimeout(settle(() => reject(new UserError("TIMEOUT", `nothing came for ${silenceMs / 1000} s`))), silenceMs);
    const aborted = settle(() => reject(signal.reason as Error));
    signal.addEventListener("abort", aborted);
    next.then((value) => settle(() => resolve(value))(), (error: unknown) => settle(() => reject(error as Error))());
  });
}
