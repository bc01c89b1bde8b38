#!/usr/bin/env node
// Builds dist/ when a source is newer: the modules by tsc, the command line as one bundle, V8's code cache for it.
//
// Why a bundle: `vm list` needs 300 modules of grpc-js and oclif. Finding, reading and compiling them one by one takes
// longer than all else that the command does.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const next = join(root, "dist.next");
const lock = join(root, "node_modules", ".blixard-build");
const inputs = ["src", "bin/build.js", "bin/code-cache.js", "package.json", "tsconfig.json", "tsconfig.build.json", "node_modules/.package-lock.json"];

/** Says what it does, and how long that took. */
export async function step(what, work) {
  const start = performance.now();
  process.stdout.write(`${what.padEnd(42, " ")} `);
  try {
    const result = await work();
    process.stdout.write(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write("failed\n");
    throw error;
  }
}

/** Runs a program quietly; what it said is told when it fails. */
export function runQuietly(program, args, environment = process.env) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8", env: environment, maxBuffer: 64 * 1024 * 1024 });
  if (error !== undefined) throw new BuildError(`${program} cannot be run: ${error.message}`);
  if (status !== 0) throw new BuildError(`${[program, ...args].join(" ")} failed:\n${`${stdout}\n${stderr}`.trim().split("\n").slice(-60).join("\n")}`);
}

/** A failure whose stack says nothing. */
export class BuildError extends Error {}

/** Builds if anything changed since the last build. One process builds, others wait for it. */
export async function build() {
  if (isFresh()) return;
  if (!existsSync(join(root, "node_modules"))) throw new BuildError("the packages are not installed: run `node bin/setup.js`.");
  await withLock(async () => {
    if (isFresh()) return;
    try {
      await make();
    } finally {
      rmSync(next, { recursive: true, force: true });
    }
  });
}

/** Makes it beside the old one, which serves until the new one is whole. */
async function make() {
  const began = new Date();
  rmSync(next, { recursive: true, force: true });
  // Types are checked by `npm run types`; who installs need not wait for that.
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--outDir", next, "--noCheck"];
  await step("compile", () => runQuietly(process.execPath, tsc));
  copyAssets(join(root, "src"), next);
  await step("bundle the command line", bundle);
  await step("warm its code cache", () => runQuietly(process.execPath, [join(root, "bin/code-cache.js"), join(next, "blixard.cjs"), join(dist, "blixard.cjs"), root]));
  writeFileSync(join(next, ".built"), `${began.toISOString()} ${process.version}\n`);
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}

function isFresh() {
  const stamp = join(dist, ".built");
  if (!existsSync(stamp)) return false;
  const [time = "", version] = readFileSync(stamp, "utf8").trim().split(" ");
  const built = Date.parse(time);
  // A code cache serves the version of Node that made it.
  return version === process.version && !inputs.some((input) => newerThan(join(root, input), built));
}

function newerThan(path, time) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  // The time of a directory tells of files that were added or removed.
  if (stat.mtimeMs > time) return true;
  return stat.isDirectory() && readdirSync(path).some((name) => newerThan(join(path, name), time));
}

function copyAssets(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || /\.(json|proto)$/.test(path),
  });
}

async function bundle() {
  const { build: esbuild } = await import("esbuild");
  await esbuild({
    entryPoints: [join(root, "src/commands/program.ts")],
    outfile: join(next, "blixard.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    charset: "ascii",
    // Names and lines stay: the stack of a bug must be readable.
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    define: { "import.meta.url": "__url" },
    banner: { js: '(function (exports, require, module, __filename, __dirname, __import) {const __url = require("node:url").pathToFileURL(__filename).href;' },
    footer: { js: "})" },
    plugins: [outside],
  });
}

const outside = {
  name: "rooms outside",
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, leaveOutside);
    builder.onLoad({ filter: /.*/, namespace: "outside" }, importLater);
  },
};

/** What a command loads when it runs (the daemon, the verifier) stays a module of its own; the registry's commands do not. */
function leaveOutside({ kind, path, importer, resolveDir }) {
  if (kind !== "dynamic-import" || importer.endsWith("/src/commands/registry.ts") || importer.includes("/node_modules/")) return undefined;
  return { path: relative(join(root, "src"), resolve(resolveDir, path)).replace(/\.ts$/, ".js"), namespace: "outside" };
}

/** A script that comes from the code cache cannot import, so its entry does. A namespace with `then` is awaited. */
function importLater({ path }) {
  return { contents: `export const then = (resolve, reject) => __import(${JSON.stringify(path)}).then(resolve, reject);` };
}

async function withLock(work) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isAlive(readHolder())) rmSync(lock, { recursive: true, force: true });
      else await new Promise((done) => setTimeout(done, 100));
    }
  }
  try {
    writeFileSync(join(lock, "pid"), String(process.pid));
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** The process that builds; one that has just made the lock may not have written its number yet. */
function readHolder() {
  try {
    return Number(readFileSync(join(lock, "pid"), "utf8"));
  } catch {
    const stat = statSync(lock, { throwIfNoEntry: false });
    return stat !== undefined && Date.now() - stat.mtimeMs < 5000 ? process.pid : 0;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Ends the process with what went wrong. */
export function failBuild(error) {
  process.stderr.write(`error: ${error instanceof BuildError ? error.message : error.stack}\n`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build().catch(failBuild);
