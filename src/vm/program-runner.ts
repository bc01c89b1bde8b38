// Runs the program of a service or a task, and leaves a file that says how it ended, so that the truth outlives the daemon:
// only a parent is told of an exit code.
//
// A bare `node --input-type=module -` reads it on stdin, in the run directory, from the sources and from the build alike.
// So this file is plain JavaScript: no type annotations (defaults give the types), no imports but those of Node.
//
//     node --input-type=module - -uuid UUID -name NAME
//
// It reads `program.json`, and writes `up` when the program runs and has lasted for `calmMs`. The program gets its place
// in the session and group of this process; what it has started ends with it.

import { spawn } from "node:child_process";
import { openSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const { argv = [""], environment = {}, cwd = ".", calmMs = 0 } = JSON.parse(readFileSync("program.json", "utf8"));
const [file, ...rest] = argv;
const output = openSync("console.log", "a", 0o600);

function put(name = "", text = "") {
  writeFileSync(`${name}.new`, text, { mode: 0o600 });
  renameSync(`${name}.new`, name);
}

/** Tells how it ended; then the whole group goes, this process too. */
function end(code = 0, signal = "") {
  try {
    put("guest-exit.json", `${JSON.stringify({ shutdown: "exited", code: signal === "" ? code : null, signal: signal === "" ? null : signal })}\n`);
  } catch {
    process.exit(code); // a full disk: the exit code says nearly as much
  }
  process.kill(-process.pid, "SIGKILL");
}

let told = false;
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    // To the group, once: it comes back to this process as well.
    if (!told) process.kill(-process.pid, signal);
    told = true;
    setTimeout(() => (told = false), 100).unref();
  });
}

// By its directory and this process it is found again whatever it does to its group: see `endStragglers`, and the
// watchdog, which must not take the next run of the same directory for this one.
const env = { ...process.env, ...environment, BLIXARD_RUN: process.cwd(), BLIXARD_RUNNER: String(process.pid) };
const child = spawn(file, rest, { cwd, env, stdio: ["ignore", output, output] });
child.on("spawn", () => setTimeout(() => put("up", `${child.pid}\n`), calmMs));
child.on("error", (error) => {
  writeFileSync(output, `${error.message}\n`);
  end(127);
});
child.on("exit", (code, signal) => end(code ?? 0, signal ?? ""));
