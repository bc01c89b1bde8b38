import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import type { ImageBlob } from "../../../src/machine/image-record.ts";
import { manifestDigest } from "../../../src/vm/image-manifest.ts";
import { copyDisk, ImageStore, pieceBytes } from "../../../src/vm/image-store.ts";

let root: string;
let store: ImageStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "blixard-images-"));
  store = new ImageStore(join(root, "images"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const content = randomBytes(3 * pieceBytes + 7);
const blobOf = (bytes: Buffer): ImageBlob => ({ sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length });
const blob = blobOf(content);

async function* pieces(bytes: Buffer, offset: number, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = offset; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function fill(target = store, bytes = content): Promise<void> {
  for (let here = 0; here < bytes.length; ) here = await target.append(blobOf(bytes), here, bytes.subarray(here, here + 100_000));
}

const files = (folder: string): readonly string[] => (existsSync(join(root, "images", folder)) ? readdirSync(join(root, "images", folder)) : []);
const failure = (work: Promise<unknown>): Promise<UserError> => work.then(() => Promise.reject(new Error("nothing was refused")), (error: unknown) => error as UserError);

describe("a file that is uploaded", () => {
  test("is there when all of it has come, and not before; for nobody but the owner", async () => {
    expect(await store.look(blob)).toBe("absent");
    expect(await store.append(blob, 0, content.subarray(0, 1000))).toBe(1000);
    expect([await store.look(blob), await store.received(blob), files("blobs")]).toEqual(["absent", 1000, []]);
    await fill();
    expect([await store.look(blob), files("partial")]).toEqual(["whole", []]);
    expect(readFileSync(store.pathOf(blob.sha256)).equals(content)).toBe(true);
    expect([statSync(store.pathOf(blob.sha256)).mode & 0o777, statSync(join(root, "images/blobs")).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await store.append(blob, 0, content.subarray(0, 10))).toBe(blob.bytes); // nothing more is wanted
  });

  test("goes on where it was, also after a restart; a piece that does not follow is not taken", async () => {
    await store.append(blob, 0, content.subarray(0, 1000));
    const again = new ImageStore(join(root, "images"));
    expect(await again.received(blob)).toBe(1000);
    expect(await again.append(blob, 500, content.subarray(500, 2000))).toBe(1000);
    expect(await again.append(blob, 2000, content.subarray(2000, 3000))).toBe(1000);
    expect(await again.append(blob, 1000, content.subarray(1000))).toBe(blob.bytes);
    expect(await again.look(blob)).toBe("whole");
  });

  test("two who send the same at once do not meet", async () => {
    await Promise.all([fill(), fill(), fill()]);
    expect(await store.look(blob)).toBe("whole");
  });

  test("leaves nothing when its content is not what its name says, or is longer", async () => {
    const wrong = Buffer.from(content);
    wrong[wrong.length - 1]! ^= 1;
    const last = store.append(blob, 0, wrong);
    expect(await failure(last)).toMatchObject({ code: "IMAGE_DAMAGED", message: expect.stringContaining(blob.sha256) });
    expect([files("blobs"), files("partial")]).toEqual([[], []]);
    expect(await failure(store.append(blob, 0, Buffer.concat([content, content])))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failure(store.append({ sha256: "../../x", bytes: 3 }, 0, Buffer.from("abc")))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("a file that is fetched", () => {
  test("is counted as it comes, and not fetched again", async () => {
    const counted: number[] = [];
    await store.fetch(blob, (offset) => pieces(content, offset), (bytes) => counted.push(bytes));
    expect([counted.at(0), counted.at(-1)]).toEqual([0, blob.bytes]);
    expect(await store.look(blob)).toBe("whole");
    await store.fetch(blob, () => { throw new Error("nobody is asked"); }, () => undefined);
  });

  test("that breaks off goes on from there with whoever is asked next", async () => {
    const breaks = async function* (): AsyncGenerator<Buffer> {
      yield content.subarray(0, 5000);
      throw new UserError("UNREACHABLE", "gone");
    };
    expect(await failure(store.fetch(blob, breaks, () => undefined))).toMatchObject({ code: "UNREACHABLE" });
    const ends = async function* (offset: number): AsyncGenerator<Buffer> { yield content.subarray(offset, 9000); };
    expect(await failure(store.fetch(blob, ends, () => undefined))).toMatchObject({ code: "UNREACHABLE", message: expect.stringMatching(/9000 of/) });
    const asked: number[] = [];
    await store.fetch(blob, (offset) => (asked.push(offset), pieces(content, offset)), () => undefined);
    expect(asked).toEqual([9000]);
    expect(await store.look(blob)).toBe("whole");
  });

  test("from one who holds it damaged leaves nothing, and the next is asked from the start", async () => {
    const wrong = Buffer.from(content);
    wrong[12]! ^= 4;
    expect(await failure(store.fetch(blob, (offset) => pieces(wrong, offset), () => undefined))).toMatchObject({ code: "IMAGE_DAMAGED" });
    expect(await failure(store.fetch(blob, () => pieces(Buffer.concat([content, content]), 0), () => undefined))).toMatchObject({ code: "IMAGE_DAMAGED" });
    expect(files("blobs")).toEqual([]);
    await store.remove(blob.sha256);
    await store.fetch(blob, (offset) => pieces(content, offset), () => undefined);
    expect(await store.look(blob)).toBe("whole");
  });

  test.each([0, 1, 1000, content.length - 1])("with bit %i turned on disk is found, and replaced by a whole one", async (at) => {
    await fill();
    const turned = Buffer.from(content);
    turned[at]! ^= 1;
    writeFileSync(store.pathOf(blob.sha256), turned);
    expect(await store.look(blob)).toBe("damaged");
    await store.fetch(blob, (offset) => pieces(content, offset), () => undefined, true);
    expect(await store.look(blob)).toBe("whole");
  });

  test("cut short on disk is damaged too", async () => {
    await fill();
    writeFileSync(store.pathOf(blob.sha256), content.subarray(1));
    expect(await store.look(blob)).toBe("damaged");
  });
});

test("a file is read from any byte on, in pieces that are bounded; what is not here is not found", async () => {
  await fill();
  for (const offset of [0, 1, pieceBytes, content.length]) {
    const read: Buffer[] = [];
    for await (const piece of store.read(blob.sha256, offset)) read.push(piece);
    expect(Buffer.concat(read).equals(content.subarray(offset))).toBe(true);
    expect(Math.max(0, ...read.map(({ length }) => length))).toBeLessThanOrEqual(pieceBytes);
  }
  expect(await failure(store.read("0".repeat(64), 0).next())).toMatchObject({ code: "NOT_FOUND" });
});

test("everything that is here is listed with its age, whole or not, until it is removed", async () => {
  await fill();
  await store.append(blobOf(Buffer.from("abc")), 0, Buffer.from("a"));
  utimesSync(store.pathOf(blob.sha256), 5, 5);
  writeFileSync(join(root, "images", "blobs", "strange"), "x");
  const listed = await store.list();
  expect(listed.map(({ sha256 }) => sha256).sort()).toEqual([blob.sha256, blobOf(Buffer.from("abc")).sha256].sort());
  expect(listed.find(({ sha256 }) => sha256 === blob.sha256)?.changedMs).toBe(5000);
  for (const { sha256 } of listed) await store.remove(sha256);
  expect(await store.list()).toEqual([]);
});

describe("the disk of a VM", () => {
  const disk = Buffer.concat([randomBytes(10), Buffer.alloc(8 * pieceBytes), randomBytes(10)]);

  test("is a copy, with holes where there is nothing", async () => {
    const from = join(root, "disk");
    writeFileSync(from, disk);
    await copyDisk(from, join(root, "own"), blobOf(disk).sha256);
    expect(readFileSync(join(root, "own")).equals(disk)).toBe(true);
    expect(statSync(join(root, "own")).blocks * 512).toBeLessThan(disk.length / 2);
  });

  test("is not made of a damaged one", async () => {
    const from = join(root, "disk");
    writeFileSync(from, disk);
    expect(await failure(copyDisk(from, join(root, "own"), "0".repeat(64)))).toMatchObject({ code: "IMAGE_DAMAGED" });
    expect(readdirSync(root).sort()).toEqual(["disk"]);
  });
});

test("the digest is that of the canonical manifest, whatever the order of its fields", () => {
  const one = { kernel: { sha256: "1", bytes: 1 }, initrd: { sha256: "2", bytes: 2 }, cmdline: "a" };
  const other = { cmdline: "a", initrd: { bytes: 2, sha256: "2" }, kernel: { bytes: 1, sha256: "1" } };
  expect(manifestDigest(one)).toBe(manifestDigest(other));
  expect(manifestDigest(one)).toBe(createHash("sha256").update('{"kernel":{"sha256":"1","bytes":1},"initrd":{"sha256":"2","bytes":2},"cmdline":"a"}').digest("hex"));
  expect(manifestDigest({ ...one, ready: "x" })).not.toBe(manifestDigest(one));
});
