/** Addresses of daemons: `host:port`, where host is IPv4, [IPv6] or a name. */

import { isIPv4, isIPv6 } from "node:net";
import { UserError } from "../errors.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly family: "ipv4" | "ipv6" | "name";
}

const form = /^(?:\[([^\]]*)\]|([^:]*)):(.*)$/;
const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const looksLikeIPv4 = /^[0-9.]+$/;

function refuse(text: string, why: string): never {
  // What was given may be long or hold anything; it is shown short and quoted.
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  throw new UserError("INVALID_ARGUMENT", `${shown} is not an address: ${why}`, {
    next: "Give host:port, for example 127.0.0.1:7001, [::1]:7001 or node1.example.org:7001.",
  });
}

function parsePort(text: string, portText: string, lowestPort: number): number {
  if (!/^[0-9]{1,5}$/.test(portText)) refuse(text, "the port must be a number");
  const port = Number(portText);
  if (port < lowestPort || port > 65535) refuse(text, `the port must be from ${lowestPort} to 65535`);
  return port;
}

function isHostName(host: string): boolean {
  return host.length <= 253 && !looksLikeIPv4.test(host) && host.split(".").every((part) => label.test(part));
}

/**
 * Reads an address; throws `UserError INVALID_ARGUMENT`. `localhost` becomes 127.0.0.1, so that no name is looked up
 * and no second address family is tried. Port 0 ("any that is free") only where one listens: `lowestPort: 0`.
 */
export function parseAddress(text: string, lowestPort: 0 | 1 = 1): Address {
  const match = form.exec(text);
  if (match === null) return refuse(text, "it must have the form host:port");
  const [, bracketed, plain, portText = ""] = match;
  // (Asked only for what has several colons: the first question about IPv6 costs Node 5 ms.)
  if (bracketed === undefined && portText.includes(":") && isIPv6(text)) refuse(text, "an IPv6 address goes in brackets, followed by a port");
  const port = parsePort(text, portText, lowestPort);
  if (bracketed !== undefined) {
    if (!isIPv6(bracketed) || bracketed.includes("%")) refuse(text, "what is in brackets must be an IPv6 address");
    return { host: bracketed, port, family: "ipv6" };
  }
  const host = plain ?? "";
  if (host === "") refuse(text, "the host is missing");
  if (host.toLowerCase() === "localhost") return { host: "127.0.0.1", port, family: "ipv4" };
  if (isIPv4(host)) return { host, port, family: "ipv4" };
  if (!isHostName(host)) refuse(text, "the host must be an IPv4 address, an IPv6 address in brackets or a host name");
  return { host, port, family: "name" };
}

/** `host:port`, as a user writes it. */
export function formatAddress({ host, port, family }: Address): string {
  return family === "ipv6" ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The target that grpc-js dials. Numeric addresses skip its resolver. */
export function dialTarget(address: Address): string {
  const scheme = { ipv4: "ipv4", ipv6: "ipv6", name: "dns" }[address.family];
  return `${scheme}:${formatAddress(address)}`;
}
