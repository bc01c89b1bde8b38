#!/usr/bin/env node
// The command line from its sources, for those who work on it: nothing needs to be built.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

register();
const { runProgram } = await import("../src/commands/program.ts");
process.exit(await runProgram(process.argv.slice(2), dirname(dirname(fileURLToPath(import.meta.url)))));
