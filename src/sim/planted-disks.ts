/** Planted bugs of storage: what is not on disk although it was said to be, and what is read back other than it was written. */

import type { Entry } from "../entry.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { flipped } from "./planted-snapshots.ts";

/** The entry with one bit of its last bytes turned. */
function damaged(entry: Entry): Entry {
  const bytes = Uint8Array.from(entry.bytes);
  const at = bytes.length - 6;
  if (entry.kind === "command" && at > 40) bytes[at] = (bytes[at] ?? 0) ^ 1;
  return { ...entry, bytes };
}

export const plantedDisks: readonly (() => PlantedBug)[] = [
  () => ({
    name: "row-lost-in-restart",
    caughtBy: ["RestoreRows"],
    restore: (stored) => ({ ...stored, rows: stored.rows.slice(1) }),
  }),
  () => ({
    name: "damaged-row-accepted",
    caughtBy: ["RestoreRows"],
    restore: (stored) => ({ ...stored, rows: stored.rows.map((row, at) => (at === stored.rows.length - 1 ? { ...row, value: flipped(row.value) } : row)) }),
  }),
  () => ({
    name: "damaged-entry-accepted",
    caughtBy: ["Apply"],
    restore: (stored) => ({ ...stored, entries: stored.entries.map((entry) => (entry.index > stored.applied.index ? damaged(entry) : entry)) }),
  }),
  () => ({
    name: "last-entry-lost-in-restart",
    caughtBy: ["Restart"],
    restore: (stored) => {
      const last = stored.entries.at(-1);
      return last === undefined || last.index <= stored.applied.index ? stored : { ...stored, entries: stored.entries.slice(0, -1) };
    },
  }),
  () => ({
    name: "applied-entries-replayed",
    caughtBy: ["RestoreRows"],
    restore(stored) {
      const { applied, logStart } = stored;
      const index = applied.index - 1;
      const term = stored.entries.find((entry) => entry.index === index)?.term;
      if (term === undefined || index <= logStart.index || index < applied.configurationIndex) return stored;
      return { ...stored, applied: { ...applied, index, term } };
    },
  }),
  () => ({
    name: "deleted-rows-come-back",
    caughtBy: ["RestoreRows"],
    write: (taken) => ({ ...taken, write: { ...taken.write, ...(taken.write.rows === undefined ? {} : { rows: taken.write.rows.filter(({ value }) => value !== null) }) } }),
  }),
  () => ({
    name: "rows-of-one-table-not-written",
    caughtBy: ["RestoreRows", "ApplySnapshot"],
    write: (taken) => ({ ...taken, write: { ...taken.write, ...(taken.write.rows === undefined ? {} : { rows: taken.write.rows.filter(({ table }) => table !== "session") }) } }),
  }),
  () => ({
    name: "configuration-lost-in-restart",
    caughtBy: ["Timeout", "BecomeLeader", "AdvanceCommitIndex", "AppendEntries", "ChangeConfiguration", "Apply", "BecomePreCandidate"],
    restore(stored) {
      const { configuration } = stored.applied;
      const voters = configuration.voters.slice(0, 2);
      return { ...stored, applied: { ...stored.applied, configuration: { ...configuration, voters } } };
    },
  }),
  () => ({ name: "synchronous-normal", caughtBy: ["Restart"], unsyncedWrites: 4 }),
  () => ({ name: "fsync-error-ignored", caughtBy: ["Restart"], ignoresDiskErrors: true, trustsDamage: true }),
  () => ({ name: "checksum-not-verified", caughtBy: ["RestoreRows", "Restart", "Apply", "ApplySnapshot"], trustsDamage: true }),
  () => ({
    name: "applied-index-in-another-transaction",
    caughtBy: ["RestoreRows"],
    transactions: ({ group, rows, ...rest }) => [{ group, ...(rows === undefined ? {} : { rows }) }, { group, ...rest }],
  }),
  () => ({
    name: "rows-in-another-transaction",
    caughtBy: ["RestoreRows"],
    transactions: ({ rows, ...first }) => [first, { group: first.group, ...(rows === undefined ? {} : { rows }) }],
  }),
  () => ({ name: "lost-disk-under-the-old-id", caughtBy: ["Restart"], reusesIdentity: true }),
  () => ({
    name: "trimmed-beyond-what-is-applied",
    caughtBy: ["RestoreRows"],
    restore(stored) {
      const next = stored.entries.find(({ index }) => index === stored.applied.index + 1);
      if (next === undefined || next.kind === "configuration") return stored;
      const entries = stored.entries.filter(({ index }) => index > next.index);
      return { ...stored, entries, logStart: { index: next.index, term: next.term }, applied: { ...stored.applied, index: next.index, term: next.term } };
    },
  }),
  () => ({
    name: "old-rows-survive-a-snapshot",
    caughtBy: ["RestoreRows"],
    equip({ disk }) {
      const stage = disk.stage.bind(disk);
      disk.stage = (token, rows, then) => {
        const names = new Set(rows.map(({ table, key }) => `${table}/${key}`));
        disk.readSnapshot((before) => stage(token, [...rows, ...(before?.rows ?? []).filter(({ table, key }) => !names.has(`${table}/${key}`))], then));
      };
    },
  }),
];
