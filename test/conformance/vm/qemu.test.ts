import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { qemuDriver } from "../../../src/vm/qemu-driver.ts";
import { describeDriverContract } from "./driver-contract.ts";

const cacheDirectory = mkdtempSync(join(tmpdir(), "blixard-probe-"));
const probe = await qemuDriver({ cacheDirectory }).probe();
rmSync(cacheDirectory, { recursive: true });

if (probe.available) {
  describeDriverContract("qemu");
} else {
  console.warn(`skipped, the qemu driver: ${probe.reason}`);
  describe("the qemu driver", () => {
    test.skipIf(true)(`not available: ${probe.reason}`, () => undefined);
  });
}
