/** Does what a step of a scenario says. */

import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import type { Link, LinkQuality } from "./network.ts";
import { strikeNode } from "./node-faults.ts";
import type { SimulatedNode } from "./node.ts";
import { leaderOf } from "./operator.ts";
import type { Question } from "./question.ts";
import type { NodeWord, ScenarioStep } from "./scenario-step.ts";
import type { SimulationParts } from "./simulation-parts.ts";
import { countFault } from "./world.ts";
import type { DiskQuality } from "./world.ts";
import { unreachable } from "../assert.ts";

/** What the steps of one scenario share. */
export interface Stage {
  readonly parts: SimulationParts;
  readonly remembered: Map<string, SimulatedNode>;
  puts: number;
}

export function newStage(parts: SimulationParts): Stage {
  return { parts, remembered: new Map(), puts: 0 };
}

/** `kind`: what it is counted as. */
export function playStep(stage: Stage, step: ScenarioStep, kind: string = step.do): void {
  const struck = (): void => countFault(stage.parts.world, kind);
  switch (step.do) {
    case "crash":
    case "crash-at-write":
    case "crash-at-point":
    case "pause":
    case "fsync-error":
    case "full-disk":
    case "bit-flip":
    case "lose-disk":
    case "clock": {
      const node = nodeOf(stage, step.node);
      if ("as" in step && step.as !== undefined) stage.remembered.set(step.as, node);
      return strikeNode(stage.parts, node, step, struck);
    }
    default:
      struck();
      return playOther(stage, step);
  }
}

type OtherStep = Exclude<ScenarioStep, Parameters<typeof strikeNode>[2]>;

function playOther(stage: Stage, step: OtherStep): void {
  const { world, operator, newNode, replace } = stage.parts;
  switch (step.do) {
    case "remember":
      return void stage.remembered.set(step.as, nodeOf(stage, step.node));
    case "start":
      return nodeOf(stage, step.node).start();
    case "resume":
      return nodeOf(stage, step.node).resume();
    case "separate":
    case "cut":
    case "drop":
    case "heal":
    case "links":
    case "disks":
    case "launches":
      return playSurroundings(stage, step);
    case "put":
      return put(stage, nodeOf(stage, step.node), step.count);
    case "outrun":
      return outrun(stage, step);
    case "read":
      return askAt(nodeOf(stage, step.node), { kind: "read-index" });
    case "transfer":
      return askAt(leaderOrFail(stage), { kind: "transfer", to: step.to === undefined ? null : nodeOf(stage, step.to).id });
    case "ask-transfer":
      return askTransfer(stage, nodeOf(stage, step.node));
    case "join":
      return operator.wantJoin(newNode(), step.asLearner ?? false);
    case "remove":
      return operator.wantRemoval(nodeOf(stage, step.node).id);
    case "replace":
      return replace(nodeOf(stage, step.node), step.asLearner ?? false);
    case "replace-several":
      return operator.wantReplacement(idsOf(stage, step.leaving), step.leaving.map(newNode));
    case "ask-replace": {
      const change = { kind: "replace", leaving: idsOf(stage, step.leaving), entering: idsOf(stage, step.entering) } as const;
      return askAt(nodeOf(stage, step.node), { kind: "change", change });
    }
    case "ask-remove":
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "remove", id: nodeOf(stage, step.gone).id } });
    case "ask-add": {
      const joiner = newNode();
      world.scheduler.after(0, () => joiner.start());
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "add-learner", member: joiner.member } });
    }
    case "ask-promote":
      return askAt(nodeOf(stage, step.node), { kind: "change", change: { kind: "promote", id: nodeOf(stage, step.learner).id } });
    case "campaign":
      return campaign(nodeOf(stage, step.node));
    case "end-guest":
      return nodeOf(stage, step.node).host.end(step.uuid, step.how);
    default:
      return unreachable(step);
  }
}

/** What lies between and around the nodes. */
function playSurroundings(stage: Stage, step: Extract<ScenarioStep, { do: "separate" | "cut" | "drop" | "heal" | "links" | "disks" | "launches" }>): void {
  const { world } = stage.parts;
  const { network } = world;
  switch (step.do) {
    case "separate":
      return separate(stage, step);
    case "cut":
      world.stats.partitions += 1;
      return mendLater(stage, network.cut(nodeOf(stage, step.from).id, nodeOf(stage, step.to).id), step.forMs);
    case "drop":
      world.stats.partitions += 1;
      return mendLater(stage, step.links.flatMap(([from, to]) => network.cut(nodeOf(stage, from).id, nodeOf(stage, to).id)), step.forMs);
    case "heal":
      return network.heal();
    case "links":
      network.quality = { ...network.quality, ...(step.quality as Partial<LinkQuality>) };
      return;
    case "disks":
      world.disk = { ...world.disk, ...(step.quality as Partial<DiskQuality>) };
      return;
    case "launches":
      world.launchCrashChance = step.crashChance;
      return;
    default:
      return unreachable(step);
  }
}

function mendLater(stage: Stage, links: readonly Link[], afterMs: number | undefined): void {
  const { network, scheduler } = stage.parts.world;
  if (afterMs !== undefined) scheduler.after(afterMs, () => network.mend(links));
}

function askAt(node: SimulatedNode, question: Question): void {
  node.enter(() => node.ask(question, () => {}));
}

function askTransfer(stage: Stage, node: SimulatedNode): void {
  node.enter(() =>
    node.ask({ kind: "transfer", to: null }, (attempt) => {
      if (attempt.kind === "transferred") stage.parts.world.stats.transfers += 1;
    }),
  );
}

/** Its election timer runs out now. */
function campaign(node: SimulatedNode): void {
  node.enter(() => {
    const raft = node.replica?.raft;
    if (raft === undefined || raft.role === "Leader") return;
    raft.electionDeadlineMs = -Infinity;
    node.handle({ kind: "tick" });
  });
}

function separate(stage: Stage, { one, other, forMs }: Extract<ScenarioStep, { do: "separate" }>): void {
  const all = [...stage.parts.world.nodes.values()];
  const named = (words: readonly NodeWord[]): SimulatedNode[] => words.filter((word) => word !== "rest").map((word) => nodeOf(stage, word));
  const rest = all.filter((node) => !named(one).includes(node) && !named(other).includes(node));
  const side = (words: readonly NodeWord[]): string[] => [...named(words), ...(words.includes("rest") ? rest : [])].map((node) => node.id);
  stage.parts.world.stats.partitions += 1;
  mendLater(stage, stage.parts.world.network.separate(side(one), side(other)), forMs);
}

function put(stage: Stage, node: SimulatedNode, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const sequence = ++stage.puts;
    submit(node, sequence, { kind: "kv-put", key: `/scenario/${sequence}`, value: `${sequence}` });
  }
}

/** One node is cut off while the leader goes on, further than the log is kept: it will need a snapshot, and get it under load. */
function outrun(stage: Stage, { node, leader, count, forMs }: Extract<ScenarioStep, { do: "outrun" }>): void {
  separate(stage, { at: 0, do: "separate", one: [node], other: ["rest"], forMs });
  const { scheduler } = stage.parts.world;
  for (let at = 0; at < count; at += 1) {
    scheduler.after((at * forMs * 1.5) / count, () => {
      const sequence = ++stage.puts;
      submit(nodeOf(stage, leader), sequence, { kind: "kv-put", key: `/scenario/${sequence % 16}`, value: `${sequence}` });
    });
  }
}

/** Nobody waits for the answer. */
function submit(node: SimulatedNode, sequence: number, command: Command): void {
  askAt(node, { kind: "submit", envelope: { client: "scenario", sequence, acknowledged: Math.max(1, sequence - 128), command } });
}

function idsOf(stage: Stage, words: readonly NodeWord[]): readonly string[] {
  return words.map((word) => nodeOf(stage, word).id);
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
