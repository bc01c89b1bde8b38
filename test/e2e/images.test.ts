/** Images by the hash of their content: imported, fetched from node to node, booted, damaged, removed (rows V1, O1). */

import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { expectRefusal, succeeded } from "./program.ts";
import { missingForQemu } from "./qemu-here.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;
const bootMs = 180_000;
const reason = missingForQemu();

const hashOf = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const blobOf = (node: TestNode, content: Buffer): string => join(node.dataDir, "images/blobs", hashOf(content));
const blobsOf = (node: TestNode): readonly string[] => (existsSync(join(node.dataDir, "images/blobs")) ? readdirSync(join(node.dataDir, "images/blobs")).sort() : []);

function turnBit(path: string): void {
  const content = readFileSync(path);
  content[content.length >> 1]! ^= 1;
  writeFileSync(path, content);
}

function write(name: string, content: Buffer): string {
  const path = join(run.directory, name);
  writeFileSync(path, content);
  return path;
}

beforeAll(async () => {
  cluster = await run.cluster(2, patientLeases);
  await cluster.work();
});

test("what is imported at one node is fetched by another, checked, mended, and removed everywhere", async () => {
  const [n1, n2] = cluster.nodes as [TestNode, TestNode];
  const [kernel, initrd, disk] = [randomBytes(3_000_000), randomBytes(10), randomBytes(700_000)];
  const files = [write("kernel", kernel), write("initrd", initrd), write("disk", disk)];
  const all = [kernel, initrd, disk].map(hashOf).sort();

  const imported = succeeded(await n1.cli(["image", "import", ...files, "--name", "data", "--cmdline", "a b", "--memory", "256", "--json"]));
  expect(imported.stderr).toMatch(/sending kernel .*: all of 2.9 MiB is there/);
  expect(blobsOf(n1)).toEqual(all);
  expect(statSync(blobOf(n1, kernel)).mode & 0o777).toBe(0o600);
  expect(await n1.json(["image", "import", ...files, "--name", "data", "--cmdline", "a b", "--memory", "256"])).toMatchObject({ changed: false });
  expectRefusal(await n1.cli(["image", "import", ...files, "--name", "data"]), 6, "ALREADY_EXISTS", /other content/);
  expectRefusal(await n1.cli(["image", "import", ...files, "--name", "default"]), 6, "ALREADY_EXISTS", /built in/);
  expectRefusal(await n1.cli(["image", "import", write("empty", Buffer.alloc(0)), files[1]!, "--name", "x"]), 2, "INVALID_ARGUMENT", /empty/);
  const inspected = await n2.json(["image", "inspect", "data", "--consistent"]);
  expect(inspected).toMatchObject({ digest: imported.json.digest, bytes: 3_700_010, holders: [{ name: "n1" }], manifest: { cmdline: "a b", memoryMib: 256 } });

  expect(await n1.json(["image", "pull", "data", "--node", "n2"])).toMatchObject({ digest: imported.json.digest, nodeId: n2.id });
  expect(blobsOf(n2)).toEqual(all);
  expect((await n1.json(["image", "list", "--consistent"])).images).toMatchObject([{ name: "default", builtIn: true }, { name: "data", holders: expect.arrayContaining([{ id: n1.id, name: "n1" }, { id: n2.id, name: "n2" }]) }]);

  turnBit(blobOf(n2, kernel));
  rmSync(blobOf(n2, disk));
  await n1.json(["image", "pull", "data", "--node", "n2"]);
  expect(readFileSync(blobOf(n2, kernel)).equals(kernel)).toBe(true);
  expect(readFileSync(blobOf(n2, disk)).equals(disk)).toBe(true);

  turnBit(blobOf(n1, kernel));
  turnBit(blobOf(n2, kernel));
  expectRefusal(await n2.cli(["image", "pull", "data"]), 1, "IMAGE_DAMAGED", new RegExp(`kernel of the image data \\(sha256:${hashOf(kernel)}\\) is damaged on this node, and .*damaged`));
  expect(readdirSync(join(n2.dataDir, "images/partial"))).toEqual([]);
  expect((await n1.json(["image", "inspect", "data", "--consistent"])).holders).toEqual([{ id: n1.id, name: "n1" }]);
  expectRefusal(await n1.cli(["image", "import", ...files, "--name", "other"]), 6, "WRONG_STATE", /kernel .* damaged/);
  expect(await n1.json(["image", "import", ...files, "--name", "other"])).toMatchObject({ changed: true });
  await n1.json(["image", "remove", "other"]);

  await n1.json(["image", "remove", "data"]);
  expectRefusal(await n1.cli(["image", "inspect", "data", "--consistent"]), 3, "NOT_FOUND");
  // What was imported a moment ago is kept for who imports it again; what was fetched goes at once.
  await eventually(() => blobsOf(n2).length === 0, 60_000, "the content is gone from n2");
  expect(succeeded(await n1.cli(["events", "--kind", "image"])).stdout).toMatch(/imported[^]*held[^]*lost[^]*removed/);
});

test.skipIf(reason !== null)(
  "a VM boots an imported image on a worker that fetches it first, with its words, its disk and its own sign of life",
  async () => {
    const [n1, n2] = cluster.nodes as [TestNode, TestNode];
    const made = (await n1.json(["image", "list"])).images[0];
    expect(made).toMatchObject({ name: "default", digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const cache = join(n1.dataDir, "images");
    const initrd = join(cache, readdirSync(cache).find((name) => name.startsWith("default-"))!);
    const kernel = `/boot/${readdirSync("/boot").find((name) => name.startsWith("vmlinuz-") && hashOf(readFileSync(`/boot/${name}`)) === made.manifest.kernel.sha256)}`;
    const disk = write("root.raw", Buffer.concat([Buffer.from("written by the test\n"), Buffer.alloc(2_000_000)]));

    const { digest } = await n1.json(["image", "import", kernel, initrd, disk, "--name", "own", "--cmdline", "blixard.told=yes", "--memory", "96", "--ready", "blixard-guest: re"]);
    expectRefusal(await n1.cli(["vm", "create", "small", "--image", "own", "--memory", "80"]), 2, "INVALID_ARGUMENT", /96 MiB/);
    expectRefusal(await n1.cli(["vm", "create", "small", "--image", `own@sha256:${"0".repeat(64)}`]), 6, "CONFLICT", /own is sha256/);
    expectRefusal(await n1.cli(["vm", "create", "small", "--image", "missing"]), 3, "NOT_FOUND", /no image missing/);
    await n1.json(["vm", "create", "booted", "--image", `own@sha256:${digest}`, "--node", "n2", "--wait", "--timeout", `${bootMs}ms`]);
    expect(await cluster.vm("booted")).toMatchObject({ ownerId: n2.id, diskMib: 2, image: "own", imageDigest: digest });
    expect((await n1.json(["image", "inspect", "own", "--consistent"])).holders).toHaveLength(2);
    expect(succeeded(await n1.cli(["vm", "exec", "booted", "--", "cat", "/proc/cmdline"])).stdout).toContain(" blixard.told=yes");
    expect(succeeded(await n1.cli(["vm", "exec", "booted", "--", "head", "-n", "1", "/dev/vda"])).stdout).toBe("written by the test\n");
    expectRefusal(await n1.cli(["image", "remove", "own"]), 6, "WRONG_STATE", /used by booted/);

    await n1.json(["vm", "stop", "booted", "--force", "--wait"]);
    for (const node of [n1, n2]) turnBit(join(node.dataDir, "images/blobs", made.manifest.initrd.sha256));
    expectRefusal(await n1.cli(["vm", "start", "booted", "--wait"]), 1, "DRIVER_FAILED", /initrd of the image own \(sha256:[0-9a-f]{64}\) is damaged/);
    await n1.json(["image", "remove", "own", "--force"]);
    await n1.json(["vm", "delete", "booted", "--wait"]);
  },
  bootMs * 2,
);
