// The watchdog of one VM: ends the VM when its lease has run out, whatever the daemon does or does not do. A stopped
// daemon cannot kill, and a stopped QEMU cannot obey; this process needs neither of them.
//
// A bare `node --input-type=module -` reads it on stdin, in the run directory, from the sources and from the build
// alike. So this file is plain JavaScript: no type annotations (defaults give the types), no imports but those of Node.
//
//     node --input-type=module - --watches UUID --until MS --for PID STARTTIME
//
// It reads `lease` (until when, by the clock of /proc/uptime, written twice so that half a write is no lease) and
// `identity.json` (which process). It writes `fenced.json` before it kills. It ends when the VM has.

import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const lookMs = 100;
const uuid = process.argv[process.argv.indexOf("--watches") + 1] ?? "";
const [daemonPid = "", daemonStart = ""] = process.argv.slice(process.argv.indexOf("--for") + 1);

let untilMs = Number(process.argv[process.argv.indexOf("--until") + 1]);
let pid = 0;
let startTime = "";

function sinceBootMs() {
  return Number(readFileSync("/proc/uptime", "latin1").split(" ", 1)[0]) * 1000;
}

/** State and start time: fields 3 and 22 of /proc/PID/stat; the second may hold anything, hence the last `)`. */
function look(of = "") {
  try {
    const stat = readFileSync(`/proc/${of}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

// Files are read beside the clock: a disk that hangs must not keep the VM alive.
async function readLease() {
  const [once, twice] = (await readFile("lease", "latin1")).trim().split(" ");
  if (once !== undefined && once === twice && /^\d+$/.test(once)) untilMs = Number(once);
}

async function readIdentity() {
  const it = JSON.parse(await readFile("identity.json", "utf8"));
  if (it.uuid !== uuid || !(it.pid > 1) || typeof it.startTime !== "string") return;
  pid = it.pid;
  startTime = it.startTime;
}

/** The daemon died between the spawn and the identity: the command line still tells. Throws when /proc cannot be read. */
function search() {
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const argv = readFileSync(`/proc/${entry}/cmdline`, "latin1").split("\0");
      const at = argv.indexOf("-uuid");
      const claims = at < 0 ? leads(entry) && carries(entry) : argv[at + 1] === uuid;
      if (!claims || look(entry) === "") continue;
      if (readlinkSync(`/proc/${entry}/cwd`) !== process.cwd()) continue; // another node's, on the same machine
      startTime = look(entry);
      pid = Number(entry);
      return;
    } catch {
      // it ended meanwhile
    }
  }
}

/** A runner's process carries the uuid in its environment, and leads its group; its children only inherit it. */
function carries(of = "") {
  return readFileSync(`/proc/${of}/environ`, "latin1").split("\0").includes(`BLIXARD_VM_UUID=${uuid}`);
}

function leads(of = "") {
  const stat = readFileSync(`/proc/${of}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2] === of;
}

async function within(ms = 0, work = async () => {}) {
  await Promise.race([work().catch(() => undefined), delay(ms)]);
}

/** A process that stands for the VM: alive, and the one that was written down. */
function lives() {
  return pid !== 0 && look(String(pid)) === startTime;
}

async function fence() {
  const atMs = Math.round(sinceBootMs());
  await within(lookMs, () => writeFile("fenced.json", `${JSON.stringify({ pid, untilMs, atMs })}\n`, { mode: 0o600 }));
  while (lives()) {
    try {
      process.kill(leads(String(pid)) ? -pid : pid, "SIGKILL"); // what it has started goes with it; stopped ones too
    } catch {
      // gone, or not ours to kill: looked at again
    }
    await delay(20);
  }
}

/**
 * What a program has put into a session of its own bears the marks of its run directory and of its runner: it ends too. By
 * the directory alone it would be that of the next run, which may have begun.
 */
async function sweep() {
  const marks = [`BLIXARD_RUN=${process.cwd()}`, `BLIXARD_RUNNER=${pid}`];
  for (let found = true; found; await delay(20)) {
    found = false;
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const environment = readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
        if (!marks.every((mark) => environment.includes(mark)) || look(entry) === "") continue;
        process.kill(Number(entry), "SIGKILL");
        found = true;
      } catch {
        // it ended meanwhile, or is not ours
      }
    }
  }
}

try {
  setPriority(-10); // on a busy machine, before the VMs; only root may
} catch {
  // then as everybody
}

for (;;) {
  await within(lookMs, readLease);
  if (pid === 0) await within(lookMs, readIdentity);
  if (pid !== 0 && !lives()) {
    await sweep();
    process.exit(0);
  }
  if (pid === 0 && look(daemonPid) !== daemonStart) {
    // Nobody will write down a process any more.
    await within(lookMs, readIdentity);
    // One that becomes another program shows no words for an instant: not found at once is not yet not there.
    for (let turn = 0; pid === 0 && turn < 5; turn++) {
      search();
      if (pid === 0) await delay(20);
    }
    if (pid === 0) process.exit(0);
  }
  if (pid !== 0 && sinceBootMs() >= untilMs) {
    await within(lookMs, readLease); // the latest word counts
    if (sinceBootMs() >= untilMs) await fence();
  } else await delay(Math.max(1, Math.min(lookMs, untilMs - sinceBootMs())));
}
