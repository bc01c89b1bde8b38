/** Networks of VMs as users write them: `user`, `bridge=br0`, `bridge=br0,address=10.0.0.5/24,gateway=10.0.0.1`. */

import { UserError } from "../errors.ts";
import type { VmNetwork } from "../machine/records.ts";

const words = new Set(["bridge", "address", "gateway"]);

/** Null: the network that is QEMU's own. Throws `UserError INVALID_ARGUMENT`; the daemon checks what stands behind each `=`. */
export function parseNetwork(text: string): VmNetwork | null {
  if (text === "user") return null;
  const fields = new Map(text.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const));
  const { bridge, address, gateway } = Object.fromEntries(fields) as Partial<Record<"bridge" | "address" | "gateway", string>>;
  const isWhole = [...fields].every(([word, value]) => words.has(word) && value !== "") && fields.size === text.split(",").length;
  if (isWhole && bridge !== undefined) return { bridge, ...(address === undefined ? {} : { address }), ...(gateway === undefined ? {} : { gateway }) };
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} names no network`, {
    next: "Write user, or bridge=NAME[,address=ADDRESS/BITS][,gateway=ADDRESS].",
  });
}
