#!/usr/bin/env node
// Installs what is missing and builds what is stale; a second run does nothing. Needs only Node and npm.
//
// npm 12 skips install scripts and exits 0 all the same, so what counts is whether sqlite3 can be loaded.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError, build, failBuild, runQuietly, step } from "./build.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
const stamp = join(root, "node_modules", ".blixard-lock");

function npm(...args) {
  // Under `npm start` the same npm that runs us; else that of the path.
  const own = process.env.npm_execpath;
  if (own?.endsWith("npm-cli.js")) runQuietly(process.execPath, [own, ...args]);
  else runQuietly(process.platform === "win32" ? "npm.cmd" : "npm", args);
}

function lockHash() {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

/** The lock file that was installed is this one: by its hash, or by its age where npm was run by hand. */
function isInstalled() {
  if (!existsSync(installed)) return false;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash()) return true;
  return statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

function sqliteLoads() {
  try {
    createRequire(join(root, "package.json"))("sqlite3");
    return true;
  } catch {
    return false;
  }
}

async function ensureSqlite() {
  if (sqliteLoads()) return;
  await step("compile sqlite3 (about a minute)", () => npm("rebuild", "sqlite3", "--foreground-scripts"));
  if (sqliteLoads()) return;
  await step("compile sqlite3, scripts allowed", () => npm("rebuild", "sqlite3", "--allow-scripts=sqlite3"));
  if (sqliteLoads()) return;
  throw new BuildError("sqlite3 has no binary for this machine, and compiling one failed.\n  next   Install a C++ compiler, make and Python 3 (Debian: apt install build-essential python3), then `npm rebuild sqlite3`.");
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new BuildError(`Node ${process.versions.node} is too old: blixard needs 20.19 or newer.`);
}

async function setup() {
  checkNode();
  if (!isInstalled()) await step("install packages (a minute or two)", () => npm("ci", "--include=dev", "--no-audit", "--no-fund"));
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lockHash()) writeFileSync(stamp, lockHash());
  await ensureSqlite();
  await build();
}

await setup().catch(failBuild);
