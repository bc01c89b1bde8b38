import { Flags } from "@oclif/core";
import { imageArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { imageChanged } from "../../cli/image-view.ts";

export default class ImageRemove extends DaemonCommand {
  static override summary = "Remove an image, with its content on every node.";
  static override description = "One that a VM was made from stays, unless --force is given: then that VM runs on, and cannot be started anew. Asks at a terminal; a script is not asked.";
  static override examples = ["<%= config.bin %> image remove web"];
  static override args = { name: imageArgument };
  static override flags = { force: Flags.boolean({ description: "Although a VM was made from it." }), yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageRemove);
    const { name } = args;
    await confirmAtTerminal(flags.yes, name, `Image ${name} goes from every node.`);
    const removed = await this.daemon(flags).write((daemon, request, options) => daemon.image.remove({ request, name, force: flags.force }, options));
    await this.print(flags, imageChanged(name, "removed", removed));
  }
}
