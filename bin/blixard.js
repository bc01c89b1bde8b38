#!/usr/bin/env node
// The command line: one bundle, compiled from V8's code cache where that was made by this version of Node. Both matter
// for the time that a command takes: see bin/build.js.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = join(root, "dist", "blixard.cjs");

function readIfThere(file, encoding) {
  try {
    return readFileSync(file, encoding);
  } catch {
    return undefined;
  }
}

// The build writes ASCII only.
const source = readIfThere(path, "latin1");
if (source === undefined) {
  process.stderr.write("error: blixard is not built\n  next   Run `node bin/setup.js` in its directory.\n  code   FAILED\n");
  process.exit(1);
}
const script = new Script(source, { filename: path, cachedData: readIfThere(`${path}.cache`) });
const module = { exports: {} };
const importModule = (name) => import(new URL(`../dist/${name}`, import.meta.url).href);
script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path), importModule);
process.exit(await module.exports.runProgram(process.argv.slice(2), root));
