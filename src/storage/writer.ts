/** Carries out writes on the one writing connection, each as one statement and hence one transaction with one fsync. */

import type { GroupId } from "../raft/message.ts";
import type { Connection, Parameter, Prepared } from "./connection.ts";
import type { DoorRow } from "./group-book.ts";
import type { LogIds } from "./log-id.ts";
import { sealNode, type NodeRecord, type Sealed } from "./record.ts";
import { countInstalledRows, doorColumns, installStagedRows } from "./schema.ts";

/** More groups than this in one write are split into several statements of one transaction. */
const rowsPerStatement = 16;

const placeholders = `(${doorColumns.map(() => "?").join(", ")})`;

/** A group's rows that give way to a snapshot. */
export interface Replacement {
  readonly group: GroupId;
  readonly ids: LogIds;
  /** The staged rows become the group's. */
  readonly staged: boolean;
}

function parametersOf(row: DoorRow, node: Sealed | undefined): Parameter[] {
  const { run, rows } = row;
  return [
    row.group,
    row.ids.first,
    row.ids.end,
    row.cutFrom,
    run?.first ?? null,
    run?.last ?? null,
    run === undefined ? null : Buffer.from(run.packed.buffer, run.packed.byteOffset, run.packed.byteLength),
    run?.chain ?? null,
    row.trimBefore,
    rows.puts,
    rows.putCount,
    rows.putSum,
    rows.drops,
    row.value,
    row.sum,
    node?.value ?? null,
    node?.sum ?? null,
  ];
}

export class Writer {
  private readonly connection: Connection;
  /** By number of groups. */
  private readonly statements = new Map<number, Prepared>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Durable when the promise fulfils. `node`: the node's record, when it changes. */
  async write(rows: readonly DoorRow[], replacements: readonly Replacement[], node: NodeRecord | undefined): Promise<void> {
    const sealed = node === undefined ? undefined : sealNode(node);
    if (replacements.length === 0 && rows.length <= rowsPerStatement) return await this.insert(rows, sealed);
    // The rare long way. Each statement is awaited: after one that failed no COMMIT is sent.
    await this.connection.exec("BEGIN IMMEDIATE");
    for (const { group, ids } of replacements) {
      await this.connection.all("DELETE FROM log WHERE id >= ? AND id < ?", [ids.first, ids.end]);
      await this.connection.all("DELETE FROM rows WHERE grp = ?", [group]);
    }
    const staged = replacements.filter((replacement) => replacement.staged);
    for (const { group } of staged) await this.connection.all(installStagedRows, [group]);
    for (let at = 0; at < rows.length; at += rowsPerStatement) {
      await this.insert(rows.slice(at, at + rowsPerStatement), at === 0 ? sealed : undefined);
    }
    // Last, when the row that keeps the count is there even for a group that is new.
    for (const { group } of replacements) await this.connection.all(countInstalledRows, [group]);
    await this.connection.exec("COMMIT");
    for (const { group } of staged) await this.connection.all("DELETE FROM staged_rows WHERE grp = ?", [group]);
  }

  /** Writes the node's record alone. */
  async writeNode(node: NodeRecord): Promise<void> {
    const { value, sum } = sealNode(node);
    await this.connection.all(
      "INSERT INTO node VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum",
      [value, sum],
    );
  }

  private async insert(rows: readonly DoorRow[], node: Sealed | undefined): Promise<void> {
    if (rows.length === 0) return;
    let statement = this.statements.get(rows.length);
    if (statement === undefined) {
      statement = await this.connection.prepare(`INSERT INTO door VALUES ${rows.map(() => placeholders).join(", ")}`);
      this.statements.set(rows.length, statement);
    }
    await statement.run(rows.flatMap((row, at) => parametersOf(row, at === 0 ? node : undefined)));
  }
}
