import type { Fingerprint, Fingerprints } from "./fingerprint.ts";
import { rename, renamingOf, type Renaming } from "./permute.ts";
import { ModelValue, SetValue, type Value } from "./value-kinds.ts";
import type { ValueTable } from "./value-table.ts";
import type { Specification } from "./specification.ts";

/** The renamings that the sets named by SYMMETRY generate: with two of them also the one after the other. */
export function renamingsOf(specification: Specification, names: readonly string[]): readonly Renaming[] {
  const generators = names.flatMap((name) => {
    const permutations = specification.evaluate(name);
    return permutations instanceof SetValue ? permutations.elements().map(renamingOf).filter((renaming) => renaming.size > 0) : [];
  });
  const group = new Map<string, Renaming>();
  const waiting: Renaming[] = [new Map()];
  for (let renaming = waiting.pop(); renaming !== undefined; renaming = waiting.pop()) {
    for (const generator of generators) {
      const product = after(generator, renaming);
      const name = nameOf(product);
      if (product.size === 0 || group.has(name)) continue;
      group.set(name, product);
      waiting.push(product);
    }
  }
  return [...group.values()];
}

function after(second: Renaming, first: Renaming): Renaming {
  const result = new Map<ModelValue, ModelValue>();
  for (const value of new Set([...first.keys(), ...second.keys()])) {
    const middle = first.get(value) ?? value;
    const image = second.get(middle) ?? middle;
    if (image !== value) result.set(value, image);
  }
  return result;
}

function nameOf(renaming: Renaming): string {
  return [...renaming].map(([from, to]) => `${from.name} ${to.name}`).sort().join(",");
}

/** Finds one tuple for all that differ by a renaming only. What a renaming does to a value is worked out once. */
export class Symmetry {
  private readonly renamings: readonly Renaming[];
  private readonly table: ValueTable;
  private readonly fingerprints: Fingerprints;
  private readonly images: number[][];
  private readonly least: Fingerprint = { first: 0, second: 0 };
  private readonly other: Fingerprint = { first: 0, second: 0 };

  constructor(renamings: readonly Renaming[], table: ValueTable, fingerprints: Fingerprints) {
    this.renamings = renamings;
    this.table = table;
    this.fingerprints = fingerprints;
    this.images = renamings.map(() => []);
  }

  /** Whether there is anything to do. */
  get trivial(): boolean {
    return this.renamings.length === 0;
  }

  /** Puts into `key` the tuple that stands for all renamings of what is there: the one with the least fingerprint, in every thread. */
  reduce(key: Int32Array): void {
    const { least, other, fingerprints } = this;
    const original = key.slice();
    const candidate = new Int32Array(key.length);
    fingerprints.of(original, least);
    for (let r = 0; r < this.renamings.length; r++) {
      for (let i = 0; i < key.length; i++) candidate[i] = this.image(r, original[i]!);
      fingerprints.of(candidate, other);
      if (other.first > least.first || (other.first === least.first && other.second >= least.second)) continue;
      key.set(candidate);
      least.first = other.first;
      least.second = other.second;
    }
  }

  private image(renaming: number, number: number): number {
    const images = this.images[renaming]!;
    let image = images[number];
    if (image === undefined) {
      const value: Value = this.table.at(number);
      const renamed = rename(value, this.renamings[renaming]!);
      image = renamed === value ? number : this.table.number(renamed);
      while (images.length <= number) images.push(undefined as unknown as number);
      images[number] = image;
    }
    return image;
  }
}
