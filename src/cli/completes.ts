/** Which arguments and flags name something that a daemon knows, so that a shell can offer the names. */

export const nameKinds = ["vm", "service", "task", "image", "node", "key"] as const;
export type NameKind = (typeof nameKinds)[number];

const kinds = new WeakMap<object, NameKind>();

/** Marks the definition of an argument or a flag; returns it. */
export function completes<Definition extends object>(kind: NameKind, definition: Definition): Definition {
  kinds.set(definition, kind);
  return definition;
}

/** What the values of the definition are names of; undefined: of nothing that a daemon knows. */
export function kindCompleted(definition: object): NameKind | undefined {
  return kinds.get(definition);
}
