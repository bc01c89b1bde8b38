import { Flags } from "@oclif/core";
import { nodeFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { parseWholeNumber } from "../../cli/name.ts";
import { diskBounds, memoryBounds, parseMebibytes } from "../../cli/size.ts";
import { workerRegistered } from "../../cli/worker-view.ts";

export default class WorkerRegister extends DaemonCommand {
  static override summary = "Register a node as a worker, so that VMs may be placed on it.";
  static override description = "What is not given is what the machine has. Asked again, it states new sizes.";
  static override examples = ["<%= config.bin %> worker register", "<%= config.bin %> worker register --node n2 --cpus 4 --memory 8GiB"];
  static override flags = {
    node: nodeFlag({ description: "The node, by name or id. [default: the daemon that is asked]" }),
    cpus: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of CPUs", 1, 65535) })({ description: "CPUs for VMs.", helpValue: "N" }),
    memory: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, memoryBounds) })({ description: "Memory for VMs, in MiB.", helpValue: "SIZE" }),
    disk: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, diskBounds) })({ description: "Disk for VMs, in MiB.", helpValue: "SIZE" }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(WorkerRegister);
    const { node, cpus, memory: memoryMib, disk: diskMib } = flags;
    const registered = await this.daemon(flags).write((daemon, request, options) =>
      daemon.worker.register({ request, node, cpus, memoryMib, diskMib }, options),
    );
    await this.print(flags, workerRegistered(registered));
  }
}
