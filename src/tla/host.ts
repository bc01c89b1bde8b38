import type { Value } from "./value-kinds.ts";

/** What the outside world may lend to a specification; each is optional, and without it the operator is refused. */
export interface Host {
  /** `ndJsonDeserialize(file)`: the lines of a file as a sequence of values. */
  readonly ndJsonDeserialize?: (file: string) => Value;
  /** `JsonDeserialize(file)`. */
  readonly jsonDeserialize?: (file: string) => Value;
  /** `IOEnv`: a record of strings. */
  readonly environment?: Value;
  /** `TLCGet(name)`, for "level", "config" and the like. */
  readonly tlcGet?: (key: Value) => Value | undefined;
  /** `Print` and `PrintT`. */
  readonly print?: (text: string) => void;
}
