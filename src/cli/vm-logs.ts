/** `vm logs`: the console of a VM, as it comes. */

import type { VmLogsChunk } from "../transport/messages.generated.ts";
import { write, writeLine } from "./output.ts";

/** Writes the chunks to stdout as they are; with `json` one object a chunk and line. */
export async function writeLogs(chunks: AsyncIterable<VmLogsChunk>, json: boolean): Promise<void> {
  const decoder = new TextDecoder();
  for await (const { text } of chunks) {
    if (json) await writeLine(JSON.stringify({ text: decoder.decode(text, { stream: true }) }));
    else await write(text);
  }
}
