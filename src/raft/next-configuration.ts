/** What a change makes of a configuration, or why it may not be made. */

import type { ErrorCode } from "../errors.ts";
import type { Configuration, Member } from "./configuration.ts";
import { isMember, isVoter, members, staysVoter } from "./configuration.ts";
import type { ConfigurationChange } from "./event.ts";
import type { NodeId } from "./message.ts";

export interface RefusedChange {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * The configuration after `change` to one that is not joint. `lagOf`: how many entries a learner lacks; at most `maxLag`
 * when it gets a vote, for the others would have to wait for it (dissertation, 4.2.1).
 */
export function nextConfiguration(
  configuration: Configuration,
  change: ConfigurationChange,
  lagOf: (id: NodeId) => number,
  maxLag: number,
): Configuration | RefusedChange {
  switch (change.kind) {
    case "add-learner":
      return addLearner(configuration, change.member);
    case "promote":
      return promote(configuration, change.id) ?? late([change.id], lagOf, maxLag) ?? swap(configuration, [], [change.id]);
    case "remove":
      if (!isMember(configuration, change.id)) return { code: "NOT_FOUND", message: `${change.id} is no member` };
      return swap(configuration, [change.id], []);
    case "replace": {
      const { leaving, entering } = change;
      const next = refusedReplacement(configuration, leaving, entering) ?? late(entering, lagOf, maxLag) ?? swap(configuration, leaving, entering);
      return "code" in next ? next : { ...next, outgoing: configuration.voters };
    }
    case "prefer":
      return prefer(configuration, change.id);
  }
}

/** Lists without `leaving`; learners in `entering` vote from now on. */
function swap({ voters, learners }: Configuration, leaving: readonly NodeId[], entering: readonly NodeId[]): Configuration | RefusedChange {
  const promoted = learners.filter(({ id }) => entering.includes(id)).map(unmarked);
  const left = [...voters.filter(({ id }) => !leaving.includes(id)), ...promoted];
  if (left.length === 0) return { code: "CONFLICT", message: "the last voter cannot be removed" };
  return { voters: left, learners: learners.filter(({ id }) => !leaving.includes(id) && !entering.includes(id)) };
}

/** As it is without a mark: a voter does not stand by, and only one is preferred. */
function unmarked({ id, name, address }: Member): Member {
  return { id, name, address };
}

function promote(configuration: Configuration, id: NodeId): RefusedChange | undefined {
  if (configuration.learners.some((learner) => learner.id === id)) return undefined;
  return { code: isVoter(configuration, id) ? "ALREADY_EXISTS" : "NOT_FOUND", message: `${id} is no learner` };
}

function late(entering: readonly NodeId[], lagOf: (id: NodeId) => number, maxLag: number): RefusedChange | undefined {
  const behind = entering.find((id) => lagOf(id) > maxLag);
  return behind === undefined ? undefined : { code: "WRONG_STATE", message: `${behind} still lacks ${lagOf(behind)} entries` };
}

function refusedReplacement(configuration: Configuration, leaving: readonly NodeId[], entering: readonly NodeId[]): RefusedChange | undefined {
  const named = [...leaving, ...entering];
  if (named.length === 0) return { code: "INVALID_ARGUMENT", message: "nobody leaves and nobody enters" };
  const twice = named.find((id, at) => named.indexOf(id) !== at);
  if (twice !== undefined) return { code: "INVALID_ARGUMENT", message: `${twice} is named twice` };
  for (const id of leaving) if (!isMember(configuration, id)) return { code: "NOT_FOUND", message: `${id} is no member` };
  for (const id of entering) {
    const refused = promote(configuration, id);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Marks the voter that shall lead, and nobody else; null: nobody. */
function prefer({ voters, learners }: Configuration, id: NodeId | null): Configuration | RefusedChange {
  const configuration = { voters, learners };
  if (id !== null && !staysVoter(configuration, id)) {
    if (isMember(configuration, id)) return { code: "WRONG_STATE", message: `${id} is a learner, and only a voter can lead` };
    return { code: "NOT_FOUND", message: `${id} is no member` };
  }
  const marked = voters.map((member): Member => (member.id === id ? { ...unmarked(member), preferred: true } : unmarked(member)));
  return { voters: marked, learners };
}

function addLearner(configuration: Configuration, member: Member): Configuration | RefusedChange {
  for (const other of members(configuration)) {
    if (other.id === member.id) return { code: "ALREADY_EXISTS", message: `${member.id} is a member already` };
    if (other.address === member.address) return { code: "CONFLICT", message: `the address ${member.address} belongs to ${other.name}` };
    if (other.name === member.name) return { code: "CONFLICT", message: `the name ${member.name} belongs to ${other.id}` };
  }
  return { voters: configuration.voters, learners: [...configuration.learners, member] };
}
