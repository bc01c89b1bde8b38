import { describe, expect, test } from "vitest";
import { failureOf } from "../../../src/cli/failure.ts";
import { UserError, exitStatus } from "../../../src/errors.ts";

describe("a failure", () => {
  test("says what, where, what next and the code", () => {
    const place = { node: "n1", group: "meta", leader: "127.0.0.1:7102", next: "Try `blixard cluster status`." };
    const { text, exit, json } = failureOf(new UserError("NO_LEADER", "no leader is known", place), "blixard vm list");
    expect(text).toBe(
      [
        "error: no leader is known",
        "  where  node n1, group meta, the leader is 127.0.0.1:7102",
        "  next   Try `blixard cluster status`.",
        "  code   NO_LEADER (the same command may be given again without harm)",
      ].join("\n"),
    );
    expect(exit).toBe(4);
    expect(json).toEqual({ error: { code: "NO_LEADER", message: "no leader is known", ...place, retrySafe: true } });
  });

  test("leaves out what is not known; in JSON it is null", () => {
    const { text, json } = failureOf(new UserError("CONFLICT", "/a is at version 2"), "blixard kv cas");
    expect(text).toBe("error: /a is at version 2\n  code   CONFLICT");
    expect(json?.error).toEqual({ code: "CONFLICT", message: "/a is at version 2", node: null, group: null, leader: null, next: null, retrySafe: false });
  });

  test("with an open outcome promises nothing of a second command, which has another request id", () => {
    const { text, json } = failureOf(new UserError("OUTCOME_UNKNOWN", "the answer was lost"), "blixard kv cas");
    expect(text).toBe("error: the answer was lost\n  code   OUTCOME_UNKNOWN");
    expect(json?.error.retrySafe).toBe(false);
  });

  test.each([
    ["FAILED", exitStatus.failed],
    ["INVALID_ARGUMENT", exitStatus.usage],
    ["NOT_FOUND", exitStatus.notFound],
    ["NO_LEADER", exitStatus.noLeader],
    ["OUTCOME_UNKNOWN", exitStatus.outcomeUnknown],
    ["NO_QUORUM", exitStatus.outcomeUnknown],
    ["CONFLICT", exitStatus.conflict],
    ["UNREACHABLE", exitStatus.unreachable],
    ["TRACE_REFUSED", exitStatus.verificationFailed],
  ] as const)("%s exits %i", (code, status) => {
    expect(failureOf(new UserError(code, "so it is"), "blixard").exit).toBe(status);
  });

  test("of a copy of the class is known by its form", () => {
    class UserErrorOfAnotherFile extends Error {
      override readonly name = "UserError";
      readonly code = "PORT_IN_USE";
      readonly place = { next: "Give another." };
    }
    expect(failureOf(new UserErrorOfAnotherFile("it is in use"), "blixard")).toMatchObject({ exit: 6, json: { error: { code: "PORT_IN_USE", next: "Give another." } } });
  });

  test("of a flag names the flag", () => {
    const thrown = new UserError("INVALID_ARGUMENT", 'Parsing --timeout \n\t"x" is not a duration\nSee more help with --help');
    expect(failureOf(thrown, "blixard").json?.error.message).toBe('--timeout: "x" is not a duration');
  });

  test("of a file that is not there is the user's", () => {
    const thrown = Object.assign(new Error("ENOENT"), { code: "ENOENT", path: "/no/such", syscall: "open" });
    expect(failureOf(thrown, "blixard verify")).toMatchObject({ exit: 3, text: expect.stringContaining("/no/such: there is no such file") });
  });

  test("of ours shows its stack and exits 1", () => {
    const { text, exit, json } = failureOf(new TypeError("x is undefined"), "blixard vm list");
    expect(text).toContain("TypeError: x is undefined\n    at ");
    expect(text).toContain("bug of blixard");
    expect(exit).toBe(1);
    expect(json?.error).toMatchObject({ code: "FAILED", retrySafe: false });
  });

  test("shows control characters of others as escapes", () => {
    const { text } = failureOf(new UserError("NOT_FOUND", "there is no \u001b[31mred\u0007"), "blixard");
    expect(text).toContain("\\u001b[31mred\\u0007");
    expect(text).not.toContain("\u001b");
  });
});
