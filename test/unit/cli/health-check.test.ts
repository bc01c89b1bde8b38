import { expect, test } from "vitest";
import { formatHealthCheck, healthMessage, parseHealthProbe } from "../../../src/cli/health-check.ts";

const refused = expect.objectContaining({ code: "INVALID_ARGUMENT", exit: 2 });

test.each([
  ["process", { kind: "process" }],
  ["console:up: and running", { kind: "console", text: "up: and running" }],
  ["tcp:22", { kind: "tcp", port: 22 }],
  ["http:80", { kind: "http", port: 80, path: "/" }],
  ["http:80/ready?a=1", { kind: "http", port: 80, path: "/ready?a=1" }],
  ["exec:test -e /run/ready", { kind: "exec", argv: ["test", "-e", "/run/ready"] }],
  ['exec:["sh","-c","a && b"]', { kind: "exec", argv: ["sh", "-c", "a && b"] }],
] as const)("%s", (text, probe) => expect(parseHealthProbe(text)).toEqual(probe));

test.each(["", "ping", "process:1", "console", "console:", "tcp", "tcp:0", "tcp:65536", "tcp:80/x", "tcp:8x", "http:/x", "http:99999/", "exec", "exec: ", "exec:[", "exec:[1]", "exec:[]", "http:80x"])("%j is refused", (text) => {
  expect(() => parseHealthProbe(text)).toThrow(refused);
});

test("an interval without a check is refused; a check reads back as it was written", () => {
  expect(healthMessage(undefined)).toBeNull();
  expect(() => healthMessage(undefined, 5_000)).toThrow(refused);
  const check = { probe: parseHealthProbe("http:80/ready"), intervalMs: 10_000, timeoutMs: 2_000, threshold: 3 };
  expect(formatHealthCheck(check)).toBe("http:80/ready, 10 s apart, each at most 2 s; unhealthy after 3 that failed");
});
