/** What a script can take hold of. */

import type { SimulatedNode } from "./node.ts";
import type { Operator } from "./operator.ts";
import type { World } from "./world.ts";

export interface SimulationParts {
  readonly world: World;
  readonly operator: Operator;
  /** Makes a node with a new id and an empty disk. */
  readonly newNode: () => SimulatedNode;
  /** Nodes have names: n1, n2, … */
  readonly byName: (name: string) => SimulatedNode;
  /** One member goes for good, and a new node joins at its address. */
  readonly replace: (gone: SimulatedNode, asLearner: boolean) => void;
}
