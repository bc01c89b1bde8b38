/** Sizes in MiB as users write them: `128`, `128MiB`, `2GiB`, `1T`. */

import { UserError } from "../errors.ts";

const form = /^(\d{1,9})\s?(m|mi|mib|g|gi|gib|t|ti|tib)?$/i;
const mebibytes: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 * 1024 };

/** What a size may be, both ends included. */
export interface SizeBounds {
  readonly least: number;
  readonly most: number;
}

export const memoryBounds: SizeBounds = { least: 1, most: 16 * 1024 * 1024 };
export const diskBounds: SizeBounds = { least: 0, most: 64 * 1024 * 1024 };

/** MiB of `text`. Throws `UserError INVALID_ARGUMENT`. */
export function parseMebibytes(text: string, { least, most }: SizeBounds): number {
  const match = form.exec(text);
  if (match === null) throw refuse(text, "it is no whole number of MiB, GiB or TiB");
  const [, number = "", unit = "m"] = match;
  const value = Number(number) * (mebibytes[unit.charAt(0).toLowerCase()] ?? 1);
  if (value < least || value > most) throw refuse(text, `it must be from ${formatMebibytes(least)} to ${formatMebibytes(most)}`);
  return value;
}

/** `512 MiB`, `2 GiB`, `1.5 GiB`. */
export function formatMebibytes(value: number): string {
  if (value >= 1024 * 1024) return `${Number((value / (1024 * 1024)).toFixed(1))} TiB`;
  return value >= 1024 ? `${Number((value / 1024).toFixed(1))} GiB` : `${value} MiB`;
}

/** Bytes for people: `3.4 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Number((bytes / 1024).toFixed(1))} KiB`;
  return bytes < 1024 ** 3 ? `${Number((bytes / 1024 ** 2).toFixed(1))} MiB` : `${Number((bytes / 1024 ** 3).toFixed(1))} GiB`;
}

function refuse(text: string, why: string): UserError {
  return new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 40))} is not a size: ${why}`, {
    next: "Give a whole number of MiB, or one with a unit, for example 128, 512MiB, 2GiB.",
  });
}
