/**
 * The lines of a run while it runs, window by window, so that a day of a cluster needs the memory of a minute. What had
 * happened at one moment of virtual time can depend on nothing that came later: the windows one after the other, each merged
 * by (clock, node), are an order of all lines in which causes come first.
 */

import { NodeOrder } from "../trace/node-order.ts";
import type { PlacedLine } from "../trace/reader.ts";
import { lineProblem } from "../trace/schema.ts";
import { TraceFault } from "../trace/fault.ts";
import type { TraceLine } from "../trace/event.ts";
import { mergedLines } from "./memory-trace.ts";
import { eachPause } from "./simulate.ts";
import type { SimulationOptions, SimulationResult } from "./simulation.ts";
import type { World } from "./world.ts";

export interface LineStream {
  /** To be gone through once: the simulation runs as far as somebody reads. */
  readonly lines: Iterable<PlacedLine>;
  /** The run's result, without lines; undefined until the last line was read. */
  readonly result: () => SimulationResult | undefined;
}

/** Runs the simulation of `options`, which must be one in memory, under the eyes of a reader. */
export function streamLines(options: SimulationOptions): LineStream {
  let result: SimulationResult | undefined;
  function* lines(): Generator<PlacedLine, void> {
    const places = new Map<string, NodePlace>();
    const run = eachPause(options);
    for (let step = run.next(); ; step = run.next()) {
      const traces = step.done === true ? step.value.lines.map((node) => node.lines) : "world" in step.value ? drained(step.value.world) : [];
      for (const line of mergedLines(traces)) yield placed(line, places);
      if (step.done !== true) continue;
      result = { ...step.value, lines: step.value.lines.map((node) => ({ ...node, lines: [] })) };
      return;
    }
  }
  return { lines: lines(), result: () => result };
}

/** A run of which nobody reads the lines. */
export function runWithoutLines(options: SimulationOptions): SimulationResult {
  const run = eachPause(options);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return { ...step.value, lines: step.value.lines.map((node) => ({ ...node, lines: [] })) };
    if ("world" in step.value) drained(step.value.world);
  }
}

function drained(world: World): readonly (readonly TraceLine[])[] {
  return [...world.nodes.values()].map(({ trace }) => trace.drain());
}

interface NodePlace {
  readonly order: NodeOrder;
  file: string;
  number: number;
}

/** Held to the same schema and the same order as files. */
function placed(line: TraceLine, places: Map<string, NodePlace>): PlacedLine {
  let place = places.get(line.node);
  if (place === undefined) places.set(line.node, (place = { order: new NodeOrder(line.node), file: "", number: 0 }));
  if (line.event === "Header") {
    place.file = `${line.node}/${line.incarnation}`;
    place.number = 0;
  }
  place.number += 1;
  const problem = lineProblem(line);
  if (problem !== null) throw new TraceFault("TRACE_INVALID", place.file, place.number, problem);
  place.order.check(line, place.file, place.number);
  return { line, file: place.file, number: place.number };
}
