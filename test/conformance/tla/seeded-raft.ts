/** The specification of consensus with a mistake planted by replacing text, begun in a state from which the mistake is near. */

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfiguration } from "../../../src/tla/configuration.ts";
import { checkModel, type ModelResult } from "../../../src/tla/model.ts";
import { loadSpecification } from "../../../src/tla/specification.ts";
import { loadGrammar } from "../../../src/verify/grammar.ts";

const specDirectory = fileURLToPath(new URL("../../../spec", import.meta.url));
const parse = await loadGrammar();

export interface Instance {
  /** The name of the initial predicate; MCInit when not said. */
  readonly seed?: string;
  /** Voters at the beginning; other servers are learners. */
  readonly voters?: string;
  readonly servers?: string;
  readonly bounds: Readonly<Record<string, number>>;
  readonly constraint?: string;
  /** Several members change at once; MCRaft's own steps when not said. */
  readonly joint?: boolean;
  readonly maxStates?: number;
}

export interface Planted {
  readonly file: "Raft" | "MCRaft" | "Cluster" | "MCLease" | "Reads";
  readonly from: string;
  readonly to: string;
}

function modulesOf(directory: string): [string, string][] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".tla"))
    .map((file) => [basename(file, ".tla"), readFileSync(join(directory, file), "utf8")]);
}

/** Explores the instance; what `planted` replaces must occur in its module. */
export function exploreRaft({ seed = "MCInit", voters = "{a, b, c}", servers = voters, bounds, constraint, joint = false, maxStates = 400_000 }: Instance, planted?: Planted): ModelResult {
  let text = readFileSync(join(specDirectory, "MCRaft.cfg"), "utf8")
    .replace("INIT MCInit", `INIT ${seed}`)
    .replace(/Server = .*/, `Server = ${servers}\n a = a b = b c = c d = d e = e`)
    .replace(/FirstVoters = .*/, `FirstVoters = ${voters}`)
    .replace("SYMMETRY Symmetry", "");
  for (const [name, value] of Object.entries(bounds)) text = text.replace(new RegExp(`${name} = \\d+`), `${name} = ${value}`);
  if (joint) text = text.replace("NEXT MCNext", "NEXT JointNext").replace("CONSTRAINT Bounded", "CONSTRAINT JointBounded\nVIEW JointView");
  if (constraint !== undefined) text += `\nCONSTRAINT ${constraint}`;
  return explore("SeededRaft", text, maxStates, planted);
}

/** Explores the instance of the VM layer, with so many entries. */
export function exploreCluster(planted?: Planted, entries = 3): ModelResult {
  const text = readFileSync(join(specDirectory, "MCCluster.cfg"), "utf8").replace(/MaxEntries = \d+/, `MaxEntries = ${entries}`);
  return explore("MCCluster", text, 100_000, planted);
}

/** Explores the instance of leases in time, for so long. */
export function exploreLease(planted?: Planted, maxTime = 4): ModelResult {
  const text = readFileSync(join(specDirectory, "MCLease.cfg"), "utf8").replace(/MaxTime = \d+/, `MaxTime = ${maxTime}`);
  return explore("MCLease", text, 100_000, planted);
}

/** Explores reads, from a state in which a stale one is near. */
export function exploreReads(seed: string, planted?: Planted, maxStates = 100_000, voters = "{a, b, c}"): ModelResult {
  const text = readFileSync(join(specDirectory, "MCReads.cfg"), "utf8")
    .replace("INIT MCReadsInit", `INIT ${seed}`)
    .replace(/Server = .*/, `Server = ${voters}\n a = a b = b c = c d = d`)
    .replace(/FirstVoters = .*/, `FirstVoters = ${voters}`)
    .replace(/MaxRestarts = \d+/, "MaxRestarts = 0")
    .replace(/MaxRounds = \d+/, `MaxRounds = ${seed === "MCReadsInit" ? 1 : 2}`)
    .replace("SYMMETRY Symmetry", "");
  return explore("SeededReads", text, maxStates, planted);
}

function explore(root: string, text: string, maxStates: number, planted: Planted | undefined): ModelResult {
  const modules = new Map([...modulesOf(specDirectory), ...modulesOf(join(import.meta.dirname, "seeds"))]);
  if (planted !== undefined) {
    const original = modules.get(planted.file)!;
    if (!original.includes(planted.from)) throw new Error(`${planted.file} does not hold ${planted.from}`);
    modules.set(planted.file, original.replace(planted.from, () => planted.to));
  }
  const configuration = parseConfiguration(text);
  const { constants, overrides, moduleOverrides } = configuration;
  const search = checkModel(loadSpecification({ root, modules, constants, overrides, moduleOverrides, parse }), configuration, { maxStates });
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}
