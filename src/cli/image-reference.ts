/** Images as users name them: `web`, or `web@sha256:…` for the content that it must have. */

import { UserError } from "../errors.ts";
import { parseName } from "./name.ts";

export interface ImageReference {
  readonly image: string;
  /** Empty: whatever the name stands for. */
  readonly imageDigest: string;
}

/** Throws `UserError INVALID_ARGUMENT`. */
export function parseImage(text: string): ImageReference {
  const at = text.indexOf("@");
  if (at < 0) return { image: parseName(text, "image"), imageDigest: "" };
  const [, imageDigest] = /^sha256:([0-9a-f]{64})$/.exec(text.slice(at + 1)) ?? [];
  if (imageDigest !== undefined) return { image: parseName(text.slice(0, at), "image"), imageDigest };
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 120))} names no content of an image`, { next: "Write NAME@sha256: and 64 hexadecimal digits, as `blixard image inspect NAME` shows them." });
}
