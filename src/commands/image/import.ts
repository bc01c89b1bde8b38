import { Args, Flags } from "@oclif/core";
import { DaemonCommand } from "../../cli/command.ts";
import { importImage } from "../../cli/image-import.ts";
import { imageChanged } from "../../cli/image-view.ts";
import { parseName } from "../../cli/name.ts";
import { memoryBounds, parseMebibytes } from "../../cli/size.ts";

export default class ImageImport extends DaemonCommand {
  static override summary = "Import a kernel, an initrd and perhaps a disk as an image, named by the hash of their content.";
  static override description =
    "The daemon that is asked holds the content; other workers fetch it from there when a VM needs it, or by `image pull`. An import that broke off goes on where it was.";
  static override examples = [
    "<%= config.bin %> image import vmlinuz initrd.img --name web",
    "<%= config.bin %> image import vmlinuz initrd.img root.raw --name db --cmdline 'root=/dev/vda ro' --memory 512 --ready 'db login:'",
  ];
  static override usage = "image import KERNEL INITRD [DISK] --name NAME";
  static override args = {
    kernel: Args.string({ required: true, description: "Kernel, as QEMU takes it." }),
    initrd: Args.string({ required: true, description: "Initial RAM disk." }),
    disk: Args.string({ description: "Raw disk; each VM gets a copy of its own." }),
  };
  static override flags = {
    name: Flags.custom<string>({ parse: async (text) => parseName(text, "image") })({ required: true, description: "Name of the image.", helpValue: "NAME" }),
    cmdline: Flags.string({ description: "Further words of the kernel's command line.", helpValue: "WORDS" }),
    memory: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, memoryBounds) })({ description: "The least memory that it boots with, in MiB.", helpValue: "SIZE" }),
    ready: Flags.string({ description: "How the line on its console begins by which the guest says that it is up. [default: blixard-guest: ready]", helpValue: "TEXT" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageImport);
    const { name, cmdline, memory: memoryMib, ready } = flags;
    const files = [args.kernel, args.initrd, ...(args.disk === undefined ? [] : [args.disk])];
    const added = await importImage(this.daemon(flags), { name, files, cmdline, memoryMib, ready });
    await this.print(flags, imageChanged(name, "imported", added));
  }
}
