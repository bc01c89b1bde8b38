import { equal, hashOf } from "./equality.ts";
import { Fault } from "./fault.ts";
import { hashPair } from "./hashing.ts";
import type { Value } from "./value-kinds.ts";

/** The variables of a specification and their places. */
export class VariableTable {
  readonly names: readonly string[];
  private readonly places = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.names = names;
    names.forEach((name, index) => this.places.set(name, index));
  }

  indexOf(name: string): number {
    const index = this.places.get(name);
    if (index === undefined) throw new Fault(`${name} is not a variable`);
    return index;
  }
}

/** A state: a value for every variable. Never changes. */
export class State {
  readonly table: VariableTable;
  /** In the order of the variables; for the evaluator. */
  readonly values: readonly Value[];

  constructor(table: VariableTable, values: readonly Value[]) {
    this.table = table;
    this.values = values;
  }

  get variables(): readonly string[] {
    return this.table.names;
  }

  get(name: string): Value {
    return this.values[this.table.indexOf(name)]!;
  }

  get hash(): number {
    let hash = this.values.length;
    for (const value of this.values) hash = hashPair(hash, hashOf(value));
    return hash;
  }

  equals(other: State): boolean {
    if (this === other) return true;
    return this.values.every((value, index) => equal(value, other.values[index]!));
  }

  /** The variables whose values differ. */
  changed(since: State): readonly string[] {
    return this.table.names.filter((_, index) => !equal(this.values[index]!, since.values[index]!));
  }
}
