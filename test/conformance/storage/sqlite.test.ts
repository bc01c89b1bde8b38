import { makeSqliteDisk } from "./sqlite-disk.ts";
import { storageContract } from "./storage-contract.ts";

storageContract("SQLite", makeSqliteDisk, 25);
