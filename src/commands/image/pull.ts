import { imageArgument, nodeFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { pullImage } from "../../cli/image-pull.ts";
import { imagePulled } from "../../cli/image-view.ts";

export default class ImagePull extends DaemonCommand {
  static override summary = "Bring the content of an image to a node before a VM needs it.";
  static override description = "What is there already is read and checked; a file that is damaged is fetched anew from a node that holds it whole.";
  static override examples = ["<%= config.bin %> image pull web --node n2"];
  static override args = { name: imageArgument };
  static override flags = { node: nodeFlag({ description: "The node, by name or id. [default: the daemon that is asked]" }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImagePull);
    const { nodeId, digest } = await pullImage(this.daemon(flags), args.name, flags.node ?? "");
    await this.print(flags, imagePulled(args.name, nodeId, digest));
  }
}
