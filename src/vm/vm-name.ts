/** What may enter a command line: names, uuids and sizes are checked here, right before use, whoever checked before. */

import { UserError } from "../errors.ts";
import type { VmSpec } from "../machine/records.ts";
import { shortName, titleOf } from "../workload-name.ts";

const namePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for a name as every entry demands it. `$` alone would let a final newline pass in other languages; not here. */
export function isVmName(text: string): boolean {
  return namePattern.test(text);
}

/** True for a uuid in lower case. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

const bounds = { cpus: [1, 255], memoryMib: [1, 16 * 1024 * 1024], diskMib: [0, 64 * 1024 * 1024] } as const;

/** Throws INVALID_ARGUMENT unless every field of `spec`, and the uuid, may enter a command line. */
export function checkSpec(spec: VmSpec, uuid: string): void {
  for (const [what, name] of [["VM name", spec.name], ["image name", spec.image]] as const) {
    if (!isVmName(shortName(name))) throw refuse(`the ${what} ${JSON.stringify(name)} does not match ${namePattern.source}`);
  }
  if (!isUuid(uuid)) throw refuse(`${JSON.stringify(uuid)} is not a uuid in lower case`);
  for (const field of ["cpus", "memoryMib", "diskMib"] as const) {
    const [lowest, most] = bounds[field];
    const least = field === "cpus" && spec.run !== undefined ? 0 : lowest;
    const value = spec[field];
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw refuse(`${field} of ${titleOf(spec.name)} is ${value}; it must be a whole number from ${least} to ${most}`);
    }
  }
}

function refuse(message: string): UserError {
  return new UserError("INVALID_ARGUMENT", message);
}
