/** Forming a cluster and changing who belongs to it (rows M5 to M10). One implementation serves everybody. */

import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { UserError } from "../errors.ts";
import type { ClusterAnswered, Command, Envelope, TokenCreated } from "../machine/commands.ts";
import { parseName } from "../machine/names.ts";
import { clusterOf, getWorker, listWorkers } from "../machine/query.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import { isJoint, isMember, isVoter, members } from "../raft/configuration.ts";
import type { NodeId } from "../raft/message.ts";
import { committedConfiguration, configurationInForce } from "../raft/state.ts";
import type { Replica } from "../replica/replica.ts";
import { parseAddress } from "../transport/address.ts";
import { dial } from "./concrete.ts";
import type { Log } from "./log.ts";
import { MemberChanges } from "./member-changes.ts";
import type { Clock } from "./loop.ts";
import type { Requests } from "./requests.ts";

/** Who this node is; `clusterId` is empty until it belongs to a cluster. */
export interface Self {
  readonly id: NodeId;
  readonly name: string;
  readonly address: string;
}

export interface MembershipOptions {
  readonly self: Self;
  readonly replica: Replica;
  readonly requests: Requests;
  readonly clock: Clock;
  readonly log: Log;
  readonly clusterId: () => string;
  /** Of the cluster; 1 while there is none. */
  readonly epoch: () => number;
  /** Makes the cluster id durable and lets peers in. */
  readonly setClusterId: (clusterId: string, epoch: number) => Promise<void>;
  /** Appends the first configuration. */
  readonly bootstrap: (member: Member) => void;
  /** The cluster has this node no more. */
  readonly removed: (configurationIndex: number) => void;
}

export interface Added {
  readonly clusterId: string;
  readonly stage: "learner" | "voter";
  readonly configuration: Configuration;
}

const dialBackMs = 2_000;
const askAgainMs = 1_000;
const joinPauseMs = 100;

export class Membership {
  /** Changes of those that are members already. */
  readonly changes: MemberChanges;
  readonly #options: MembershipOptions;
  #promoting = false;
  #forgetting = false;
  #asking = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { self, replica, requests, clock } = options;
    this.changes = new MemberChanges({ self: self.id, replica, requests, clock, resolve: (node) => this.resolve(node) });
  }

  /** What is looked at again and again. */
  keepHouse(): void {
    this.#promoteLearners();
    this.#forgetWorkers();
    this.#askWhetherRemoved();
  }

  /** Makes this node the first of a new cluster. Interrupted, it goes on where it stopped. */
  async initialize(timeoutMs: number): Promise<string> {
    const { self, replica, requests, clusterId, setClusterId, bootstrap } = this.#options;
    if (clusterOf(replica.machine) !== undefined) throw this.#alreadyMember("initialised");
    const joining = clusterId() !== "" && replica.raft.log.lastIndex === 0 && replica.raft.currentTerm > 0;
    if (joining) throw this.#alreadyMember("joined");
    if (clusterId() === "") await setClusterId(randomUUID(), 1);
    if (replica.raft.log.lastIndex === 0) bootstrap({ id: self.id, name: self.name, address: self.address });
    const command: Command = { kind: "cluster-init", clusterId: clusterId() };
    // The session is named for the cluster, so that going on after a crash repeats the same request.
    const answer = await requests.execute<ClusterAnswered>({ client: clusterId(), sequence: 1, acknowledged: 1, command }, timeoutMs);
    return answer.value.clusterId;
  }

  #alreadyMember(how: string): UserError {
    const message = `this node was ${how} already: it belongs to cluster ${this.#options.clusterId()}`;
    return new UserError("ALREADY_EXISTS", message, { node: this.#options.self.id, next: "See `blixard cluster status`." });
  }

  /** Makes a join token. Its secret leaves only in the answer; the log keeps a hash. */
  async createToken(envelope: (command: Command) => Envelope, name: string, ttlMs: number, timeoutMs: number) {
    const tokenId = randomBytes(6).toString("hex");
    const secret = randomBytes(24).toString("base64url");
    const command: Command = { kind: "token-create", tokenId, sha256: sha256(secret), name: parseName(name, "node name"), ttlMs };
    const { value } = await this.#options.requests.execute<TokenCreated>(envelope(command), timeoutMs);
    return { token: `${tokenId}.${secret}`, expiresAtMs: value.expiresAtMs };
  }

  /** The joiner's side: asks a member to be added, until this node votes, or with `standby` until it is a learner. */
  async join(seedAddress: string, token: string, standby: boolean, timeoutMs: number): Promise<string> {
    const { self, clock, clusterId, epoch, setClusterId, requests, replica, log } = this.#options;
    parseAddress(seedAddress);
    const joined = committedConfiguration(replica.raft).configuration;
    if (isVoter(joined, self.id) || (standby && isMember(joined, self.id))) throw this.#alreadyMember("joined");
    if (joined.learners.some((learner) => learner.id === self.id && learner.standby === true)) {
      throw new UserError("WRONG_STATE", "this node joined as a learner that stays one", { node: self.id, next: `Run \`blixard cluster promote ${self.name}\`.` });
    }
    const deadline = clock() + timeoutMs;
    const seed = dial(seedAddress, timeoutMs);
    try {
      for (;; await requests.nextChange(joinPauseMs)) {
        const left = deadline - clock();
        if (left <= 0) throw this.#joinTimeout(seedAddress, standby, timeoutMs);
        const request = { nodeId: self.id, name: self.name, address: self.address, token, standby };
        const answer = await seed.cluster.addMember(request, { timeoutMs: left }).catch(pardon("OUTCOME_UNKNOWN", "CHANGE_PENDING"));
        if (answer === undefined) continue;
        if (clusterId() === "") await setClusterId(answer.clusterId, answer.epoch || 1);
        if (clusterId() !== answer.clusterId) {
          throw new UserError("DATA_DIR_FOREIGN", `this node belongs to cluster ${clusterId()}, the seed to ${answer.clusterId}`);
        }
        const seedEpoch = answer.epoch || 1;
        if (epoch() !== seedEpoch) {
          throw new UserError("WRONG_EPOCH", `this node belongs to epoch ${epoch()} of the cluster, the seed to ${seedEpoch}`, {
            next: "Start this node with an empty data directory, and join again.",
          });
        }
        const { configuration } = committedConfiguration(replica.raft);
        if (standby ? isMember(configuration, self.id) : answer.stage === "voter" && isVoter(configuration, self.id)) {
          log.info("joined", { cluster: answer.clusterId });
          return answer.clusterId;
        }
      }
    } finally {
      seed.close();
    }
  }

  #joinTimeout(seed: string, standby: boolean, timeoutMs: number): UserError {
    const message = `this node did not become a ${standby ? "learner" : "voter"} within ${timeoutMs} ms; ${seed} goes on trying`;
    return new UserError("TIMEOUT", message, { node: this.#options.self.id, next: "See `blixard cluster members`, or join again with the same token." });
  }

  /**
   * A member's side: checks the token through the log, dials the joiner back, adds it as a learner. The leader promotes
   * it once it has caught up; asked again, this answers how far it is.
   */
  async addMember(joiner: Member, token: string, timeoutMs: number): Promise<Added> {
    const { requests, replica, clusterId } = this.#options;
    if (clusterId() === "") throw new UserError("NOT_INITIALIZED", "this node belongs to no cluster yet", { next: "Join at a member." });
    checkMember(joiner);
    await requests.linearize(timeoutMs);
    const placed = committedConfiguration(replica.raft).configuration;
    if (!isMember(placed, joiner.id)) {
      await this.#useToken(joiner, token, timeoutMs);
      await this.#dialBack(joiner);
      // Asked twice at once, the second finds the member there: that is what it wanted.
      await requests.change({ kind: "add-learner", member: joiner }, timeoutMs).catch(pardon("ALREADY_EXISTS"));
      await requests.linearize(timeoutMs);
    }
    const { configuration } = committedConfiguration(replica.raft);
    return { clusterId: clusterId(), stage: isVoter(configuration, joiner.id) ? "voter" : "learner", configuration };
  }

  async #useToken(joiner: Member, token: string, timeoutMs: number): Promise<void> {
    const [tokenId = "", secret = "", more] = token.split(".");
    if (tokenId === "" || secret === "" || more !== undefined) {
      throw new UserError("INVALID_ARGUMENT", "the join token is malformed", { next: "Make one with `blixard cluster token NAME`." });
    }
    const command: Command = { kind: "token-use", tokenId, sha256: sha256(secret), name: parseName(joiner.name, "node name"), node: joiner.id };
    await this.#options.requests.execute({ client: randomUUID(), sequence: 1, acknowledged: 1, command }, timeoutMs);
  }

  /** Nothing is proposed for an address at which somebody else answers, or nobody (row M7). */
  async #dialBack(joiner: Member): Promise<void> {
    const client = dial(joiner.address, dialBackMs);
    try {
      const { nodeId } = await client.cluster.identify({});
      const same = nodeId.length === joiner.id.length && timingSafeEqual(Buffer.from(nodeId), Buffer.from(joiner.id));
      if (same) return;
      throw new UserError("CONFLICT", `at ${joiner.address} answers node ${nodeId}, not ${joiner.id}`, {
        next: "Start the joining node with --advertise set to an address of its own.",
      });
    } finally {
      client.close();
    }
  }

  /** Removes a member by id or name; refused while a VM has its place there. */
  async remove(node: string, timeoutMs: number): Promise<{ readonly id: NodeId; readonly index: number }> {
    const { requests, replica } = this.#options;
    await requests.linearize(timeoutMs);
    const { id } = this.resolve(node);
    // Before anything of it is touched: its worker's record goes first.
    if (configurationInForce(replica.raft).configuration.voters.every((voter) => voter.id === id)) {
      throw new UserError("CONFLICT", "the last voter cannot be removed", { node: id, next: "Let another node join first." });
    }
    if (getWorker(replica.machine, id) !== undefined) {
      const command: Command = { kind: "worker-remove", node: id };
      await requests.execute({ client: randomUUID(), sequence: 1, acknowledged: 1, command }, timeoutMs);
    }
    return { id, index: await requests.change({ kind: "remove", id }, timeoutMs) };
  }

  /** The member with this id or name. */
  resolve(node: string): Member {
    const { configuration } = configurationInForce(this.#options.replica.raft);
    const found = members(configuration).find((member) => member.id === node || member.name === node);
    if (found !== undefined) return found;
    throw new UserError("NOT_FOUND", `no member has the id or name ${node}`, { next: "See `blixard cluster members`." });
  }

  /**
   * A node that holds the committed entry of its own removal takes no part any more, so no peer tells it after a restart.
   * Nor can it tell by itself that it is no joiner who is still behind: it asks, and a consistent answer decides.
   */
  #askWhetherRemoved(): void {
    const { replica, self, clusterId } = this.#options;
    const { configuration, index } = committedConfiguration(replica.raft);
    if (this.#asking || index === 0 || clusterId() === "" || isMember(configuration, self.id)) return;
    this.#asking = true;
    this.#ask(members(configuration)).finally(() => setTimeout(() => (this.#asking = false), askAgainMs).unref());
  }

  async #ask(others: readonly Member[]): Promise<void> {
    const { self, removed, log } = this.#options;
    for (const { address } of others) {
      const client = dial(address, dialBackMs);
      try {
        const { group, clusterId, epoch } = await client.cluster.clusterStatus({ read: { consistent: true } });
        if (group === null || clusterId !== this.#options.clusterId() || epoch !== this.#options.epoch()) continue;
        if (group.members.every(({ id }) => id !== self.id)) removed(group.configurationIndex);
        return;
      } catch (error) {
        log.debug("a member did not say whether this node was removed", { address, error: String(error) });
      } finally {
        client.close();
      }
    }
  }

  /** The leader's duty: who is no member any more is no worker either. One at a time; with VMs it stays, to be seen. */
  #forgetWorkers(): void {
    const { replica, requests, log } = this.#options;
    const { configuration } = committedConfiguration(replica.raft);
    if (this.#forgetting || replica.raft.role !== "Leader" || isJoint(configuration)) return;
    const gone = listWorkers(replica.machine).find(({ worker, usage }) => usage.vms === 0 && !isMember(configuration, worker.node));
    if (gone === undefined) return;
    this.#forgetting = true;
    const command: Command = { kind: "worker-remove", node: gone.worker.node };
    requests
      .execute({ client: randomUUID(), sequence: 1, acknowledged: 1, command }, 5_000)
      .catch((error: unknown) => log.debug("worker not forgotten yet", { worker: gone.worker.node, error: String(error) }))
      .finally(() => {
        this.#forgetting = false;
      });
  }

  /** The leader's duty: a learner that has caught up gets a vote. One at a time; what fails is tried at the next turn. */
  #promoteLearners(): void {
    const { replica, requests, log } = this.#options;
    if (this.#promoting || replica.raft.role !== "Leader") return;
    const learner = committedConfiguration(replica.raft).configuration.learners.find(({ standby }) => standby !== true);
    if (learner === undefined) return;
    this.#promoting = true;
    requests
      .change({ kind: "promote", id: learner.id }, 5_000)
      .then(
        () => log.info("promoted to voter", { member: learner.id, name: learner.name }),
        (error: unknown) => log.debug("not promoted yet", { member: learner.id, error: String(error) }),
      )
      .finally(() => {
        this.#promoting = false;
      });
  }
}

function sha256(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function checkMember(joiner: Member): void {
  parseName(joiner.name, "node name");
  parseAddress(joiner.address);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(joiner.id)) {
    throw new UserError("INVALID_ARGUMENT", "a node id is a UUID");
  }
}

/** Turns a refusal with one of these codes into undefined. */
function pardon(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof UserError && codes.includes(error.code)) return undefined;
    throw error;
  };
}
