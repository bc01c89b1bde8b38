import { Fingerprints, type Fingerprint } from "./fingerprint.ts";
import type { SharedStates } from "./shared-states.ts";
import { State } from "./state.ts";
import { renamingsOf, Symmetry } from "./symmetry.ts";
import { TupleTable } from "./tuple-table.ts";
import { ValueTable } from "./value-table.ts";
import type { Configuration } from "./configuration.ts";
import type { Specification } from "./specification.ts";

/**
 * The states that a search has found: each a tuple of the numbers of its values. Two states are one when they agree in the
 * VIEW and differ by a renaming of SYMMETRY only. Alone, a search compares tuples; with others, fingerprints.
 */
export class FoundStates {
  private readonly specification: Specification;
  private readonly view: string | undefined;
  private readonly values = new ValueTable();
  private readonly fingerprints = new Fingerprints((number) => this.values.at(number));
  private readonly symmetry: Symmetry;
  private readonly table: TupleTable;
  /** Where states are told apart by something else than their values. */
  private readonly keys: TupleTable | undefined;
  private readonly key: Int32Array;
  private readonly print: Fingerprint = { first: 0, second: 0 };
  private readonly parents: number[] = [];
  private shared: SharedStates | undefined;

  constructor(specification: Specification, { view, symmetry }: Configuration) {
    this.specification = specification;
    this.view = view;
    this.symmetry = new Symmetry(renamingsOf(specification, symmetry), this.values, this.fingerprints);
    const width = specification.variables.length;
    this.table = new TupleTable(width);
    const plain = view === undefined && this.symmetry.trivial;
    this.keys = plain ? undefined : new TupleTable(view === undefined ? width : 1);
    this.key = new Int32Array(view === undefined ? width : 1);
  }

  get size(): number {
    return this.table.size;
  }

  /** From now on a state is new only if no other search has it either. What is here already is told to all. */
  share(states: SharedStates): void {
    const known = this.keys ?? this.table;
    for (let index = 0; index < known.size; index++) {
      known.read(index, this.key);
      this.fingerprints.of(this.key, this.print);
      states.add(this.print);
    }
    this.shared = states;
  }

  /** The numbers of the values of `state`, which differs from the state numbered so in `before` where the objects differ. */
  numbers(state: State, before: State | undefined, numbersBefore: Int32Array, into: Int32Array): void {
    const { values } = state;
    for (let i = 0; i < values.length; i++) {
      into[i] = before !== undefined && values[i] === before.values[i] ? numbersBefore[i]! : this.values.number(values[i]!);
    }
  }

  /** The state with these numbers; equal values are one object in all of them. */
  stateOf(numbers: Int32Array, like: State): State {
    return new State(like.table, Array.from(numbers, (number) => this.values.at(number)));
  }

  read(index: number, into: Int32Array): void {
    this.table.read(index, into);
  }

  parentOf(index: number): number {
    return this.parents[index]!;
  }

  /** Whether the state is there. */
  has(numbers: Int32Array, state: State): boolean {
    const key = this.keyOf(numbers, state);
    if (this.shared === undefined) return (this.keys ?? this.table).find(key) >= 0;
    this.fingerprints.of(key, this.print);
    return this.shared.has(this.print);
  }

  /** Takes in the state for which `has` was asked last and gave no; false when another search was faster. */
  add(numbers: Int32Array, parent: number): boolean {
    if (this.shared === undefined) this.keys?.append(this.key);
    else if (!this.shared.add(this.print)) return false;
    this.table.append(numbers);
    this.parents.push(parent);
    return true;
  }

  private keyOf(numbers: Int32Array, state: State): Int32Array {
    const { key, keys, view, symmetry } = this;
    if (keys === undefined) {
      return numbers;
    }
    if (view === undefined) for (let i = 0; i < key.length; i++) key[i] = numbers[i]!;
    else key[0] = this.values.number(this.specification.evaluate(view, [], state));
    if (!symmetry.trivial) symmetry.reduce(key);
    return key;
  }
}
