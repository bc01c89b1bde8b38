/** What is done to one node: its process, its disk, its clock. Each fault brings its own end, so that steps stand alone. */

import { unreachable } from "../assert.ts";
import type { SimulatedNode } from "./node.ts";
import type { NodeFault } from "./scenario-step.ts";
import type { SimulationParts } from "./simulation-parts.ts";

/** `struck`: called when it happens, which may be later than now, or never. */
export function strikeNode(parts: SimulationParts, node: SimulatedNode, step: NodeFault, struck: () => void): void {
  switch (step.do) {
    case "crash":
      struck();
      node.crash(step.fate ?? (step.keep === true ? "kept" : "lost"));
      if (step.restartMs !== undefined) startLater(parts, node, step.restartMs);
      return;
    case "crash-at-write":
      return crashAtWrite(parts, node, step, struck);
    case "crash-at-point":
      return crashAtPoint(parts, node, step, struck);
    case "pause":
      struck();
      node.pause();
      if (step.forMs !== undefined) parts.world.scheduler.after(step.forMs, () => node.resume());
      return;
    case "fsync-error":
      struck();
      node.trouble = { kind: "fsync-error", skip: step.skip, fate: step.fate };
      return;
    case "full-disk":
      return fillDisk(parts, node, step.forMs, struck);
    case "bit-flip":
      return flipBit(parts, node, step, struck);
    case "lose-disk":
      return loseDisk(parts, node, step.restartMs, struck);
    case "clock":
      struck();
      return node.clock.disturb(step.rate, step.jumpMs);
    default:
      return unreachable(step);
  }
}

function startLater({ world }: SimulationParts, node: SimulatedNode, afterMs: number): void {
  world.scheduler.after(afterMs, () => node.start());
}

function crashAtWrite(parts: SimulationParts, node: SimulatedNode, step: Extract<NodeFault, { do: "crash-at-write" }>, struck: () => void): void {
  let left = step.skip;
  node.onWrite = () => {
    left -= 1;
    if (left >= 0) return;
    node.onWrite = null;
    parts.world.scheduler.after(step.afterMs ?? 0, () => {
      struck();
      node.crash(step.fate ?? (step.keep ? "kept" : "lost"));
      startLater(parts, node, step.restartMs);
    });
  };
}

function crashAtPoint(parts: SimulationParts, node: SimulatedNode, step: Extract<NodeFault, { do: "crash-at-point" }>, struck: () => void): void {
  let left = step.skip;
  node.onPoint = (point) => {
    if (point !== step.point) return null;
    left -= 1;
    if (left >= 0) return null;
    node.onPoint = null;
    struck();
    startLater(parts, node, step.restartMs);
    return step.fate;
  };
}

/** Every write fails until there is space again; who starts in between stops at the next write. */
function fillDisk(parts: SimulationParts, node: SimulatedNode, forMs: number, struck: () => void): void {
  struck();
  node.trouble = { kind: "full" };
  parts.world.scheduler.after(forMs, () => {
    if (node.trouble?.kind === "full") node.trouble = null;
  });
}

function flipBit(parts: SimulationParts, node: SimulatedNode, step: Extract<NodeFault, { do: "bit-flip" }>, struck: () => void): void {
  node.crash("kept");
  if (node.state !== "down") return;
  struck();
  node.wasDamaged = true;
  node.disk.flipBit(step.lot);
  startLater(parts, node, step.restartMs);
}

function loseDisk(parts: SimulationParts, node: SimulatedNode, restartMs: number, struck: () => void): void {
  node.crash("lost");
  if (node.state !== "down") return;
  struck();
  if (parts.world.planted?.reusesIdentity) {
    node.disk.wipe();
    return startLater(parts, node, restartMs);
  }
  node.state = "lost";
  parts.world.scheduler.after(restartMs, () => parts.replace(node, false));
}
