import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Nearly all that evaluation makes is garbage at once; what lives for some thousand lines must not be copied for ever. A third of
 * this is one half of the young generation.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

/**
 * Starts a thread that runs the module `name` of this directory. Run from the sources, a thread needs what runs TypeScript
 * before it can load anything of ours.
 */
export function startThread(name: string, workerData: unknown = null): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData, resourceLimits });
  const runner = pathToFileURL(join(dirname(createRequire(import.meta.url).resolve("tsx/package.json")), "dist/esm/api/index.mjs")).href;
  const thread = new URL(`./${name}.ts`, import.meta.url).href;
  return new Worker(`import(${JSON.stringify(runner)}).then(({ register }) => { register(); return import(${JSON.stringify(thread)}); })`, { eval: true, workerData, resourceLimits });
}
