// Writes V8's code cache of the bundle. It holds what was compiled when it is made, so a command is run first, against a
// server that answers every request with an empty message.
import { writeFileSync, readFileSync } from "node:fs";
import http2 from "node:http2";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";

// The cache remembers under which name the bundle was compiled: the one that it will have.
const [path, filename, root] = process.argv.slice(2);
const server = http2.createServer();
server.on("stream", (stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.alloc(5));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const script = new Script(readFileSync(path, "latin1"), { filename });
const module = { exports: {} };
const noImport = () => Promise.reject(new Error("nothing is imported here"));
script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path), noImport);
const addr = `127.0.0.1:${server.address().port}`;
const commands = [
  ["vm", "list", "--addr", addr],
  ["vm", "list", "--addr", addr, "--json"],
  ["vm", "create", "web", "--addr", addr, "--cpus", "2", "--memory", "512MiB"],
  ["kv", "get", "/key", "--addr", addr],
  ["cluster", "status", "--addr", addr],
];
for (const command of commands) {
  const exit = await module.exports.runProgram(command, root);
  // 3: the server knows no key.
  if (exit !== 0 && exit !== 3) throw new Error(`the bundle does not work: ${command.join(" ")} exits ${exit}`);
}
writeFileSync(`${path}.cache`, script.createCachedData());
process.exit(0);
