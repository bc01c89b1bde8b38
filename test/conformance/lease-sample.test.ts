import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyTraces } from "../../src/verify/check.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";

// Two workers with leases; the one that runs a VM is stopped by SIGSTOP until the VM runs on the other, then goes on.
test("the run of real daemons from which the lies about leases are made is accepted", { timeout: 300_000 }, async () => {
  const verdict = await verifyTraces({ paths: [join(import.meta.dirname, "samples/worker-paused")], specDirectory: ownSpecDirectory() });
  expect(verdict).toMatchObject({ kind: "accepted", warnings: [] });
});
