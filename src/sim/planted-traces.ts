/** Planted bugs of the trace: the node does right and tells it wrong. */

import type { RaftState } from "../raft/state.ts";
import type { Output } from "../replica/replica.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** Lines of a node pass here; `append` writes one. */
function writing(pass: (event: TraceEvent, append: (event: TraceEvent) => void, node: SimulatedNode) => void): Required<Pick<PlantedBug, "equip">> {
  return {
    equip(node) {
      const { trace } = node;
      const open = trace.open.bind(trace);
      trace.open = (...options): TraceWriter => {
        const writer = open(...options);
        const append = writer.append.bind(writer);
        writer.append = (group, event) => pass(event, (told) => append(group, told), node);
        return writer;
      };
    },
  };
}

/** Messages of this kind carry no clock. */
function withoutClock(kind: string): Required<Pick<PlantedBug, "after">> {
  return {
    after: (_replica, outputs) => outputs.map((output): Output => (output.kind === "send" && output.message.kind === kind ? { ...output, clock: 0 } : output)),
  };
}

export const plantedTraces: readonly (() => PlantedBug)[] = [
  () => {
    const told = new WeakSet<SimulatedNode>();
    const nodes = new Map<string, SimulatedNode>();
    let last: RaftState | null = null;
    const { equip } = writing((event, append, node) => {
      if (event.event !== "Persist" || !told.delete(node)) append(event);
    });
    return {
      name: "persist-told-before-the-disk",
      caughtBy: ["Restart"],
      equip(node) {
        nodes.set(node.id, node);
        equip(node);
      },
      before(raft, event) {
        last = raft;
        return event;
      },
      write(taken) {
        const node = last === null ? undefined : nodes.get(last.self);
        const { sequence } = taken;
        if (node === undefined || last === null || sequence === null) return taken;
        const { currentTerm: term, role, commitIndex, pending, log } = last;
        const count = pending.filter((write) => write.sequence <= sequence).length;
        node.tell({ event: "Persist", count, term, role, lastLogIndex: log.lastIndex, commitIndex });
        told.add(node);
        return taken;
      },
    };
  },
  () => ({
    name: "line-of-a-vote-lost",
    caughtBy: ["Persist", "HandleRequestVoteResponse", "HandleAppendEntriesRequest"],
    ...writing((event, append) => {
      if (event.event !== "HandleRequestVoteRequest" || !event.granted) append(event);
    }),
  }),
  () => ({
    name: "line-of-an-append-lost",
    caughtBy: ["Persist", "HandleAppendEntriesResponse", "HandleAppendEntriesRequest", "Apply"],
    ...writing((event, append, node) => {
      const lost = event.event === "HandleAppendEntriesRequest" && event.entries.length > 0 && node.chance.happens(0.02);
      if (!lost) append(event);
    }),
  }),
  () => ({ name: "line-told-twice", caughtBy: ["ClientRequest"], ...writing((event, append) => {
    append(event);
    if (event.event === "ClientRequest") append(event);
  }) }),
  () => {
    const held = new WeakMap<SimulatedNode, TraceEvent>();
    return {
      name: "vote-told-after-it-is-durable",
      caughtBy: ["Persist"],
      ...writing((event, append, node) => {
        const before = held.get(node);
        held.delete(node);
        if (before === undefined && event.event === "HandleRequestVoteRequest" && event.granted) return void held.set(node, event);
        append(event);
        if (before !== undefined) append(before);
      }),
    };
  },
  () => ({ name: "clock-missing-from-replies", caughtBy: ["HandleAppendEntriesResponse"], ...withoutClock("AppendEntriesResponse") }),
  () => ({ name: "clock-missing-from-appends", caughtBy: ["HandleAppendEntriesRequest"], ...withoutClock("AppendEntriesRequest") }),
  () => ({ name: "clock-missing-from-votes", caughtBy: ["HandleRequestVoteResponse"], ...withoutClock("RequestVoteResponse") }),
  () => ({
    name: "wrong-term-told",
    caughtBy: ["StepDown", "HandleRequestVoteResponse", "HandlePreVoteResponse", "HandleAppendEntriesResponse"],
    retell: (event) => ("messageTerm" in event && event.event.endsWith("Response") && event.messageTerm > 3 ? { ...event, term: event.term - 1 } : event),
  }),
  () => ({
    name: "membership-told-from-elsewhere",
    caughtBy: ["Apply"],
    retell(event) {
      if (event.event !== "Apply" || event.configurations.length === 0) return event;
      return { ...event, configurations: event.configurations.map((told) => ({ ...told, voters: told.voters.slice(0, 1) })) };
    },
  }),
];
