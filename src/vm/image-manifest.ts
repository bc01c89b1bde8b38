/** The digest of an image: the hash of its manifest, which names the hash of each of its files. */

import { createHash } from "node:crypto";
import type { ImageManifest } from "../machine/image-record.ts";

/** 64 hexadecimal digits. The canonical form: JSON without blanks, fields in the order of `ImageManifest`, none that is absent. */
export function manifestDigest({ kernel, initrd, disk, cmdline, memoryMib, ready }: ImageManifest): string {
  const blob = (it: ImageManifest["kernel"] | undefined): object | undefined => it && { sha256: it.sha256, bytes: it.bytes };
  const canonical = { kernel: blob(kernel), initrd: blob(initrd), disk: blob(disk), cmdline, memoryMib, ready };
  return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}
