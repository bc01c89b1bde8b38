/**
 * A process that writes until it is killed or until its disk fails: `tsx store-in-a-loop.ts DIRECTORY`. Write n appends the
 * entries 2n − 1 and 2n, and sets term, row and applied index to n. Prints n when it is acknowledged, and the first failure.
 */

import { writeSync } from "node:fs";

import { UserError } from "../../../src/errors.ts";
import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import { loopWrite } from "./loop-write.ts";

const storage = await openSqliteStorage({ directory: process.argv[2] ?? "" });
const [group] = await storage.load();
const say = (line: string): unknown => writeSync(1, `${line}\n`);

say("ready");
for (let n = (group?.hardState.currentTerm ?? 0) + 1; ; n += 1) {
  try {
    await storage.write([loopWrite(n)]);
    say(String(n));
  } catch (error) {
    const again = await storage.write([loopWrite(n + 1)]).catch((second: unknown) => second);
    say(`failed ${error instanceof UserError ? error.code : String(error)} ${again === error ? "finally" : "and went on"}`);
    break;
  }
}
await storage.close();
