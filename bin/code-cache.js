// Writes V8's code cache of the bundle. It holds what was compiled when it is made, so a command is run first, against a
// server that answers every request with an empty message.
import { writeFileSync, readFileSync } from "node:fs";
import http2 from "node:http2";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script, constants } from "node:vm";

const [path, root] = process.argv.slice(2);
const server = http2.createServer();
server.on("stream", (stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.alloc(5));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const script = new Script(readFileSync(path, "latin1"), { filename: path, importModuleDynamically });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
const addr = `127.0.0.1:${server.address().port}`;
const commands = [
  ["vm", "list", "--addr", addr],
  ["vm", "list", "--addr", addr, "--json"],
  ["vm", "create", "web", "--addr", addr, "--cpus", "2", "--memory", "512MiB"],
  ["kv", "get", "/key", "--addr", addr],
  ["cluster", "status", "--addr", addr],
];
for (const command of commands) await module.exports.runProgram(command, root);
writeFileSync(`${path}.cache`, script.createCachedData());
process.exit(0);
