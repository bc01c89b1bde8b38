/** Changes that an operator asks for beside joining and removing (rows M6, M8, M11). */

import { UserError } from "../errors.ts";
import { held } from "../machine/worker.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import { isJoint, isMember, staysVoter } from "../raft/configuration.ts";
import type { ConfigurationChange } from "../raft/event.ts";
import type { NodeId } from "../raft/message.ts";
import { nextConfiguration } from "../raft/next-configuration.ts";
import { committedConfiguration, configurationInForce } from "../raft/state.ts";
import type { PlacedConfiguration } from "../raft/state.ts";
import type { Replica } from "../replica/replica.ts";
import type { Clock } from "./loop.ts";
import type { Requests } from "./requests.ts";

export interface MemberChangesOptions {
  readonly self: NodeId;
  readonly replica: Replica;
  readonly requests: Requests;
  readonly clock: Clock;
  /** The member with this id or name. */
  readonly resolve: (node: string) => Member;
}

/** A change that is committed. Not `complete`: whoever leads will complete it. */
export interface Changed {
  readonly index: number;
  readonly complete: boolean;
}

type Replacement = Extract<ConfigurationChange, { kind: "replace" }>;

const pauseMs = 100;

export class MemberChanges {
  readonly #options: MemberChangesOptions;

  constructor(options: MemberChangesOptions) {
    this.#options = options;
  }

  /**
   * Takes `leaving` out and lets the learners `entering` vote, all at once. Waits until these have caught up and the change
   * is complete. Refused before anything is proposed when a name is wrong or a VM has its place on one that leaves.
   */
  async replace(leaving: readonly string[], entering: readonly string[], timeoutMs: number): Promise<Changed> {
    const { requests, self } = this.#options;
    const deadline = this.#options.clock() + timeoutMs;
    await requests.linearize(timeoutMs);
    const change = this.#replacement(leaving, entering);
    let begun = isUnderWay(this.#inForce.configuration, change);
    if (!begun) this.#check(change);
    return this.#until(deadline, async (left) => {
      const { configuration, index } = this.#committed;
      if (isDone(configuration, change)) return { index, complete: true };
      if (begun && !isMember(configuration, self)) return { index, complete: false };
      if (isUnderWay(this.#inForce.configuration, change)) begun = true;
      if (begun) return change.leaving.includes(self) && isJoint(configuration) ? { index, complete: false } : undefined;
      await requests.change(change, left);
      begun = true;
      return undefined;
    });
  }

  /** Gives a learner its vote, as soon as it has caught up. */
  async promote(node: string, timeoutMs: number): Promise<Changed & { readonly id: NodeId }> {
    const { requests, clock, resolve } = this.#options;
    const deadline = clock() + timeoutMs;
    await requests.linearize(timeoutMs);
    const { id, name } = resolve(node);
    if (staysVoter(this.#inForce.configuration, id)) throw new UserError("ALREADY_EXISTS", `${name} votes already`, { node: id });
    const done = await this.#until(deadline, async (left) => {
      const { configuration, index } = this.#committed;
      if (staysVoter(configuration, id)) return { index, complete: true };
      await requests.change({ kind: "promote", id }, left);
      return undefined;
    });
    return { ...done, id };
  }

  /** Marks the voter that shall lead whenever it can; null: nobody in particular. */
  async prefer(node: string | null, timeoutMs: number): Promise<Changed & { readonly id: NodeId | null }> {
    const { requests, clock, resolve } = this.#options;
    const deadline = clock() + timeoutMs;
    await requests.linearize(timeoutMs);
    const id = node === null ? null : resolve(node).id;
    const done = await this.#until(deadline, async (left) => {
      const { configuration, index } = this.#committed;
      const preferred = configuration.voters.find((voter) => voter.preferred === true)?.id ?? null;
      if (preferred === id && !isJoint(configuration)) return { index, complete: true };
      await requests.change({ kind: "prefer", id }, left);
      return undefined;
    });
    return { ...done, id };
  }

  get #inForce(): PlacedConfiguration {
    return configurationInForce(this.#options.replica.raft);
  }

  get #committed(): PlacedConfiguration {
    return committedConfiguration(this.#options.replica.raft);
  }

  #replacement(leaving: readonly string[], entering: readonly string[]): Replacement {
    const { resolve } = this.#options;
    const { configuration } = this.#inForce;
    const comers = entering.map(resolve);
    const goers = leaving.map((node) => {
      try {
        return resolve(node);
      } catch (error) {
        const done = error instanceof UserError && comers.length > 0 && comers.every(({ id }) => staysVoter(configuration, id));
        if (!done) throw error;
        const names = comers.map(({ name }) => name).join(", ");
        throw new UserError("NOT_FOUND", error.message, { next: `${names} vote already: if this repeats an earlier command, that is done.` });
      }
    });
    return { kind: "replace", leaving: goers.map(({ id }) => id), entering: comers.map(({ id }) => id) };
  }

  /** Everything that can be known to be wrong before the leader is asked, by the code that the leader will use. */
  #check(change: Replacement): void {
    const { replica, resolve } = this.#options;
    const { configuration } = this.#inForce;
    if (isJoint(configuration)) throw new UserError("CHANGE_PENDING", "another change of several members is not complete yet");
    const named = (text: string): string => [...change.leaving, ...change.entering].reduce((said, id) => said.replaceAll(id, resolve(id).name), text);
    const voting = change.entering.find((id) => staysVoter(configuration, id));
    if (voting !== undefined) {
      throw new UserError("ALREADY_EXISTS", `${resolve(voting).name} votes already, so it can take nobody's place`, {
        next: "Let a new node join with `blixard cluster join SEED --learner`, or take one out with `blixard cluster remove`.",
      });
    }
    const next = nextConfiguration(configuration, change, () => 0, 0);
    if ("code" in next) throw new UserError(next.code, named(next.message), { next: "See `blixard cluster members`." });
    for (const id of change.leaving) {
      const has = held(replica.machine, id);
      if (has === "") continue;
      const message = `${resolve(id).name} holds ${has}; delete them first`;
      throw new UserError("WRONG_STATE", message, { node: id, next: `See \`blixard vm list\`.` });
    }
  }

  /** Tries until `attempt` gives something, past refusals that time may cure. */
  async #until(deadline: number, attempt: (leftMs: number) => Promise<Changed | undefined>): Promise<Changed> {
    const { requests, clock } = this.#options;
    let last: UserError | undefined;
    for (;;) {
      const left = deadline - clock();
      if (left <= 0) throw last ?? new UserError("TIMEOUT", "the change was not complete in time; whoever leads completes it", { next: "See `blixard cluster members`." });
      try {
        const done = await attempt(left);
        if (done !== undefined) return done;
      } catch (error) {
        if (!(error instanceof UserError) || !mayPass.has(error.code)) throw error;
        last = error;
        if (error.code === "OUTCOME_UNKNOWN") await requests.linearize(Math.max(1, deadline - clock()));
      }
      await requests.nextChange(Math.min(pauseMs, Math.max(1, deadline - clock())));
    }
  }
}

/** A learner catches up, another change ends, a new leader settles. */
const mayPass: ReadonlySet<string> = new Set(["WRONG_STATE", "CHANGE_PENDING", "OUTCOME_UNKNOWN"]);

function isDone(configuration: Configuration, { leaving, entering }: Replacement): boolean {
  if (isJoint(configuration)) return false;
  return leaving.every((id) => !isMember(configuration, id)) && entering.every((id) => staysVoter(configuration, id));
}

/** True while exactly this change, or one that does as much, is under way. */
function isUnderWay({ voters, learners, outgoing }: Configuration, change: Replacement): boolean {
  return outgoing !== undefined && isDone({ voters, learners }, change);
}
