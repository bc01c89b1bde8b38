/** Planted bugs of the transport: messages that must not have come here. */

import { seededRandom } from "../raft/random.ts";
import type { RaftMessage } from "../raft/message.ts";
import { configurationInForce } from "../raft/state.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { simulate } from "./simulate.ts";

interface Overheard {
  readonly atMs: number;
  readonly message: RaftMessage;
  readonly clock: number;
}

const strayMessages = [
  "RequestVoteRequest", "RequestVoteResponse", "AppendEntriesRequest", "AppendEntriesResponse",
];

/** What members of another group, on nodes of the same names, said to each other. */
function otherGroup(seed: number): readonly Overheard[] {
  const heard: Overheard[] = [];
  const equip = (node: SimulatedNode): void => {
    const receive = node.receive.bind(node);
    node.receive = (message, clock) => {
      if (strayMessages.includes(message.kind)) heard.push({ atMs: node.world.scheduler.nowMs, message, clock });
      receive(message, clock);
    };
  };
  simulate({ seed, nodes: 5, seconds: 6, faults: ["crash", "transfer"], clients: 2, thinkMs: 60, vmShare: 0, planted: { name: "", caughtBy: [], equip } });
  return heard;
}

/** One in a thousand messages of another group comes out here. */
function strays(asHere: (message: RaftMessage) => RaftMessage): Required<Pick<PlantedBug, "equip">> {
  const random = seededRandom(4_711);
  let heard: readonly Overheard[] | null = null;
  return {
    equip(node) {
      heard ??= otherGroup(9_973).filter(() => random.next() < 0.01);
      for (const { atMs, message, clock } of heard) {
        if (message.to === node.id) node.world.scheduler.after(atMs, () => node.receive(asHere(message), clock));
      }
    },
  };
}

const caughtBy = [
  "HandleRequestVoteRequest", "HandleRequestVoteResponse", "HandleAppendEntriesRequest", "HandleAppendEntriesResponse", "HandlePreVoteResponse",
];

export const plantedNetwork: readonly (() => PlantedBug)[] = [
  () => ({ name: "groups-mixed-up", caughtBy, ...strays((message) => message) }),
  () => ({
    name: "message-of-another-cluster-accepted",
    caughtBy,
    ...strays((message) => ({ ...message, from: message.from.replace("00000000", "ffffffff") })),
  }),
  () => ({
    name: "message-for-another-accepted",
    caughtBy,
    after({ raft }, outputs) {
      const voters = configurationInForce(raft).configuration.voters.map(({ id }) => id);
      return outputs.flatMap((output) => {
        if (output.kind !== "send" || output.message.kind !== "AppendEntriesResponse" || output.message.matchIndex % 16 !== 7) return [output];
        const { to } = output.message;
        const other = voters.find((id) => id !== to && id !== raft.self);
        return other === undefined ? [output] : [output, { ...output, message: { ...output.message, to: other } }];
      });
    },
  }),
  () => ({
    name: "sender-not-checked",
    caughtBy,
    after({ raft }, outputs) {
      const voters = configurationInForce(raft).configuration.voters.map(({ id }) => id);
      return outputs.map((output) => {
        if (output.kind !== "send" || output.message.kind !== "RequestVoteResponse") return output;
        const { to } = output.message;
        const other = voters.find((id) => id !== to && id !== raft.self);
        return other === undefined ? output : { ...output, message: { ...output.message, from: other } };
      });
    },
  }),
];
