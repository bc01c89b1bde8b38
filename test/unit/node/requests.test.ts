/** Requests that are tried again inside the daemon (rows P6, R4, R6). */

import { expect, test } from "vitest";
import { decodeEnvelope } from "../../../src/machine/envelope.ts";
import type { Envelope } from "../../../src/machine/commands.ts";
import type { Attempt, Attempts } from "../../../src/node/attempts.ts";
import { Requests } from "../../../src/node/requests.ts";
import type { Replica } from "../../../src/replica/replica.ts";

const envelope: Envelope = { client: "c", sequence: 1, acknowledged: 1, command: { kind: "kv-put", key: "/a", value: "1" } };

/** A node that leads and has applied 33 entries; its attempts end as told. */
function requests(outcomes: Attempt[]) {
  const proposed: Envelope[] = [];
  const attempts = {
    propose(_kind: string, payload: Uint8Array, _timeoutMs: number, done: (attempt: Attempt) => void) {
      proposed.push(decodeEnvelope(payload) as Envelope);
      done(outcomes.shift() as Attempt);
    },
  } as unknown as Attempts;
  const replica = { appliedIndex: 33, raft: { role: "Leader", leader: "a" } } as unknown as Replica;
  const neighbours = { self: "a", ask: () => Promise.reject(new Error("nobody is asked")), addressOf: () => null, renew: () => Promise.reject(new Error("no renewal here")) , assertOff: () => Promise.reject(new Error("no renewal here")) };
  return { proposed, requests: new Requests("meta", replica, attempts, () => performance.now(), neighbours) };
}

const replied: Attempt = { kind: "replied", reply: { ok: true, index: 30, value: { version: 1 } } };

test("what may stand in some log already is sent again with an index of before, so that a forgotten session is noticed", async () => {
  const { proposed, requests: asked } = requests([{ kind: "lost", replaced: true }, { kind: "lost", replaced: false }, replied]);
  await asked.submit(envelope, 10_000);
  expect(proposed.map(({ opened }) => opened)).toEqual([undefined, undefined, 33]);
});

test("an index that the client gave is the older one, and stays", async () => {
  const { proposed, requests: asked } = requests([{ kind: "lost", replaced: false }, replied]);
  await asked.submit({ ...envelope, opened: 7 }, 10_000);
  expect(proposed.map(({ opened }) => opened)).toEqual([7, 7]);
});
