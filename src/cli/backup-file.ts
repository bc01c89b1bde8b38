/**
 * A backup as a file: lines of JSON, the first of which is its head and the last its checksum (SHA-256 over all before).
 * It comes into being under its name only when it is whole.
 */

import { createHash } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { UserError } from "../errors.ts";
import type { BackupHead } from "../node/backup-head.ts";
import type { BackupChunk } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";

interface Row {
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/** What is in a backup. */
export interface Backup {
  readonly head: BackupHead;
  readonly rows: readonly Row[];
}

/** Writes what comes, readable by its owner only. A file that is there stays, unless `replace`. */
export async function writeBackup(path: string, chunks: AsyncIterable<BackupChunk>, replace: boolean): Promise<Answer> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  if (there && !replace) throw new UserError("ALREADY_EXISTS", `${path} is there already`, { next: "Name another file, or give --replace." });
  const partial = `${path}.partial`;
  const file = await open(partial, "w", 0o600);
  try {
    const hash = createHash("sha256");
    let [bytes, rows, last] = [0, 0, false];
    let head: BackupHead | null = null;
    const line = async (text: string): Promise<void> => {
      const data = Buffer.from(`${text}\n`);
      hash.update(data);
      bytes += data.length;
      await file.writeFile(data);
    };
    for await (const chunk of chunks) {
      if (chunk.head.length > 0) {
        head = JSON.parse(chunk.head.toString()) as BackupHead;
        await line(JSON.stringify({ blixard: "backup", ...head }));
        continue;
      }
      const page = chunk.rows.toString();
      rows += (JSON.parse(page) as unknown[]).length;
      if (!chunk.last) await line(page);
      last = chunk.last;
    }
    if (head === null || !last) throw new UserError("UNREACHABLE", "the backup ended before its last page", { next: "Try again." });
    await file.writeFile(`${JSON.stringify({ rows, sha256: hash.digest("hex") })}\n`);
    await file.sync();
    await file.close();
    await rename(partial, path);
    return backedUp(path, head, rows, bytes);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

function backedUp(path: string, head: BackupHead, rows: number, bytes: number): Answer {
  const { clusterId, epoch, group, index, term } = head;
  return {
    json: { file: path, clusterId, epoch, group, index, term, rows, bytes },
    text: () => `${path}: ${rows} rows of group ${group} at index ${index}, ${bytes} bytes`,
  };
}

/** Reads and checks a backup as a whole. `UserError BACKUP_DAMAGED` says what is wrong. */
export async function readBackup(path: string): Promise<Backup> {
  const damaged = (what: string): UserError => {
    return new UserError("BACKUP_DAMAGED", `${path} cannot be restored: ${what}`, { next: "Nothing was changed. Use another backup." });
  };
  const data = await readFile(path);
  const body = data.subarray(0, data.lastIndexOf(10, data.length - 2) + 1);
  const end = parsed(data.subarray(body.length).toString()) as { rows?: unknown; sha256?: unknown } | undefined;
  if (body.length === 0 || typeof end?.sha256 !== "string") throw damaged("it has no end");
  if (createHash("sha256").update(body).digest("hex") !== end.sha256) throw damaged("its checksum does not hold");
  const [first, ...pages] = body.toString().trimEnd().split("\n");
  const head = parsed(first ?? "") as (BackupHead & { blixard?: unknown }) | undefined;
  if (head?.blixard !== "backup") throw damaged("it is no backup");
  if ((head.format as number) !== 1) throw damaged(`it has format ${String(head.format)}, which this version does not know`);
  const rows = pages.flatMap((page) => (parsed(page) as [string, string, string][]).map(([table, key, value]) => ({ table, key, value })));
  if (rows.length !== end.rows) throw damaged(`it has ${rows.length} rows, not ${String(end.rows)}`);
  return { head, rows };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
