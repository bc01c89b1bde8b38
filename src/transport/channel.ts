/** Channels of grpc-js, set up as measured: quick to fail, quick to come back, no shared state between them. */

import { type ChannelOptions, Client } from "@grpc/grpc-js";
import { dialTarget, parseAddress } from "./address.ts";
import { type Security, createChannelCredentials } from "./credentials.ts";

/** The most bytes of one message, either way; checked before anything is allocated for it. */
export const maxMessageBytes = 4 * 1024 * 1024;
/** The most bytes of what a message carries (a value, a body); the rest is room for what surrounds it. */
export const largestBodyBytes = maxMessageBytes - 64 * 1024;
/** grpc-js knows no connect timeout: a channel that does not get ready within this time is closed and made anew. */
export const connectTimeoutMs = 2000;

/** Limits of both sides, and how often each makes sure of the other. */
const commonOptions: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.keepalive_time_ms": 1000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.enable_channelz": 0,
};

/**
 * A server does not know whether a daemon or a command has called it. On a busy machine a command may be late to say that it is
 * there; and a daemon that called, and finds nobody, calls again.
 */
export const serverOptions: ChannelOptions = { ...commonOptions, "grpc.keepalive_timeout_ms": 3_000 };

const channelOptions: ChannelOptions = {
  ...commonOptions,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
};

/** A daemon notices within 1.5 s that a peer fell silent. */
const peerSilenceMs = 500;
/**
 * A command, which has a deadline anyhow, gives a busy daemon more time: to hang up early leaves it with an outcome that
 * nobody knows.
 */
const daemonSilenceMs = 5_000;

/**
 * Bytes that may be on the way to a client; only its own window can be made large. HTTP/2's 64 KiB would cut a batch of 256
 * writes in two, the second part a round trip later.
 */
const windowBytes = 1024 * 1024;
const bulkWindowBytes = 8 * windowBytes;

/** A channel of its own to `address`. It connects when first used. Throws `UserError` for a malformed address. */
export function openChannel(address: string, security: Security, use: "peer" | "bulk" | "command" = "peer"): Client {
  const target = dialTarget(parseAddress(address));
  const silence = { "grpc.keepalive_timeout_ms": use === "command" ? daemonSilenceMs : peerSilenceMs };
  const window = { "grpc-node.flow_control_window": use === "bulk" ? bulkWindowBytes : windowBytes };
  return new Client(target, createChannelCredentials(security), { ...channelOptions, ...silence, ...window });
}
