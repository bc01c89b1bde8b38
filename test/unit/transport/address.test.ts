import { describe, expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { dialTarget, formatAddress, parseAddress } from "../../../src/transport/address.ts";

describe("an address", () => {
  test.each([
    ["127.0.0.1:7001", "ipv4:127.0.0.1:7001"],
    ["localhost:1", "ipv4:127.0.0.1:1"],
    ["[::1]:65535", "ipv6:[::1]:65535"],
    ["node-1.example.org:80", "dns:node-1.example.org:80"],
  ])("%s is dialled as %s", (text, target) => {
    expect(dialTarget(parseAddress(text))).toBe(target);
  });

  test.each([
    "",
    "127.0.0.1",
    ":7001",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:7e3",
    "127.0.0.1: 7001",
    "256.0.0.1:7001",
    "1.2.3:7001",
    "::1:7001",
    "[::1]",
    "[::1%lo]:7001",
    "[127.0.0.1]:7001",
    "http://a:7001",
    "user@host:7001",
    "a b:7001",
    "-a:7001",
    "a..b:7001",
    "a/b:7001",
    "a,b:7001",
    "a\n:7001",
    `${"a".repeat(64)}:7001`,
    `${"a.".repeat(200)}a:7001`,
  ])("%j is refused", (text) => {
    expect(() => parseAddress(text)).toThrow(UserError);
    expect(() => parseAddress(text)).toThrow(/is not an address: /);
  });

  test("port 0 is for listening only", () => {
    expect(formatAddress(parseAddress("127.0.0.1:0", 0))).toBe("127.0.0.1:0");
  });
});
