import { readFileSync } from "node:fs";
import { Fault } from "../tla/fault.ts";
import type { Host } from "../tla/host.ts";
import { fromJson, record, sequenceOf, type Value } from "../tla/values.ts";

/** What a specification that runs from files may read: JSON, and the environment of the process. It writes nothing. */
export function diskHost(print?: (text: string) => void): Host {
  return {
    ndJsonDeserialize: (file) => {
      const lines = readText(file).split("\n").filter((line) => line.trim() !== "");
      return sequenceOf(lines.map((line, index) => parsed(line, `${file}:${index + 1}`)));
    },
    jsonDeserialize: (file) => parsed(readText(file), file),
    environment: record(process.env as Readonly<Record<string, string>>),
    ...(print === undefined ? {} : { print }),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function parsed(text: string, where: string): Value {
  try {
    return fromJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Fault) throw new Fault(`${where}: ${error.message}`);
    throw error;
  }
}
