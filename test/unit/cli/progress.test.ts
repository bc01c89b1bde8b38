import { expect, test } from "vitest";
import { parseImage } from "../../../src/cli/image-reference.ts";
import { Progress, shareDone } from "../../../src/cli/progress.ts";

function told(isTTY: boolean): { progress: Progress; said: () => string; at: (ms: number) => void } {
  let text = "";
  let nowMs = 0;
  const progress = new Progress({ isTTY, write: (more) => (text += more) }, () => nowMs);
  return { progress, said: () => text, at: (ms) => (nowMs = ms) };
}

test("at a terminal one line is written over, and the next step begins another", () => {
  const { progress, said, at } = told(true);
  progress.show("a", "0 %");
  progress.show("a", "1 %"); // too soon
  at(150);
  progress.show("a", "2 %");
  progress.show("b", "0 %");
  progress.done("b", "all");
  progress.end();
  expect(said()).toBe("\ra: 0 %\u001b[K\ra: 2 %\u001b[K\n\rb: 0 %\u001b[K\rb: all\u001b[K\n");
});

test("elsewhere a line comes now and then, the last one always; nothing that moves a cursor", () => {
  const { progress, said, at } = told(false);
  progress.show("a", "0 %");
  at(2_000);
  progress.show("a", "50 %");
  at(3_000);
  progress.show("a", "99 %");
  progress.done("a", "all");
  progress.done("b\u001b[2J", "all");
  expect(said().split("\n")).toEqual(["a: 50 %", "a: all", expect.stringMatching(/^b[^\u001b]*: all$/), ""]);
});

test("how much is done", () => {
  expect([shareDone(0, 10), shareDone(999, 1000), shareDone(5, 5), shareDone(0, 0)]).toEqual(["0 % of 10 B", "99 % of 1000 B", "100 % of 5 B", "0 % of 0 B"]);
});

test("an image is named, and perhaps its content", () => {
  const digest = "ab".repeat(32);
  expect(parseImage("web")).toEqual({ image: "web", imageDigest: "" });
  expect(parseImage(`web@sha256:${digest}`)).toEqual({ image: "web", imageDigest: digest });
  for (const wrong of ["", "Web", "web@", `web@${digest}`, "web@sha256:abc", `@sha256:${digest}`, `web@sha256:${digest.toUpperCase()}`]) {
    expect(() => parseImage(wrong)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});
