import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sizeOf } from "../../conformance/sample-files.ts";
import { blixard } from "../cli/captured.ts";

const traces = resolve(import.meta.dirname, "../../../traces");
const good = join(traces, "accepted/leader-killed");
const bad = join(traces, "rejected/leader-without-votes");
const { steps } = sizeOf(good);
/** Where the lie stands. */
const { at } = JSON.parse(readFileSync(join(bad, "verdict.json"), "utf8")) as { at: string };
const scratch = mkdtempSync(join(tmpdir(), "blixard-verify-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("the verdict in each form, with the exit status of the verdict", async () => {
  const accepted = await blixard("verify", good, "--bound", "8");
  expect([accepted.exit, accepted.stdout]).toEqual([0, expect.stringContaining(`Accepted: ${steps} steps of 3 nodes`)]);
  const text = await blixard("verify", bad);
  expect([text.exit, text.stdout]).toEqual([8, expect.stringMatching(/^Rejected \(TRACE_REFUSED\)[\s\S]*>>> +\d+ .*✗ BecomeLeader/)]);
  const json = JSON.parse((await blixard("verify", bad, "--format", "json")).stdout) as object;
  expect(json).toMatchObject({ ok: false, kind: "rejected", eachRun: [{ run: bad, kind: "rejected" }], error: { code: "TRACE_REFUSED" } });
  const junit = await blixard("verify", good, bad, "--format", "junit");
  expect([junit.exit, junit.stdout]).toEqual([8, expect.stringContaining('tests="2" failures="1"')]);
  const github = await blixard("verify", bad, "--format", "github");
  expect(github.stdout).toContain(`::error file=traces/rejected/leader-without-votes/${at.replace(":", ",line=")},`);
});

test("two forms at once are refused, and so is one that nobody knows", async () => {
  expect(await blixard("verify", good, "--json", "--format", "junit")).toMatchObject({ exit: 2, stderr: expect.stringContaining("--json and --format junit ask for two forms") });
  expect((await blixard("verify", good, "--format", "xml")).exit).toBe(2);
  expect((await blixard("verify", good, "--bound", "0")).exit).toBe(2);
});

test("a page is written of a finding only", async () => {
  const page = join(scratch, "finding.html");
  expect(await blixard("verify", bad, "--html", page)).toMatchObject({ exit: 8, stderr: expect.stringContaining("shows the lines around it") });
  const html = readFileSync(page, "utf8");
  expect(html).toContain("TRACE_REFUSED at");
  // The state of a node before a line that was accepted.
  expect(html).toMatch(new RegExp(`"number":${Number(at.split(":")[1]) - 1},.*"state":\\[\\{"name":"currentTerm"`));
  const none = join(scratch, "none.html");
  expect(await blixard("verify", good, "--html", none)).toMatchObject({ exit: 0, stderr: expect.stringContaining("is not written") });
  expect(existsSync(none)).toBe(false);
});

test("an export for TLC, and evidence with its check", async () => {
  const directory = join(scratch, "tlc");
  expect(await blixard("trace", "export", "--tla", directory, good)).toMatchObject({ exit: 0, stdout: expect.stringContaining(`group meta: ${steps} lines`) });
  expect((await blixard("trace", "export", "--tla", directory, good)).exit).toBe(6);
  const evidence = join(scratch, "evidence.jsonl");
  const written = await blixard("trace", "export", "--audit", evidence, "--redact", good, "--json");
  const checked = await blixard("trace", "check-export", evidence, "--json");
  expect([written.exit, JSON.parse(checked.stdout)]).toEqual([0, JSON.parse(written.stdout)]);
  const unpacked = join(scratch, "unpacked");
  expect((await blixard("trace", "check-export", evidence, "--unpack", unpacked)).exit).toBe(0);
  expect(await blixard("verify", unpacked)).toMatchObject({ exit: 0, stdout: expect.stringContaining(`${steps} steps of 3 nodes`) });
  expect((await blixard("trace", "export", good)).exit).toBe(2);
  expect((await blixard("trace", "check-export", join(good, "n1/trace-000001-0001.jsonl"))).exit).toBe(8);
});
