/** Programs of the measurements as plain JavaScript: what tsx adds to closures would slow them. */

import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Below node_modules, so that packages are found from there. */
const built = join(root, "node_modules/.cache/blixard-bench");

/** Bundles sources, paths from the project's root, for Node, the packages left outside; returns the path of the first's bundle. */
export async function bundleForNode(first: string, ...others: readonly string[]): Promise<string> {
  mkdirSync(built, { recursive: true });
  const entryPoints = [first, ...others].map((path) => join(root, path));
  await build({ entryPoints, outdir: built, bundle: true, platform: "node", format: "esm", packages: "external", target: "node20", entryNames: "[name]", logLevel: "error" });
  cpSync(join(root, "src/trace/trace.schema.json"), join(built, "trace.schema.json"));
  return join(built, basename(first).replace(/\.ts$/, ".js"));
}
