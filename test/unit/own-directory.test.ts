import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeOwnDirectory } from "../../src/own-directory.ts";

const root = mkdtempSync(join(tmpdir(), "blixard-directory-"));
afterAll(() => rmSync(root, { recursive: true }));

test("what is missing above is made too, and nobody else may enter", () => {
  const path = join(root, "a/b/c");
  makeOwnDirectory(path);
  makeOwnDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test.each(["/proc/none/here", "/proc/none"])("%s is refused instead of tried for ever", (path) => {
  expect(() => makeOwnDirectory(path)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
});

test("a file in its place, or above it, is refused", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below")]) {
    expect(() => makeOwnDirectory(path)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
  }
});
