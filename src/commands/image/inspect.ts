import { consistentFlag, imageArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { imageInspected } from "../../cli/image-view.ts";

export default class ImageInspect extends DaemonCommand {
  static override summary = "Show what an image is made of, who holds it and which VMs were made from it.";
  static override examples = ["<%= config.bin %> image inspect web"];
  static override args = { name: imageArgument };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageInspect);
    const { consistent } = flags;
    const images = await this.daemon(flags).read((daemon, options) => daemon.image.list({ read: { consistent } }, options));
    await this.print(flags, imageInspected(args.name, images));
  }
}
