/** Ports for daemons. A restarted daemon needs the same port again, so they lie below those that the kernel gives away. */

import { createServer } from "node:net";

const first = 20_000;
const count = 12_000;
let next = (process.pid * 97) % count;

/** An address on loopback at which nobody listens. */
export async function freeAddress(): Promise<string> {
  for (;;) {
    const port = first + (next++ % count);
    if (await isFree(port)) return `127.0.0.1:${port}`;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
