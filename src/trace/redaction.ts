import type { TraceLine } from "./event.ts";

/**
 * Takes names out of lines: those of VMs and of nodes, which people gave, become `vm-1`, `node-1` and so on, by first
 * appearance. The same name is the same pseudonym everywhere, so that the lines remain steps of the specification; ids,
 * which machines made, stay.
 */
export function redaction(): (line: TraceLine) => TraceLine {
  const vms = new Pseudonyms("vm");
  const nodes = new Pseudonyms("node");
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([field, inside]) => [field, field === "vm" && typeof inside === "string" ? vms.of(inside) : rename(inside)]));
  };
  return (line) => {
    const renamed = rename(line) as TraceLine;
    return renamed.event === "Header" ? { ...renamed, name: nodes.of(renamed.name) } : renamed;
  };
}

class Pseudonyms {
  readonly #prefix: string;
  readonly #known = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(name: string): string {
    if (name === "") return "";
    let pseudonym = this.#known.get(name);
    if (pseudonym === undefined) this.#known.set(name, (pseudonym = `${this.#prefix}-${this.#known.size + 1}`));
    return pseudonym;
  }
}
