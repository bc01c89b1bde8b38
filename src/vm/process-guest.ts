// The guest of the process driver: a child that obeys the guest contract. It says on its console when it is ready,
// ticks, shuts down on SIGTERM, and leaves a file that says how it ended, so that the truth outlives the daemon.
//
// A bare `node --input-type=module -` reads it on stdin, from the sources and from the build alike. So this file is
// plain JavaScript: no type annotations (defaults give the types), no imports but those of Node.
//
//     node --input-type=module - -uuid UUID -name NAME [blixard.test=WORD[:SECONDS]]...

import { spawn } from "node:child_process";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";

const name = process.argv[process.argv.indexOf("-name") + 1];

function say(text = "") {
  appendFileSync("console.log", `blixard-guest: ${text}\n`, { mode: 0o600 });
}

function end(shutdown = "", signal = "", code = 0) {
  writeFileSync("guest-exit.json.new", `${JSON.stringify({ shutdown, signal })}\n`, { mode: 0o600 });
  renameSync("guest-exit.json.new", "guest-exit.json");
  process.exit(code);
}

function panic() {
  say("panic");
  end("guest-panic", "", 1);
}

// What tests want of a guest. Seconds count from the ready line.
let ignoresStop = false;
let silent = false;
for (const argument of process.argv.slice(2)) {
  const [word, seconds] = argument.replace(/^blixard\.test=/, "").split(":");
  if (word === "ignore-stop") ignoresStop = true;
  if (word === "never-ready") silent = true;
  if (word === "poweroff-after") setTimeout(() => end("guest-shutdown"), Number(seconds) * 1000);
  if (word === "panic-after") setTimeout(panic, Number(seconds) * 1000);
}

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    if (ignoresStop) return say(`ignores ${signal}`);
    say(`shutdown by ${signal}`);
    end("host-signal", signal);
  });
}

// The agent; the lines are described in guest-agent.ts. It isolates nothing: the command runs on the host.
const commands = new Map();

function handle(socket = new Socket(), line = "") {
  const [id = "", verb, ...words] = line.split(" ");
  const tell = (text = "") => void socket.write(`${id} ${text}\n`);
  if (verb === "hello") tell("hello");
  if (verb === "kill") {
    const pid = commands.get(id)?.pid;
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }
  if (verb === "i" || verb === "z") {
    const stdin = commands.get(id)?.stdin;
    if (verb === "z") stdin?.end();
    else stdin?.write(Buffer.from(words[0] ?? "", "base64"), (error = undefined) => error ?? tell("a"));
  }
  if (verb !== "run" && verb !== "pipe") return;
  const [program = "", ...rest] = words.map((word) => Buffer.from(word.slice(1), "base64").toString());
  const child = spawn(program, rest, { stdio: [verb === "pipe" ? "pipe" : "ignore", "pipe", "pipe"], detached: true });
  commands.set(id, child);
  child.stdin?.on("error", () => {}); // it does not read: the client learns that from its end
  if (verb === "pipe") tell("a");
  child.stdout?.on("data", (data = Buffer.alloc(0)) => tell(`o ${data.toString("base64")}`));
  child.stderr?.on("data", (data = Buffer.alloc(0)) => tell(`e ${data.toString("base64")}`));
  child.on("error", (error) => {
    tell(`e ${Buffer.from(`${error.message}\n`).toString("base64")}`);
    tell("x 127");
  });
  child.on("close", (code, signal) => {
    commands.delete(id);
    if (child.pid !== undefined) tell(`x ${code ?? 128 + constants.signals[signal ?? "SIGKILL"]}`);
  });
}

process.on("exit", () => {
  for (const { pid } of commands.values()) if (pid !== undefined) process.kill(-pid, "SIGKILL");
});

createServer((socket) => {
  createInterface({ input: socket }).on("line", (line) => handle(socket, line));
  socket.on("error", () => {});
}).listen("agent.sock");

let tick = 0;
setInterval(() => say(`tick ${(tick += 10)}`), 10_000);
if (!silent) say(`ready uptime=${process.uptime().toFixed(2)} host=${name} node=${process.version}`);
