import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { listingFlags } from "../../cli/listing.ts";
import { reservationList, reservationListing } from "../../cli/reservation-view.ts";

export default class ReservationList extends DaemonCommand {
  static override summary = "List the room that VMs take on workers, and whether they are confirmed to run.";
  static override description = "held: it is to run, and its worker has not confirmed that; confirmed: it runs, or is paused; releasing: it is to end; kept: it runs again soon.";
  static override examples = ["<%= config.bin %> reservation list", "<%= config.bin %> reservation list --filter state=held --json"];
  static override flags = { ...listingFlags(reservationListing), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ReservationList);
    const { consistent } = flags;
    const seen = await this.daemon(flags).read((daemon, options) => daemon.worker.reservations({ read: { consistent } }, options));
    await this.print(flags, reservationList(seen, flags));
  }
}
