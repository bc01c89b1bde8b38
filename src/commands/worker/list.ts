import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { listingFlags } from "../../cli/listing.ts";
import { workerList, workerListing } from "../../cli/worker-view.ts";

export default class WorkerList extends DaemonCommand {
  static override summary = "List the workers with what they have and what is free.";
  static override examples = ["<%= config.bin %> worker list", "<%= config.bin %> worker list --columns name,health,silent --filter admin=active"];
  static override flags = { ...listingFlags(workerListing), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(WorkerList);
    const { consistent } = flags;
    const workers = await this.daemon(flags).read((daemon, options) => daemon.worker.list({ read: { consistent } }, options));
    await this.print(flags, workerList(workers, flags));
  }
}
