/** Does what a step of a scenario says. */

import { UserError } from "../errors.ts";
import type { LinkQuality } from "./network.ts";
import type { SimulatedNode } from "./node.ts";
import { leaderOf } from "./operator.ts";
import type { Question } from "./question.ts";
import type { NodeWord, ScenarioStep } from "./scenario-step.ts";
import type { SimulationParts } from "./simulate.ts";
import { unreachable } from "../assert.ts";

/** What the steps of one scenario share. */
export interface Stage {
  readonly parts: SimulationParts;
  readonly remembered: Map<string, SimulatedNode>;
  puts: number;
}

export function playStep(stage: Stage, step: ScenarioStep): void {
  const { world, operator, newNode } = stage.parts;
  const { network, scheduler, stats } = world;
  stats.faults += 1;
  switch (step.do) {
    case "remember":
      return void stage.remembered.set(step.as, nodeOf(stage, step.node));
    case "crash": {
      const node = nodeOf(stage, step.node);
      if (step.as !== undefined) stage.remembered.set(step.as, node);
      return node.crash(step.keep ?? false);
    }
    case "crash-at-write":
      return crashAtWrite(stage, step);
    case "start":
      return nodeOf(stage, step.node).start();
    case "pause":
      return nodeOf(stage, step.node).pause();
    case "resume":
      return nodeOf(stage, step.node).resume();
    case "separate":
      return separate(stage, step.one, step.other);
    case "cut":
      return network.cut(nodeOf(stage, step.from).id, nodeOf(stage, step.to).id);
    case "heal":
      return network.heal();
    case "links":
      network.quality = { ...network.quality, ...(step.quality as Partial<LinkQuality>) };
      return;
    case "put":
      return put(stage, nodeOf(stage, step.node), step.count);
    case "read":
      return askAt(nodeOf(stage, step.node), { kind: "read-index" });
    case "transfer":
      return askAt(leaderOrFail(stage), { kind: "transfer", to: step.to === undefined ? null : nodeOf(stage, step.to).id });
    case "join":
      return operator.wantJoin(newNode());
    case "remove":
      return operator.wantRemoval(nodeOf(stage, step.node).id);
    case "ask-remove":
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "remove", id: nodeOf(stage, step.gone).id } });
    case "ask-add": {
      const joiner = newNode();
      scheduler.after(0, () => joiner.start());
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "add-learner", member: joiner.member } });
    }
    case "ask-promote":
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "promote", id: nodeOf(stage, step.learner).id } });
    case "campaign":
      return campaign(nodeOf(stage, step.node));
    default:
      return unreachable(step);
  }
}

function askAt(node: SimulatedNode, question: Question): void {
  node.enter(() => node.ask(question, () => {}));
}

/** Its election timer runs out now. */
function campaign(node: SimulatedNode): void {
  node.enter(() => {
    const raft = node.replica?.raft;
    if (raft === undefined || raft.role === "Leader") return;
    raft.electionDeadlineMs = -Infinity;
    raft.heardLeaderMs = -Infinity;
    node.handle({ kind: "tick" });
  });
}

function crashAtWrite(stage: Stage, step: Extract<ScenarioStep, { do: "crash-at-write" }>): void {
  const node = nodeOf(stage, step.node);
  const { scheduler } = stage.parts.world;
  let left = step.skip;
  node.onWrite = () => {
    left -= 1;
    if (left >= 0) return;
    node.onWrite = null;
    scheduler.after(step.afterMs ?? 0, () => {
      node.crash(step.keep);
      scheduler.after(step.restartMs, () => node.start());
    });
  };
}

function separate(stage: Stage, one: readonly NodeWord[], other: readonly NodeWord[]): void {
  const all = [...stage.parts.world.nodes.values()];
  const named = (words: readonly NodeWord[]): SimulatedNode[] => words.filter((word) => word !== "rest").map((word) => nodeOf(stage, word));
  const rest = all.filter((node) => !named(one).includes(node) && !named(other).includes(node));
  const side = (words: readonly NodeWord[]): string[] => [...named(words), ...(words.includes("rest") ? rest : [])].map((node) => node.id);
  stage.parts.world.stats.partitions += 1;
  stage.parts.world.network.separate(side(one), side(other));
}

function put(stage: Stage, node: SimulatedNode, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const sequence = ++stage.puts;
    const command = { kind: "kv-put", key: `/scenario/${sequence}`, value: `${sequence}` } as const;
    askAt(node, { kind: "submit", envelope: { client: "scenario", sequence, acknowledged: 1, command } });
  }
}

function leaderOrFail(stage: Stage): SimulatedNode {
  const leader = leaderOf(stage.parts.world);
  if (leader === undefined) throw new UserError("INVALID_ARGUMENT", "the scenario names the leader when there is none");
  return leader;
}

function nodeOf(stage: Stage, word: NodeWord): SimulatedNode {
  const all = [...stage.parts.world.nodes.values()];
  if (word === "leader") return leaderOrFail(stage);
  const found = word.startsWith("$")
    ? stage.remembered.get(word.slice(1))
    : word === "follower"
      ? all.find((node) => node.state === "up" && node !== leaderOf(stage.parts.world))
      : word === "joiner"
        ? all.at(-1)
        : all.find((node) => node.member.name === word);
  if (found === undefined) throw new UserError("INVALID_ARGUMENT", `the scenario names ${word}, and there is no such node`);
  return found;
}
