import { Fault } from "./fault.ts";
import { hashOf, sameImages } from "./equality.ts";
import { Entry, find, insert, type TrieNode } from "./hash-trie.ts";
import { functionOver } from "./mapping.ts";
import { FunctionValue, type SetValue, type Value } from "./value-kinds.ts";

/**
 * A function given by its rule: a recursive one, or one whose domain has no enumeration. Values are worked out when they
 * are asked for, and kept.
 */
export class LazyFunction extends FunctionValue {
  private readonly over: SetValue;
  private readonly rule: (key: Value) => Value;
  private known: TrieNode | undefined;
  private built: FunctionValue | undefined;

  constructor(over: SetValue, rule: (key: Value) => Value) {
    super();
    this.over = over;
    this.rule = rule;
  }

  override get(key: Value): Value | undefined {
    const hash = hashOf(key);
    const entry = find(this.known, hash, key);
    if (entry !== undefined) return entry.value;
    if (!this.over.contains(key)) return undefined;
    const value = this.rule(key);
    this.known = insert(this.known, 0, new Entry(hash, key, value));
    return value;
  }

  /** The same function with all its values worked out. */
  whole(): FunctionValue {
    if (!this.over.finite) throw new Fault("a function whose domain has no enumeration has no finite form");
    this.built ??= functionOver(this.over, this.over.elements().map((key) => this.get(key)!));
    return this.built;
  }

  override get size(): number {
    return this.over.size;
  }

  override get hash(): number {
    return this.whole().hash;
  }

  override with(key: Value, value: Value): FunctionValue {
    return this.whole().with(key, value);
  }

  override matches(other: FunctionValue): boolean {
    return sameImages(this, other);
  }

  override domain(): SetValue {
    return this.over;
  }

  override keys(): readonly Value[] {
    return this.over.elements();
  }
}

/** `value` without parts that are still to be worked out at its top. */
export function settled(value: Value): Value {
  return value instanceof LazyFunction ? value.whole() : value;
}
