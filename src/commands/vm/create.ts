import { Flags } from "@oclif/core";
import { nodeFlag, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { parseName, parseWholeNumber } from "../../cli/name.ts";
import { diskBounds, memoryBounds, parseMebibytes } from "../../cli/size.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";

export default class VmCreate extends DaemonCommand {
  static override summary = "Create a VM, place it on a worker and start it.";
  static override description = "The worker with the most free memory gets it, unless --node names one. Sizes are in MiB, or with a unit: 2GiB.";
  static override examples = [
    "<%= config.bin %> vm create web --wait",
    "<%= config.bin %> vm create db --driver qemu --cpus 2 --memory 512 --node n2 --no-start",
  ];
  static override args = { name: vmArgument };
  static override flags = {
    driver: Flags.option({ options: ["qemu", "process"] as const })({ description: "What runs it.", default: "qemu" }),
    cpus: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of CPUs", 1, 255) })({
      description: "Virtual CPUs.",
      default: 1,
      helpValue: "N",
    }),
    memory: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, memoryBounds) })({
      description: "Memory in MiB.",
      default: 128,
      helpValue: "SIZE",
    }),
    disk: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, diskBounds) })({
      description: "Disk in MiB; 0: none.",
      default: 0,
      helpValue: "SIZE",
    }),
    image: Flags.custom<string>({ parse: async (text) => parseName(text, "image") })({ description: "Image to boot.", default: "default", helpValue: "NAME" }),
    node: nodeFlag({ description: "Worker to place it on, by name or id." }),
    start: Flags.boolean({ description: "Start it at once.", default: true, allowNo: true }),
    wait: waitFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmCreate);
    const { driver, cpus, memory: memoryMib, disk: diskMib, image, node = "", start } = flags;
    const daemon = this.daemon(flags);
    const spec = { name: args.name, driver, cpus, memoryMib, diskMib, image, node, start };
    const created = await daemon.write((asked, request, options) => asked.vm.create({ ...spec, request }, options));
    const waits = flags.wait && start;
    await this.print(flags, vmChanged(args.name, "created", waits ? await waitForVm(daemon, args.name, "running", created) : created));
  }
}
