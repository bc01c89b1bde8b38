import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchDaemon, reasonIn } from "../../../src/cli/node-launch.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "blixard-launch-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const launch = (script: string, address = "127.0.0.1:1") =>
  launchDaemon({ command: [process.execPath, "-e", script], dataDir: join(directory, "n1"), address, timeoutMs: 25_000, notify: () => {} });

describe("a daemon in the background", () => {
  test("that ends at once is told with its own error", async () => {
    const error = { code: "PORT_IN_USE", message: "cannot listen", node: null, group: null, leader: null, next: "Give another.", retrySafe: false };
    const script = `console.error("starting"); console.log(JSON.stringify(${JSON.stringify({ error })}, null, 2)); process.exit(6)`;
    await expect(launch(script)).rejects.toMatchObject({ code: "PORT_IN_USE", exit: 6, message: "cannot listen", place: { next: "Give another." } });
  });

  test("that dies without a word is told with its last lines", async () => {
    await expect(launch('console.error("one"); console.error("two"); process.exit(3)')).rejects.toMatchObject({
      code: "FAILED",
      message: "the daemon ended at once:\none\ntwo",
    });
  });

  test("needs a port to be asked at", async () => {
    await expect(launch("", "127.0.0.1:0")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

test("only what was logged since the start is its reason", () => {
  const path = join(directory, "daemon.log");
  const old = '{\n  "error": {\n    "code": "DISK_FULL",\n    "message": "old"\n  }\n}\n';
  writeFileSync(path, `${old}new words\n`);
  expect(reasonIn(path, old.length)).toMatchObject({ code: "FAILED", message: "the daemon ended at once:\nnew words" });
  expect(reasonIn(path, 0)).toMatchObject({ code: "DISK_FULL", message: "old" });
});
