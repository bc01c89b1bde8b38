/** What a group left on disk, and the state that its rows describe. */

import { StateLoader, type MachineState } from "../machine/state.ts";
import type { GroupId } from "../raft/message.ts";
import type { Storage, StoredGroup } from "../storage/storage.ts";

/** Makes the state while the rows are read. `stored` has none of them; undefined where nothing was written yet. */
export async function loadGroup(storage: Storage, group: GroupId): Promise<{ stored: StoredGroup | undefined; machine: MachineState }> {
  const loader = new StateLoader();
  const groups = await storage.load((of, rows) => {
    if (of === group) loader.add(rows);
  });
  return { stored: groups.find((one) => one.group === group), machine: loader.finish() };
}
