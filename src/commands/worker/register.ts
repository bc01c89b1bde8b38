import { Flags } from "@oclif/core";
import { labelFlag, nodeFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { parseWholeNumber } from "../../cli/name.ts";
import { diskBounds, memoryBounds, parseMebibytes } from "../../cli/size.ts";
import { workerRegistered } from "../../cli/worker-view.ts";

export default class WorkerRegister extends DaemonCommand {
  static override summary = "Register a node as a worker, so that VMs may be placed on it.";
  static override description = "What is not given is what the machine has. Asked again, it states new sizes.";
  static override examples = ["<%= config.bin %> worker register", "<%= config.bin %> worker register --node n2 --cpus 4 --memory 8GiB --label zone=a"];
  static override flags = {
    node: nodeFlag({ description: "The node, by name or id. [default: the daemon that is asked]" }),
    cpus: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of CPUs", 1, 65535) })({ description: "CPUs for VMs.", helpValue: "N" }),
    memory: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, memoryBounds) })({ description: "Memory for VMs, in MiB.", helpValue: "SIZE" }),
    disk: Flags.custom<number>({ parse: async (text) => parseMebibytes(text, diskBounds) })({ description: "Disk for VMs, in MiB.", helpValue: "SIZE" }),
    label: labelFlag({ description: "Label of the worker, by which VMs are placed; may be given again. [default: those it has]" }),
    "no-labels": Flags.boolean({ description: "Take its labels away.", exclusive: ["label"] }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(WorkerRegister);
    const { node, cpus, memory: memoryMib, disk: diskMib, label: labels, "no-labels": clearLabels } = flags;
    const registered = await this.daemon(flags).write((daemon, request, options) =>
      daemon.worker.register({ request, node, cpus, memoryMib, diskMib, labels, clearLabels }, options),
    );
    await this.print(flags, workerRegistered(registered));
  }
}
