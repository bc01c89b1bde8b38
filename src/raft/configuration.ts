/** Who votes. A configuration entry carries the full sets and takes effect when appended (dissertation, 4.1). */

import type { NodeId } from "./message.ts";

/** A member, as every node must know it to reach it. `name` and `address` may be used again, `id` never. */
export interface Member {
  readonly id: NodeId;
  readonly name: string;
  readonly address: string;
}

export interface Configuration {
  readonly voters: readonly Member[];
  readonly learners: readonly Member[];
}

export const noConfiguration: Configuration = { voters: [], learners: [] };

/** True when `id` votes in `configuration`. */
export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.voters.some((member) => member.id === id);
}

/** True when `id` is a voter or a learner of `configuration`. */
export function isMember(configuration: Configuration, id: NodeId): boolean {
  return isVoter(configuration, id) || configuration.learners.some((member) => member.id === id);
}

/** Voters, then learners. */
export function members(configuration: Configuration): readonly Member[] {
  return [...configuration.voters, ...configuration.learners];
}

/** Votes that decide: more than half of the voters. */
export function quorum(configuration: Configuration): number {
  return Math.floor(configuration.voters.length / 2) + 1;
}
