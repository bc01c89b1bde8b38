import { equal } from "./equality.ts";
import type { Value } from "./value-kinds.ts";

/** A key with its value and the hash of the key. In a set, the value repeats the key. */
export class Entry {
  readonly hash: number;
  readonly key: Value;
  readonly value: Value;

  constructor(hash: number, key: Value, value: Value) {
    this.hash = hash;
    this.key = key;
    this.value = value;
  }
}

/** Up to 32 children chosen by five bits of the hash; `bitmap` says which are there. */
export class Branch {
  bitmap: number;
  slots: TrieNode[];
  /** Who may still change this node in place: the builder that made it. */
  readonly owner: object | undefined;

  constructor(bitmap: number, slots: TrieNode[], owner: object | undefined) {
    this.bitmap = bitmap;
    this.slots = slots;
    this.owner = owner;
  }
}

/** Several keys with one hash. */
class Clash {
  readonly hash: number;
  readonly entries: readonly Entry[];

  constructor(hash: number, entries: readonly Entry[]) {
    this.hash = hash;
    this.entries = entries;
  }
}

export type TrieNode = Entry | Branch | Clash;

/**
 * A persistent hash map (Bagwell's trie): looking up and changing one key cost about log32 n, and older versions stay
 * as they were. All functions take undefined for the empty map.
 */
export function find(node: TrieNode | undefined, hash: number, key: Value): Entry | undefined {
  let shift = 0;
  while (node !== undefined) {
    if (node instanceof Entry) return node.hash === hash && equal(node.key, key) ? node : undefined;
    if (node instanceof Clash) return node.hash === hash ? node.entries.find((entry) => equal(entry.key, key)) : undefined;
    const bit = 1 << ((hash >>> shift) & 31);
    if ((node.bitmap & bit) === 0) return undefined;
    node = node.slots[bits(node.bitmap & (bit - 1))];
    shift += 5;
  }
  return undefined;
}

function bits(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The map with `entry`, in place of what stood at its key. `owner` marks nodes that it may change in place. */
export function insert(node: TrieNode | undefined, shift: number, entry: Entry, owner?: object): TrieNode {
  if (node === undefined) return entry;
  if (node instanceof Branch) return insertInBranch(node, shift, entry, owner);
  if (node.hash === entry.hash) {
    if (node instanceof Entry) return equal(node.key, entry.key) ? entry : new Clash(entry.hash, [node, entry]);
    return new Clash(entry.hash, [...node.entries.filter((other) => !equal(other.key, entry.key)), entry]);
  }
  const single = new Branch(1 << ((node.hash >>> shift) & 31), [node], owner);
  return insertInBranch(single, shift, entry, owner);
}

function insertInBranch(node: Branch, shift: number, entry: Entry, owner: object | undefined): Branch {
  const bit = 1 << ((entry.hash >>> shift) & 31);
  const index = bits(node.bitmap & (bit - 1));
  const target = owner !== undefined && node.owner === owner ? node : new Branch(node.bitmap, node.slots.slice(), owner);
  if ((node.bitmap & bit) === 0) {
    target.slots.splice(index, 0, entry);
    target.bitmap |= bit;
  } else {
    target.slots[index] = insert(node.slots[index], shift + 5, entry, owner);
  }
  return target;
}

/** The map without `key`, which is in it. */
export function remove(node: TrieNode | undefined, shift: number, hash: number, key: Value): TrieNode | undefined {
  if (node === undefined || node instanceof Entry) return undefined;
  if (node instanceof Clash) {
    const rest = node.entries.filter((entry) => !equal(entry.key, key));
    return rest.length === 1 ? rest[0] : new Clash(node.hash, rest);
  }
  const bit = 1 << ((hash >>> shift) & 31);
  const index = bits(node.bitmap & (bit - 1));
  const child = remove(node.slots[index], shift + 5, hash, key);
  const slots = node.slots.slice();
  if (child !== undefined) {
    slots[index] = child;
    // A lone entry moves up, so that a map has one shape whatever its history.
    return slots.length === 1 && !(child instanceof Branch) ? child : new Branch(node.bitmap, slots, undefined);
  }
  if (slots.length === 1) return undefined;
  slots.splice(index, 1);
  const only = slots[0];
  if (slots.length === 1 && only !== undefined && !(only instanceof Branch)) return only;
  return new Branch(node.bitmap & ~bit, slots, undefined);
}

/** Calls `visit` with every entry, in no particular order. */
export function visitEntries(node: TrieNode | undefined, visit: (entry: Entry) => void): void {
  if (node === undefined) return;
  if (node instanceof Entry) visit(node);
  else if (node instanceof Clash) node.entries.forEach(visit);
  else for (const child of node.slots) visitEntries(child, visit);
}
