/**
 * Carries connections between hosts with a delay, since the kernel at hand has no `tc netem`: one port for each ordered
 * pair of hosts. Argument: the number of hosts. Its parent ends it by closing its standard input.
 */

import { type Socket, connect, createServer } from "node:net";

import { daemonPort, proxyListen, proxyPort, proxyTarget } from "./hosts.ts";

const hosts = Number(process.argv[2]);
const delayMs = 60;
const jitterMs = 60;

/** Passes on what `from` says, late, in order. */
function carry(from: Socket, to: Socket): void {
  let freeAt = 0;
  from.on("data", (bytes) => {
    // Chance without a seed: what the network does is no more repeatable than what the kernel's scheduler does.
    freeAt = Math.max(freeAt, performance.now() + delayMs + Math.random() * jitterMs);
    setTimeout(() => to.writable && to.write(bytes), freeAt - performance.now());
  });
  from.on("close", () => setTimeout(() => to.destroy(), delayMs + jitterMs));
  from.on("error", () => from.destroy());
}

for (let from = 0; from < hosts; from += 1) {
  for (let to = 0; to < hosts; to += 1) {
    if (from === to) continue;
    const server = createServer((near) => {
      const far = connect(daemonPort, proxyTarget(to));
      carry(near, far);
      carry(far, near);
    });
    server.listen(proxyPort(from, to), proxyListen);
  }
}
process.stdin.resume().on("end", () => process.exit(0));
