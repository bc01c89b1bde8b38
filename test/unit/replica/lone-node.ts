/** One node that leads a group of its own; it can be started again, and recovered into another epoch. */

import { expect } from "vitest";
import { encodeEnvelope } from "../../../src/machine/envelope.ts";
import { seededRandom } from "../../../src/raft/random.ts";
import { defaultRaftOptions } from "../../../src/raft/state.ts";
import { foundAnew, remainsOf } from "../../../src/replica/remains.ts";
import { Replica } from "../../../src/replica/replica.ts";
import { Disk } from "../../../src/sim/disk.ts";
import { MemoryTrace } from "../../../src/sim/memory-trace.ts";
import { EpochTrace } from "../../../src/trace/epoch-trace.ts";
import { group, member } from "../raft/member.ts";

const self = member("a");

/** It has a disk and a trace in memory; each command is durable, committed and applied at once. */
export class LoneNode {
  readonly disk = new Disk();
  readonly trace = new MemoryTrace({ node: "a", name: "a", cluster: "c" });
  nowMs = 1_000;
  incarnation = 0;
  replica = this.start(1);

  open(epoch: number): EpochTrace {
    this.incarnation += 1;
    return new EpochTrace(this.trace.open(this.incarnation, 0, (event) => event), epoch);
  }

  start(epoch: number): Replica {
    const trace = this.open(epoch);
    const rows = { maxRows: 100, maxDelayMs: 50 };
    const options = { group, self: "a", raft: defaultRaftOptions, rows, random: seededRandom(1), trace, stored: this.disk.load(), nowMs: this.nowMs };
    this.replica = new Replica(options);
    const flush = (): void => trace.flush();
    const handle = this.replica.handle.bind(this.replica);
    this.replica.handle = (event, nowMs) => {
      const outputs = handle(event, nowMs);
      flush();
      for (let taken = this.replica.takeWrite(nowMs); taken !== undefined; taken = this.replica.takeWrite(nowMs)) {
        this.disk.commit(taken.write);
        this.replica.written(taken, nowMs);
        flush();
      }
      return outputs;
    };
    flush();
    return this.replica;
  }

  lead(): void {
    for (let times = 0; times < 4; times += 1) this.replica.handle({ kind: "tick" }, (this.nowMs += 700));
    expect(this.replica.raft.role).toBe("Leader");
  }

  run(id: number, command: object, kind: "command" | "vm" = "command"): void {
    const payload = encodeEnvelope({ client: `t${this.incarnation}`, sequence: id, acknowledged: 1, command } as never);
    this.replica.handle({ kind: "propose", proposals: [{ id, kind, payload }], timeMs: 5 }, this.nowMs);
  }

  recover(epoch: number): void {
    const stored = this.disk.load();
    if (stored === undefined) throw new Error("the disk is empty");
    const { event, hardState, applied, rows } = foundAnew(remainsOf(stored), self, epoch, 9_000);
    const trace = this.open(epoch);
    trace.append(group, event);
    trace.flush();
    this.disk.stage("recovery", [...rows]);
    this.disk.commit({ group, replace: true, stagedSnapshot: "recovery", hardState, applied });
  }
}
