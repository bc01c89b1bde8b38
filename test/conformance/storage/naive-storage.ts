/** The obvious model of a storage: what each write means, without a disk. */

import { noConfiguration } from "../../../src/raft/configuration.ts";
import type { GroupWrite, Row, StoredGroup } from "../../../src/storage/storage.ts";

const rowName = (table: string, key: string): string => JSON.stringify([table, key]);

/** A group in a form that two storages can be compared by. `logStart` is left out: a storage may trim less than it may. */
export function comparable(group: StoredGroup): unknown {
  const { logStart, entries, rows, ...rest } = group;
  const kept = entries.filter((entry) => entry.index > group.applied.index);
  return {
    ...rest,
    end: logStart.index + entries.length,
    entries: kept.map((entry) => ({ ...entry, bytes: Buffer.from(entry.bytes).toString("hex") })),
    rows: rows.map(({ table, key, value }) => `${rowName(table, key)} = ${value}`).sort(),
  };
}

/** Groups in a form that two storages can be compared by. */
export function comparableGroups(groups: readonly StoredGroup[]): unknown {
  return [...groups].sort((a, b) => (a.group < b.group ? -1 : 1)).map(comparable);
}

export class NaiveStorage {
  private readonly groups = new Map<string, StoredGroup>();
  private readonly staged = new Map<string, readonly Row[]>();

  stage(token: string, rows: readonly Row[], first: boolean): void {
    this.staged.set(token, [...(first ? [] : (this.staged.get(token) ?? [])), ...rows]);
  }

  /** What a restart finds. */
  load(): readonly StoredGroup[] {
    return [...this.groups.values()];
  }

  group(name: string): StoredGroup {
    return (
      this.groups.get(name) ?? {
        group: name,
        hardState: { currentTerm: 0, votedFor: null },
        applied: { index: 0, term: 0, configuration: noConfiguration, configurationIndex: 0 },
        logStart: { index: 0, term: 0 },
        entries: [],
        rows: [],
      }
    );
  }

  write(write: GroupWrite): void {
    let group = this.group(write.group);
    if (write.replace === true) {
      const { index, term } = write.applied ?? group.applied;
      group = { ...group, entries: [], logStart: { index, term }, rows: this.staged.get(write.stagedSnapshot ?? "") ?? [] };
    }
    const { truncateFrom } = write;
    const kept = truncateFrom === undefined ? group.entries : group.entries.filter((entry) => entry.index < truncateFrom);
    const rows = new Map(group.rows.map((row) => [rowName(row.table, row.key), row]));
    for (const { table, key, value } of write.rows ?? []) {
      if (value === null) rows.delete(rowName(table, key));
      else rows.set(rowName(table, key), { table, key, value });
    }
    this.groups.set(write.group, {
      ...group,
      entries: [...kept, ...(write.entries ?? [])],
      hardState: write.hardState ?? group.hardState,
      applied: write.applied ?? group.applied,
      rows: [...rows.values()],
    });
  }
}
