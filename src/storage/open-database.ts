/** What is done to a database before anything in it is served. */

import { UserError } from "../errors.ts";
import { journalBytes } from "./checkpoint.ts";
import type { Connection } from "./connection.ts";
import { damaged, fromDisk } from "./disk-error.ts";
import type { DurableMark } from "./durable-mark.ts";
import { lastSequence, loadNode } from "./load.ts";
import type { NodeRecord } from "./record.ts";
import { makeDurable, openDoor, prepareSchema } from "./schema.ts";

/** Returns the node's record, and the number of the last transaction. Refuses a database that does not reach its mark. */
export async function openDatabase(
  connection: Connection,
  directory: string,
  staging: string,
  mark: DurableMark,
): Promise<{ readonly node: NodeRecord; readonly sequence: number }> {
  // Works only on a database without tables; must come before the first one.
  await connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
  await makeDurable(connection, journalBytes);
  await prepareSchema(connection, directory);
  const node = await loadNode(connection, directory);
  const sequence = await lastSequence(connection, node);
  await checkMark(directory, mark, sequence);
  await openDoor(connection, staging);
  // Starts the log anew, so that what a torn transaction left behind its end is never taken for a part of it. On a full disk
  // it may fail; then the log stays, which is no harm.
  await connection.exec("PRAGMA main.wal_checkpoint(TRUNCATE)").catch((error: unknown) => {
    const mapped = fromDisk(directory, "the checkpoint at the start", error);
    if (!(mapped instanceof UserError && mapped.code === "DISK_FULL")) throw mapped;
  });
  await mark.begin(sequence);
  return { node, sequence };
}

/** A database that lacks what was acknowledged is damaged, however whole it looks. */
async function checkMark(directory: string, mark: DurableMark, sequence: number): Promise<void> {
  const acknowledged = await mark.read();
  if (acknowledged === undefined && sequence > 0) throw damaged(directory, "the file mark", "it does not tell which write was acknowledged last");
  if ((acknowledged ?? 0) <= sequence) return;
  throw damaged(directory, "the end of the write-ahead log", `it reaches write ${sequence}, and write ${acknowledged} was acknowledged`);
}
