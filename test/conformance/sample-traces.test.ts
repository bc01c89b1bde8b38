/**
 * The sample traces, each with the verdict that it must get: `traces/accepted` holds runs of real daemons and of the
 * simulator, `traces/rejected` the same damaged, or made by an implementation with a mistake in it.
 */

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { verifyTraces } from "../../src/verify/check.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";

const root = resolve(import.meta.dirname, "../../traces");

/** What `verdict.json` beside a sample says. Of a rejected one: everything that the verdict must name. */
interface Expected {
  readonly verdict: "accepted" | "rejected";
  /** For people: what was done to it, or where it comes from. */
  readonly about: string;
  readonly code?: string;
  /** Name of the file's node directory and the line in it. */
  readonly at?: string;
  readonly event?: string;
  readonly law?: string;
}

function samples(kind: string): readonly (readonly [string, Expected])[] {
  return readdirSync(join(root, kind)).sort().map((name) => {
    const expected = JSON.parse(readFileSync(join(root, kind, name, "verdict.json"), "utf8")) as Expected;
    return [name, expected] as const;
  });
}

describe("accepted", () => {
  test.each(samples("accepted"))("%s", async (name, expected) => {
    expect(expected.verdict).toBe("accepted");
    const verdict = await verifyTraces({ paths: [join(root, "accepted", name)], specDirectory: ownSpecDirectory() });
    expect(verdict).toMatchObject({ kind: "accepted", warnings: [] });
    expect(verdict.steps).toBeGreaterThan(50);
  });
});

describe("rejected", () => {
  test("there are enough of them to mean something", () => {
    expect(samples("rejected").length).toBeGreaterThanOrEqual(12);
  });

  test.each(samples("rejected"))("%s", async (name, expected) => {
    const directory = join(root, "rejected", name);
    const verdict = await verifyTraces({ paths: [directory], specDirectory: ownSpecDirectory() });
    if (verdict.kind !== "rejected") throw new Error(`the verdict is ${verdict.kind}, and should be ${expected.code}: ${expected.about}`);
    const at = `${verdict.file.slice(directory.length + 1)}:${verdict.line}`;
    const got = { code: verdict.code, at, event: verdict.event?.event, law: verdict.law };
    const { code, event, law } = expected;
    expect(got).toEqual({ code, at: expected.at, event, law });
  });
});
