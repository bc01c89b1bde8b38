/** Streams that follow the log, printed as they come: `kv watch` and `events`. */

import { UserError } from "../errors.ts";
import type { ClusterEvent, EventsResponse, KvChange, KvWatchResponse } from "../transport/messages.generated.ts";
import { notify, writeLine } from "./output.ts";
import { shortened } from "./printable.ts";

/** Prints changes; with `json` one object an entry and line, markers too. */
export function writeChanges(messages: AsyncIterable<KvWatchResponse>, json: boolean): Promise<void> {
  return writeMessages(messages, json, {
    json: ({ index, changes, epoch, nodeId }) => ({ index, epoch, nodeId, progress: changes.length === 0, changes: changes.map(changeJson) }),
    lines: ({ index, changes }) => changes.map((change) => changeLine(index, change)),
  });
}

/** Prints events; with `json` one object an entry and line, markers too. */
export function writeEvents(messages: AsyncIterable<EventsResponse>, json: boolean): Promise<void> {
  return writeMessages(messages, json, {
    json: ({ index, events, epoch }) => ({ index, epoch, progress: events.length === 0, events: events.map(eventJson) }),
    lines: ({ events }) => events.map(eventLine),
  });
}

interface View<Message> {
  readonly json: (message: Message) => unknown;
  readonly lines: (message: Message) => readonly string[];
}

async function writeMessages<Message extends { readonly index: number; readonly epoch: number }>(
  messages: AsyncIterable<Message>,
  json: boolean,
  view: View<Message>,
): Promise<void> {
  let last: Message | null = null;
  try {
    for await (const message of messages) {
      last = message;
      if (json) await writeLine(JSON.stringify(view.json(message)));
      else for (const line of view.lines(message)) await writeLine(line);
    }
    if (last !== null) notify(`all up to index ${last.index} is told`);
  } catch (error) {
    if (!(error instanceof UserError) || last === null || error.code === "COMPACTED") throw error;
    const next = `Read on at this or any other member with --since ${last.index} --epoch ${last.epoch}.`;
    throw new UserError(error.code, error.message, { ...error.place, next });
  }
}

function changeJson({ key, version, value, createdIndex }: KvChange): unknown {
  return value === null ? { key, deleted: true, version } : { key, deleted: false, version, value, createdIndex };
}

function changeLine(index: number, { key, version, value }: KvChange): string {
  const shown = value === "" ? '""' : shortened(value ?? "", 60);
  return value === null ? `${index}  delete  ${shortened(key, 200)}  v${version}` : `${index}  put  ${shortened(key, 200)}  v${version}  ${shown}`;
}

function eventJson({ place, timeMs, kind, what, subject, nodeId, text }: ClusterEvent): unknown {
  return { place, time: new Date(timeMs).toISOString(), kind, what, subject, nodeId: nodeId || null, text };
}

function eventLine({ index, timeMs, kind, what, subject, nodeId, text }: ClusterEvent): string {
  const node = nodeId === "" || nodeId === subject ? "" : `  node ${nodeId}`;
  const details = text === "" ? "" : `  ${shortened(text, 200)}`;
  return `${index}  ${new Date(timeMs).toISOString()}  ${kind} ${shortened(subject, 80)} ${what}${node}${details}`;
}
