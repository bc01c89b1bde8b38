import { DaemonCommand } from "../../cli/command.ts";
import { raftStatus } from "../../cli/cluster-view.ts";

export default class RaftStatus extends DaemonCommand {
  static override summary = "Show every Raft group of a daemon: role, term, log and members.";
  static override description = "What a daemon knows of itself. How far others are, only a leader knows.";
  static override examples = ["<%= config.bin %> raft status", "<%= config.bin %> raft status --addr 127.0.0.1:7102 --json"];

  override async run(): Promise<void> {
    const { flags } = await this.parse(RaftStatus);
    const { groups } = await this.daemon(flags).read((daemon, options) => daemon.cluster.nodeStatus({}, options));
    await this.print(flags, raftStatus(groups));
  }
}
