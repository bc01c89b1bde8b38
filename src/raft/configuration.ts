/**
 * Who votes. A configuration entry carries the full sets and takes effect when appended (dissertation, 4.1). A joint one
 * has two sets of voters, and nothing is decided without a majority of each (the paper, section 6; dissertation, 4.3).
 */

import type { NodeId } from "./message.ts";

/** A member, as every node must know it to reach it. `name` and `address` may be used again, `id` never. */
export interface Member {
  readonly id: NodeId;
  readonly name: string;
  readonly address: string;
  /** A learner that stays one until somebody asks for its promotion. */
  readonly standby?: true;
  /** The voter that shall lead whenever it can. At most one member has it. */
  readonly preferred?: true;
}

export interface Configuration {
  /** In a joint configuration: who votes after the change. */
  readonly voters: readonly Member[];
  readonly learners: readonly Member[];
  /** Only in a joint configuration: who voted before the change. */
  readonly outgoing?: readonly Member[];
}

export const noConfiguration: Configuration = { voters: [], learners: [] };

const has = (list: readonly Member[], id: NodeId): boolean => list.some((member) => member.id === id);

/** True while a change of several members is under way. */
export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing !== undefined;
}

/** True when `id` votes in `configuration`, in either set of a joint one. */
export function isVoter({ voters, outgoing = [] }: Configuration, id: NodeId): boolean {
  return has(voters, id) || has(outgoing, id);
}

/** True when `id` votes when the change that is under way, if any, is complete. */
export function staysVoter({ voters }: Configuration, id: NodeId): boolean {
  return has(voters, id);
}

/** True when `id` is a voter or a learner of `configuration`. */
export function isMember(configuration: Configuration, id: NodeId): boolean {
  return isVoter(configuration, id) || has(configuration.learners, id);
}

/** Whose votes count: voters, then those who vote until the change is complete. Nobody twice. */
export function electorate({ voters, outgoing = [] }: Configuration): readonly Member[] {
  return outgoing.length === 0 ? voters : [...voters, ...outgoing.filter(({ id }) => !has(voters, id))];
}

/** The electorate, then learners. */
export function members(configuration: Configuration): readonly Member[] {
  return [...electorate(configuration), ...configuration.learners];
}

/** True when more than half of the voters agree, in a joint configuration more than half of each set. */
export function hasQuorum({ voters, outgoing }: Configuration, agrees: (id: NodeId) => boolean): boolean {
  const majority = (set: readonly Member[]): boolean => 2 * set.filter(({ id }) => agrees(id)).length > set.length;
  return majority(voters) && (outgoing === undefined || majority(outgoing));
}

/** The highest value that a quorum has reached; `valueOf` tells how far a voter is. 0 when nobody votes. */
export function quorumValue({ voters, outgoing }: Configuration, valueOf: (id: NodeId) => number): number {
  const reached = (set: readonly Member[]): number => {
    const values = set.map(({ id }) => valueOf(id)).sort((a, b) => b - a);
    return values[Math.floor(values.length / 2)] ?? 0;
  };
  return outgoing === undefined ? reached(voters) : Math.min(reached(voters), reached(outgoing));
}
