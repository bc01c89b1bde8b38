/**
 * The `newc` archive format that the kernel unpacks as its first root file system
 * (Linux: Documentation/driver-api/early-userspace/buffer-format.rst). Pure: the same entries give the same bytes.
 */

export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly executable: boolean; readonly content: Buffer }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** File type bits and permissions (inode(7)). */
const modes = { directory: 0o040755, file: 0o100644, executable: 0o100755, link: 0o120777 } as const;

/** Archives the entries in the order given; a directory must stand before what it holds. Owner root, time 0. */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => record(entry.path, modeOf(entry), contentOf(entry), index + 1));
  return Buffer.concat([...parts, ...record("TRAILER!!!", 0, Buffer.alloc(0), 0)]);
}

/** Header, name and content, each padded to four bytes. */
function record(path: string, mode: number, content: Buffer, inode: number): readonly Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const links = mode === modes.directory ? 2 : 1;
  // ino, mode, uid, gid, nlink, mtime, filesize, maj, min, rmaj, rmin, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((it) => it.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function modeOf(entry: CpioEntry): number {
  return entry.kind === "file" && entry.executable ? modes.executable : modes[entry.kind];
}

function contentOf(entry: CpioEntry): Buffer {
  if (entry.kind === "file") return entry.content;
  return entry.kind === "link" ? Buffer.from(entry.target) : Buffer.alloc(0);
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
