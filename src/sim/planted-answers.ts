/** Planted bugs of what clients are told of their writes. */

import { decodeEnvelope } from "../machine/envelope.ts";
import { kvGet } from "../machine/query.ts";
import type { Output, Replica } from "../replica/replica.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The answer to a put as it would be if it came next. */
function guessedReply(replica: Replica, id: number, payload: Uint8Array): Output[] {
  const envelope = decodeEnvelope(payload);
  if ("refused" in envelope || envelope.command.kind !== "kv-put") return [];
  const version = (kvGet(replica.machine, envelope.command.key)?.version ?? 0) + 1;
  return [{ kind: "replied", id, reply: { ok: true, index: replica.raft.log.lastIndex, value: { version } } }];
}

export const plantedAnswers: readonly (() => PlantedBug)[] = [
  () => ({
    name: "acknowledged-before-the-commit",
    caughtBy: ["linearizability"],
    after(replica, outputs, event) {
      if (event.kind !== "propose" || replica.raft.role !== "Leader") return outputs;
      return [...outputs, ...event.proposals.flatMap(({ id, payload }) => guessedReply(replica, id, payload))];
    },
  }),
  () => {
    const open = new WeakMap<Replica, Map<number, Uint8Array>>();
    return {
      name: "lost-request-told-as-done",
      caughtBy: ["linearizability"],
      after(replica, outputs, event) {
        const payloads = open.get(replica) ?? new Map<number, Uint8Array>();
        open.set(replica, payloads);
        if (event.kind === "propose") for (const { id, payload } of event.proposals) payloads.set(id, payload);
        return outputs.flatMap((output) => {
          const payload = output.kind === "lost" ? payloads.get(output.id) : undefined;
          const told = output.kind !== "lost" || payload === undefined ? [] : guessedReply(replica, output.id, payload);
          return told.length > 0 ? told : [output];
        });
      },
    };
  },
  () => ({
    name: "replies-exchanged",
    caughtBy: ["linearizability"],
    after(_replica, outputs) {
      const replied = outputs.filter((output) => output.kind === "replied" && output.reply.ok);
      const [one, other] = replied;
      if (one?.kind !== "replied" || other?.kind !== "replied") return outputs;
      return outputs.map((output) => (output === one ? { ...one, reply: other.reply } : output === other ? { ...other, reply: one.reply } : output));
    },
  }),
  () => ({
    name: "retried-as-another-request",
    caughtBy: ["linearizability"],
    equip(node) {
      const ask = node.ask.bind(node);
      let count = 0;
      node.ask = (question, done) => {
        if (question.kind !== "submit" || !question.envelope.client.startsWith("client")) return ask(question, done);
        const client = `${question.envelope.client}-${node.member.name}-${node.incarnation}-${(count += 1)}`;
        ask({ ...question, envelope: { ...question.envelope, client } }, done);
      };
    },
  }),
];
