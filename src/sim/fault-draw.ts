/** Draws what a fault of a kind does now: to which nodes, for how long. Only chance and the look of the cluster decide. */

import { members } from "../raft/configuration.ts";
import { configurationInForce } from "../raft/state.ts";
import type { Chance } from "./chance.ts";
import { crashPoints } from "./crash-point.ts";
import type { FaultKind } from "./fault-kinds.ts";
import { writeFates } from "./node-disk.ts";
import type { SimulatedNode } from "./node.ts";
import { leaderOf } from "./operator.ts";
import type { ScenarioStep } from "./scenario-step.ts";
import type { SimulationParts } from "./simulation-parts.ts";

const nodesAtMost = 40;

/** What is wrong all the time; undefined for kinds that come at moments. */
export function drawSurroundings(kind: FaultKind, chance: Chance): ScenarioStep | undefined {
  const links = (quality: Readonly<Record<string, number | boolean>>): ScenarioStep => ({ at: 0, do: "links", quality });
  switch (kind) {
    case "loss":
      return links({ dropChance: chance.between(0.01, 0.15) });
    case "duplicate":
      return links({ duplicateChance: chance.between(0.01, 0.15) });
    case "reorder":
      return links({ reorder: true, maxDelayMs: chance.between(5, 40) });
    case "delay":
      return links({ minDelayMs: chance.between(2, 12), maxDelayMs: chance.between(15, 40) });
    case "late":
      return links({ lateChance: chance.between(0.005, 0.03), lateMs: 800 });
    case "slow-disk":
      return { at: 0, do: "disks", quality: { minWriteMs: 2, maxWriteMs: chance.between(10, 60), stallChance: 0.01, stallMs: 1_500 } };
    case "launch-crash":
      return { at: 0, do: "launches", crashChance: 0.2 };
    default:
      return undefined;
  }
}

/** The steps of one fault; none when the cluster is not such that it could happen. Their `at` is the caller's. */
export function drawStep(kind: FaultKind, parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  switch (kind) {
    case "partition":
    case "bridge":
      return [drawPartition(parts, chance, kind === "bridge" ? 1 : 0)];
    case "one-way":
      return [drawOneWay(parts, chance)];
    case "churn":
      return drawChurn(parts, chance);
    case "bit-flip":
    case "lose-disk":
      return drawLoss(kind, parts, chance);
    case "guest-ends":
      return drawGuestEnd(parts, chance);
    case "snapshot":
      return drawOutrun(parts, chance);
    default:
      return drawAtOne(kind, parts, chance);
  }
}

/** What happens to one node, whichever it is. */
function drawAtOne(kind: FaultKind, parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  const found = kind === "isolate-leader" || kind === "transfer" ? leaderOf(parts.world) : leaderOrAny(parts, chance);
  if (found === undefined) return [];
  const at = 0;
  const node = found.member.name;
  const fate = chance.pick(writeFates);
  const restartMs = Math.ceil(chance.between(50, 4_000));
  switch (kind) {
    case "crash":
      return [{ at, do: "crash", node, fate, restartMs }];
    case "crash-at-write":
      return [{ at, do: "crash-at-write", node, skip: chance.below(5), fate, afterMs: chance.between(0, 2), restartMs }];
    case "crash-at-point":
      return [{ at, do: "crash-at-point", node, point: chance.pick(crashPoints), skip: chance.below(8), fate, restartMs }];
    case "pause":
      return [{ at, do: "pause", node, forMs: Math.ceil(chance.between(100, 3_000)) }];
    case "isolate-leader":
      return [{ at, do: "separate", one: [node], other: ["rest"], forMs: healMs(chance) }];
    case "fsync-error":
      return [{ at, do: "fsync-error", node, skip: chance.below(5), fate }];
    case "full-disk":
      return [{ at, do: "full-disk", node, forMs: Math.ceil(chance.between(200, 6_000)) }];
    case "clock":
      return [{ at, do: "clock", node, rate: chance.between(0.9, 1.1), jumpMs: Math.ceil(chance.between(-60_000, 60_000)) }];
    case "transfer":
      return [{ at, do: "ask-transfer", node }];
    default:
      return [];
  }
}

const healMs = (chance: Chance): number => Math.ceil(chance.between(200, 5_000));

function names(parts: SimulationParts): string[] {
  return [...parts.world.nodes.values()].filter(({ state }) => !["removed", "lost", "damaged"].includes(state)).map(({ member }) => member.name);
}

/** `bridge`: so many nodes see both sides. */
function drawPartition(parts: SimulationParts, chance: Chance, bridge: number): ScenarioStep {
  const all = chance.shuffle(names(parts));
  const at = 1 + chance.below(Math.max(1, all.length - 1));
  return { at: 0, do: "separate", one: all.slice(0, at), other: all.slice(at + bridge), forMs: healMs(chance) };
}

function drawOneWay(parts: SimulationParts, chance: Chance): ScenarioStep {
  const all = names(parts);
  const links = Array.from({ length: 1 + chance.below(all.length) }, () => [chance.pick(all), chance.pick(all)] as const);
  return { at: 0, do: "drop", links, forMs: healMs(chance) };
}

/**
 * A member goes and another comes, or two voters at once. The last voter cannot go: a wish for it would never be
 * fulfilled.
 */
function drawChurn(parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  const leader = leaderOf(parts.world);
  const raft = leader?.replica?.raft;
  if (leader === undefined || raft === undefined || !mayReplace(parts)) return [];
  const { configuration } = configurationInForce(raft);
  const all = members(configuration);
  if (all.length <= 2 || configuration.voters.length < 2) return [];
  const gone = chance.happens(0.3) ? leader.member : chance.pick(all);
  const asLearner = chance.happens(0.2);
  const [other] = configuration.voters.filter(({ id }) => id !== gone.id);
  if (asLearner && raft.log.lastIndex % 2 === 0 && configuration.voters.length > 2 && other !== undefined) {
    return [{ at: 0, do: "replace-several", leaving: [gone.name, other.name] }];
  }
  return [{ at: 0, do: "replace", node: gone.name, asLearner }];
}

/**
 * One disk at a time, and only of three voters or more: what was acknowledged lies on a majority, of which one may be lost
 * for good. The next may go when another member has taken the place.
 */
function drawLoss(kind: "bit-flip" | "lose-disk", parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  const raft = leaderOf(parts.world)?.replica?.raft;
  const node = leaderOrAny(parts, chance);
  if (raft === undefined || node === undefined || !mayReplace(parts)) return [];
  if (configurationInForce(raft).configuration.voters.length < 3) return [];
  const restartMs = Math.ceil(chance.between(50, 2_000));
  const at = 0;
  const { name } = node.member;
  return [kind === "bit-flip" ? { at, do: "bit-flip", node: name, lot: chance.next(), restartMs } : { at, do: "lose-disk", node: name, restartMs }];
}

function mayReplace({ world, operator }: SimulationParts): boolean {
  const all = [...world.nodes.values()];
  const unsettled = all.some((node) => (node.state === "lost" && !operator.removed.has(node.id)) || (node.wasDamaged && node.state === "down"));
  return operator.idle && !unsettled && all.length < nodesAtMost;
}

function drawOutrun(parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  const leader = leaderOf(parts.world);
  const others = [...parts.world.nodes.values()].filter((node) => node.state === "up" && node !== leader);
  if (leader === undefined || others.length === 0) return [];
  const node = chance.pick(others).member.name;
  return [{ at: 0, do: "outrun", node, leader: leader.member.name, count: 40 + chance.below(40), forMs: Math.ceil(chance.between(500, 2_000)) }];
}

function drawGuestEnd(parts: SimulationParts, chance: Chance): readonly ScenarioStep[] {
  const running = [...parts.world.nodes.values()].flatMap((node: SimulatedNode) => node.host.running().map(({ uuid }) => ({ node, uuid })));
  if (running.length === 0) return [];
  const { node, uuid } = chance.pick(running);
  return [{ at: 0, do: "end-guest", node: node.member.name, uuid, how: chance.pick(["guest-shutdown", "crash", "signal"]) }];
}

/** A node that is up, often the leader. */
function leaderOrAny(parts: SimulationParts, chance: Chance): SimulatedNode | undefined {
  const living = [...parts.world.nodes.values()].filter((node) => node.state === "up");
  if (living.length === 0) return undefined;
  const leader = leaderOf(parts.world);
  return leader !== undefined && chance.happens(0.3) ? leader : chance.pick(living);
}
