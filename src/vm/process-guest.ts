// The guest of the process driver: a child that obeys the guest contract. It says on its console when it is ready,
// ticks, shuts down on SIGTERM, and leaves a file that says how it ended, so that the truth outlives the daemon.
//
// A bare `node --input-type=module -` reads it on stdin, from the sources and from the build alike. So this file is
// plain JavaScript: no type annotations (defaults give the types), no imports but those of Node.
//
//     node --input-type=module - -uuid UUID -name NAME [blixard.test=WORD[:SECONDS]]...

import { appendFileSync, renameSync, writeFileSync } from "node:fs";

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

let tick = 0;
setInterval(() => say(`tick ${(tick += 10)}`), 10_000);
if (!silent) say(`ready uptime=${process.uptime().toFixed(2)} host=${name} node=${process.version}`);
