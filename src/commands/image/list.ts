import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { imageList, imageListing } from "../../cli/image-view.ts";
import { listingFlags } from "../../cli/listing.ts";

export default class ImageList extends DaemonCommand {
  static override summary = "List the images, the built-in one first.";
  static override examples = ["<%= config.bin %> image list", "<%= config.bin %> image list --columns name,sha256,held --filter held=n2"];
  static override flags = { ...listingFlags(imageListing), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImageList);
    const { consistent } = flags;
    const images = await this.daemon(flags).read((daemon, options) => daemon.image.list({ read: { consistent } }, options));
    await this.print(flags, imageList(images, flags));
  }
}
