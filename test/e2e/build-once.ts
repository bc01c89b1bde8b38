/** Builds the program before its tests, unless an installation to be tested is named. */

import { programUnderTest } from "./program.ts";

export default async function setup(): Promise<void> {
  if (process.env["BLIXARD_UNDER_TEST"] !== undefined) return;
  const { build } = (await import(`${programUnderTest}/bin/build.js`)) as { build: () => Promise<void> };
  await build();
}
