/** Which outputs of a replica leave its node. */

import type { Output } from "../replica/replica.ts";

/** What the world or a client gets to see; the rest is between the parts of the node. */
export type Leaving = Exclude<Output, { readonly kind: "removed" | "role" | "configuration" }>;

export function leaves(output: Output): output is Leaving {
  return output.kind !== "removed" && output.kind !== "role" && output.kind !== "configuration";
}
