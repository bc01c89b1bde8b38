/** The seam for TLS: the one place that makes credentials of grpc-js. Today every connection is in the clear. */

import { ChannelCredentials, ServerCredentials, credentials } from "@grpc/grpc-js";
import { unreachable } from "../assert.ts";

/** How connections are protected, on both sides. */
export type Security = { readonly kind: "insecure" };

export const insecure: Security = { kind: "insecure" };

/** What a server shows and asks of those who connect. */
export function createServerCredentials(security: Security): ServerCredentials {
  switch (security.kind) {
    case "insecure":
      return ServerCredentials.createInsecure();
    default:
      return unreachable(security.kind);
  }
}

/** What a client shows and asks of the server that it dials. */
export function createChannelCredentials(security: Security): ChannelCredentials {
  switch (security.kind) {
    case "insecure":
      return credentials.createInsecure();
    default:
      return unreachable(security.kind);
  }
}
