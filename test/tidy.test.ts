/** The architecture, as rules that fail (see "Where things are" in README.md). */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const src = join(root, "src");

function filesBelow(directory: string, ending: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(directory, path))
    .sort();
}

const sources = filesBelow(src, ".ts").map((path) => ({ path: relative(src, path), text: readFileSync(path, "utf8") }));
const handwritten = sources.filter(({ path }) => !path.endsWith(".generated.ts"));

/** Who may lean on whom. `uses`: code; `speaks`: types only. Every room may use the leaves and its own files. */
const leaves = ["assert.ts", "errors.ts", "entry.ts", "own-directory.ts", "workload-name.ts"];
const rooms: Readonly<Record<string, { uses: readonly string[]; speaks: readonly string[] }>> = {
  raft: { uses: [], speaks: [] },
  machine: { uses: [], speaks: ["raft"] },
  tla: { uses: [], speaks: [] },
  replica: { uses: ["raft", "machine"], speaks: ["storage", "trace"] },
  storage: { uses: [], speaks: ["raft"] },
  trace: { uses: [], speaks: ["raft"] },
  transport: { uses: [], speaks: ["raft", "machine", "storage"] },
  vm: { uses: [], speaks: ["machine"] },
  verify: { uses: ["tla", "trace"], speaks: [] },
  sim: { uses: ["raft", "machine", "replica", "trace", "storage"], speaks: ["transport"] },
  node: { uses: ["raft", "machine", "replica", "storage", "transport", "vm", "trace"], speaks: [] },
  cli: { uses: ["transport"], speaks: ["machine", "node"] },
  commands: { uses: ["cli", "verify", "sim", "node", "trace", "transport"], speaks: ["machine"] },
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Relative imports, with paths below `src`. An import whose every name is a type counts as one of types. */
function importsOf({ path, text }: { path: string; text: string }): readonly Import[] {
  const found: Import[] = [];
  const pattern = /(?:import|export)\s+(type\s+)?([^;"']*?)\s*from\s*["'](\.[^"']+)["']|import\s*\(\s*["'](\.[^"']+)["']\s*\)|import\s*["'](\.[^"']+)["']/g;
  for (const [, type, names = "", target, dynamic, bare] of text.matchAll(pattern)) {
    const to = relative(src, resolve(src, dirname(path), target ?? dynamic ?? bare ?? ""));
    const list = /^\{(.*)\}$/s.exec(names.trim())?.[1];
    const allTypes = list !== undefined && list.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
    found.push({ from: path, to, typeOnly: type !== undefined || allTypes });
  }
  return found;
}

const imports = sources.flatMap(importsOf);
const roomOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] ?? "") : "");

describe("rooms", () => {
  test("every folder of src is a room with rules", () => {
    const folders = [...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => room !== "");
    expect(folders.filter((room) => rooms[room] === undefined)).toEqual([]);
  });

  test("only the leaves lie outside of rooms", () => {
    const outside = sources.map(({ path }) => path).filter((path) => roomOf(path) === "");
    expect(outside.sort()).toEqual([...leaves].sort());
  });

  test("a room leans only on whom it may", () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const [here, there] = [roomOf(from), roomOf(to)];
      if (here === there || leaves.includes(to)) return false;
      const rule = rooms[here];
      if (rule === undefined) return !leaves.includes(from);
      return !(rule.uses.includes(there) || (typeOnly && rule.speaks.includes(there)));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("the judge shares no code with the accused", () => {
    const accused = ["raft", "machine", "replica", "node", "storage", "transport"];
    const wrong = imports.filter(({ from, to }) => ["verify", "tla"].includes(roomOf(from)) && accused.includes(roomOf(to)));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("one file of node names concrete storage, network, drivers and trace", () => {
    const plain = ["transport/address.ts"];
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      if (roomOf(from) !== "node" || from === "node/concrete.ts" || typeOnly || plain.includes(to)) return false;
      return ["storage", "transport", "vm", "trace"].includes(roomOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("only `node start` reaches the daemon from the command line, and two commands what is done while none runs", () => {
    const offline = ["commands/cluster/recover.ts", "commands/cluster/restore.ts"];
    const mayReach = (from: string, to: string): boolean =>
      from === "commands/node/start.ts" || (offline.includes(from) && to === "node/offline.ts");
    const wrong = imports.filter(({ from, to }) => roomOf(from) === "commands" && roomOf(to) === "node" && !mayReach(from, to));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

describe("pure rooms", () => {
  const pure = handwritten.filter(({ path }) => ["raft", "machine", "tla", "replica"].includes(roomOf(path)));
  const banned: readonly (readonly [string, RegExp])[] = [
    ["async", /\basync\b|\bawait\b|\bPromise\b/],
    ["a clock", /\bDate\b|\bperformance\b|\bhrtime\b/],
    ["a timer", /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
    ["process or console", /\bprocess\.|\bconsole\./],
    ["chance without a seed", /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/],
    ["disk or network", /from "node:(?:fs|net|http|http2|child_process|os|crypto)/],
  ];

  test.each(banned)("hold no %s", (_what, pattern) => {
    const wrong = pure.filter(({ text }) => pattern.test(withoutComments(text)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("make no directories", () => {
    expect(pure.filter(({ text }) => text.includes("own-directory")).map(({ path }) => path)).toEqual([]);
  });

  test("the simulator has no clock and no chance of its own", () => {
    const sim = handwritten.filter(({ path }) => roomOf(path) === "sim");
    const wrong = sim.filter(({ text }) => /\bDate\.now\b|\bMath\.random\b|\bsetTimeout\b|\bperformance\b/.test(withoutComments(text)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

/** Comments and strings may say what code may not do. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, "``");
}

describe("files", () => {
  test("none is longer than 300 lines", () => {
    const long = handwritten.filter(({ text }) => text.split("\n").length > 301);
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length}`)).toEqual([]);
  });

  test("names are kebab-case nouns: no utils, no helpers, no barrels", () => {
    const wrong = sources.map(({ path }) => path).filter((path) => {
      const name = path.split("/").at(-1) ?? "";
      return !/^[a-z0-9]+(-[a-z0-9]+)*(\.generated)?\.ts$/.test(name) || /(^|-)(utils?|helpers?|misc|common)(-|\.)/.test(name) || name === "index.ts";
    });
    expect(wrong).toEqual([]);
  });

  test("only commands export by default", () => {
    const wrong = handwritten.filter(({ path, text }) => /^export default\b/m.test(text) && !path.startsWith("commands/"));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("no test is skipped without a reason or runs alone", () => {
    const tests = filesBelow(join(root, "test"), ".test.ts").map((path) => ({ path, text: readFileSync(path, "utf8") }));
    const wrong = tests.filter(({ text }) => /\b(?:it|test|describe)\.(?:only|todo|skip)\(/.test(text));
    expect(wrong.map(({ path }) => relative(root, path))).toEqual([]);
  });

  test("conformance.md names checks that are there", () => {
    const text = readFileSync(join(root, "test/conformance.md"), "utf8");
    const named = [...text.matchAll(/`((?:test|src)\/[^`]*\.ts)`/g)].map(([, path]) => path ?? "");
    expect(named.length).toBeGreaterThan(40);
    const exists = (path: string): boolean => {
      if (!path.includes("*")) return existsSync(join(root, path));
      return filesBelow(join(root, dirname(path)), ".test.ts").length > 0;
    };
    expect([...new Set(named)].filter((path) => !exists(path))).toEqual([]);
  });

  test("the lock file names no host", () => {
    expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toMatch(/"resolved": "https?:/);
  });
});
