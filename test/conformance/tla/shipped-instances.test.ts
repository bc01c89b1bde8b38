/** The instances of spec/ as they are shipped: complete, without a violation, with the counts that spec/README.md tells (row T6). */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runModel } from "../../../src/verify/model-run.ts";

const specDirectory = fileURLToPath(new URL("../../../spec", import.meta.url));

/** Rows of the table: the instance, its bounds, its number of distinct states. */
const told = [...readFileSync(join(specDirectory, "README.md"), "utf8").matchAll(/^\| `(MC\w+)` \| .* \| ([\d,]+) \|$/gm)].map(
  ([, name = "", states = ""]) => ({ name, states: Number(states.replaceAll(",", "")) }),
);

test("every instance has its row", () => {
  const shipped = readdirSync(specDirectory).filter((file) => /^MC\w+\.cfg$/.test(file));
  expect(told.map(({ name }) => `${name}.cfg`).sort()).toEqual(shipped.sort());
});

test.each(told)("$name has $states states, and nothing is wrong in any", async ({ name, states }) => {
  const file = join(specDirectory, `${name}.tla`);
  const result = await runModel({ file, configurationFile: join(specDirectory, `${name}.cfg`), workers: 1 });
  expect(result.violation).toBeUndefined();
  expect(result).toMatchObject({ complete: true, distinct: states });
}, 900_000);
