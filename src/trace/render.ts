import type { TracedEntries, TraceLine } from "./event.ts";

/** Fields that stand in columns of their own, or that people do not need. */
const columns = new Set(["group", "node", "incarnation", "seq", "clock", "event"]);
/** Fields that every line of consensus repeats; they come last and in short. */
const consensus = new Set(["term", "role", "lastLogIndex", "commitIndex"]);

/** Titles above `renderLine`'s columns. */
export const lineTitles = "   CLOCK  NODE          GROUP     EVENT                        DETAILS";

/**
 * One line of a trace as one line of text. `names` gives the names of nodes by id; where a node has none its id is
 * shortened to eight characters.
 */
export function renderLine(line: TraceLine, names: ReadonlyMap<string, string>): string {
  const node = shortName(line.node, names).padEnd(12);
  const place = `${String(line.clock).padStart(8)}  ${node}  ${line.group.padEnd(8)}  ${line.event.padEnd(27)}  `;
  return (place + details(line, names)).trimEnd();
}

/** The node's name, or the front of its id. */
export function shortName(node: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(node);
  if (name !== undefined && name !== "") return name;
  return node.length > 12 ? node.slice(0, 8) : node;
}

function details(line: TraceLine, names: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [field, value] of Object.entries(line)) {
    if (columns.has(field) || consensus.has(field)) continue;
    parts.push(`${field}=${field === "entries" ? entriesText(value as readonly TracedEntries[], names) : valueText(value, names)}`);
  }
  if ("role" in line) parts.push(`| ${line.role} term=${line.term} last=${line.lastLogIndex} commit=${line.commitIndex}`);
  return parts.join(" ");
}

function entriesText(entries: readonly TracedEntries[], names: ReadonlyMap<string, string>): string {
  return `[${entries.map((entry) => entryText(entry, names)).join(", ")}]`;
}

function entryText(entry: TracedEntries, names: ReadonlyMap<string, string>): string {
  const term = `t${entry.term}`;
  switch (entry.kind) {
    case "command":
      return entry.count === 1 ? `command ${term}` : `${entry.count}×command ${term}`;
    case "noop":
      return `noop ${term}`;
    case "configuration":
      return [`configuration ${term}`, ...(["voters", "learners", "outgoing"] as const).flatMap((set) => {
        const ids = entry[set];
        return ids === undefined ? [] : [`${set}=${valueText(ids, names)}`];
      })].join(" ");
    case "vm":
      return `${entry.command.op} ${term} ${entry.command.vm}`;
  }
}

function valueText(value: unknown, names: ReadonlyMap<string, string>): string {
  if (typeof value === "string") return value === "" ? '""' : names.has(value) ? shortName(value, names) : value;
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, names)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value).map(([field, item]) => `${field}=${valueText(item, names)}`).join(" ")}}`;
  }
  return String(value);
}
