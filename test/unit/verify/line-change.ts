/** Every way to change one field of a line into another plausible value. */

export interface Line {
  readonly event: string;
  readonly node: string;
  readonly seq: number;
  readonly clock: number;
  readonly [field: string]: unknown;
}

export interface LineChange {
  /** Path of the field, indices of arrays as `[]`. */
  readonly field: string;
  /** `3 → 4` */
  readonly value: string;
  readonly line: Line;
}

const roles = ["Follower", "PreCandidate", "Candidate", "Leader"];

/** The line with each of its values changed, one at a time, at every depth. */
export function* changesOf(line: Line, files: readonly { readonly lines: readonly Line[] }[]): Generator<LineChange> {
  const nodes = [...new Set(files.flatMap(({ lines }) => lines.map(({ node }) => node)))];
  for (const { path, before, after, value } of changes(line, "", nodes)) {
    yield { field: path.slice(1), value: `${JSON.stringify(before)} → ${JSON.stringify(after)}`, line: value as Line };
  }
}

interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly value: unknown;
}

function* changes(value: unknown, path: string, nodes: readonly string[]): Generator<Change> {
  if (Array.isArray(value)) {
    if (value.length > 0) yield { path: `${path}.length`, before: value, after: value.slice(0, -1), value: value.slice(0, -1) };
    for (const [at, item] of value.entries()) {
      for (const change of changes(item, `${path}[]`, nodes)) yield { ...change, value: value.with(at, change.value) };
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [field, inside] of Object.entries(value)) {
      for (const change of changes(inside, `${path}.${field}`, nodes)) yield { ...change, value: { ...value, [field]: change.value } };
    }
  } else {
    for (const after of path === ".clock" ? otherClocks(value as number) : otherValues(value, nodes)) yield { path, before: value, after, value: after };
  }
}

/** Clocks are even. A little later, a little earlier, and past the lines of other nodes. */
function otherClocks(clock: number): readonly number[] {
  return [clock + 2, clock - 2, clock + 12];
}

function otherValues(value: unknown, nodes: readonly string[]): readonly unknown[] {
  if (typeof value === "number") return value > 0 ? [value + 1, value - 1] : [value + 1];
  if (typeof value === "boolean") return [!value];
  if (typeof value !== "string") return [];
  if (nodes.includes(value)) return nodes.filter((node) => node !== value);
  if (roles.includes(value)) return roles.filter((role) => role !== value);
  return value === "" ? [nodes[0] ?? "x"] : [`${value}x`, ""];
}
