/** Published ports as users write them: `127.0.0.1:8080:80`, `8080:80`, `udp:0.0.0.0:53:53`. */

import type { PublishedPort } from "../machine/records.ts";
import { UserError } from "../errors.ts";

const form = /^(?:(tcp|udp):)?(?:(\d{1,3}(?:\.\d{1,3}){3}):)?(\d{1,5}):(\d{1,5})$/;

/** Without an address it is 127.0.0.1: what others can reach is said aloud. Throws `UserError INVALID_ARGUMENT`. */
export function parsePublishedPort(text: string): PublishedPort {
  const [, protocol = "tcp", address = "127.0.0.1", port = "", guestPort = ""] = form.exec(text) ?? [];
  const isPort = (it: string): boolean => Number(it) >= 1 && Number(it) <= 65_535;
  if (!isPort(port) || !isPort(guestPort) || address.split(".").some((part) => Number(part) > 255)) {
    throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} does not say which port to publish`, {
      next: "Write [udp:][ADDRESS:]PORT:GUEST-PORT, for example 127.0.0.1:8080:80.",
    });
  }
  return { protocol: protocol === "udp" ? "udp" : "tcp", address, port: Number(port), guestPort: Number(guestPort) };
}

/** `127.0.0.1:8080:80`. */
export function formatPublishedPort({ protocol, address, port, guestPort }: PublishedPort): string {
  return `${protocol === "udp" ? "udp:" : ""}${address}:${port}:${guestPort}`;
}
