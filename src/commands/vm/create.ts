import { Flags, type Interfaces } from "@oclif/core";
import { nodeFlag, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { completes } from "../../cli/completes.ts";
import { DaemonCommand, durationFlag } from "../../cli/command.ts";
import { type ImageReference, parseImage } from "../../cli/image-reference.ts";
import { lifeFlags, lifeOf, restartFlag } from "../../cli/life-flags.ts";
import { parseWholeNumber } from "../../cli/name.ts";
import { placementFlags, placementOf } from "../../cli/placement-flags.ts";
import { parseNetwork } from "../../cli/network.ts";
import { parsePublishedPort } from "../../cli/published-port.ts";
import { diskBounds, memoryBounds, parseMebibytes } from "../../cli/size.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";
import type { PublishedPort, VmNetwork } from "../../machine/records.ts";
import type { VmCreateRequest } from "../../transport/messages.generated.ts";
import type { Init } from "../../transport/wire.ts";

export default class VmCreate extends DaemonCommand {
  static override summary = "Create a VM, place it on a worker and start it.";
  static override description = "The worker with the most free memory gets it, unless --node names one or a strategy is chosen; `vm plan` tells which. Sizes are in MiB, or with a unit: 2GiB.";
  static override examples = [
    "<%= config.bin %> vm create web --wait",
    "<%= config.bin %> vm create db --driver qemu --cpus 2 --memory 512 --node n2 --no-start",
    "<%= config.bin %> vm create www --publish 127.0.0.1:8080:80 --restart on-failure --restart-limit 5",
    "<%= config.bin %> vm create api --publish 8080:80 --health http:80/ready --restart always",
    "<%= config.bin %> vm create urgent --priority 10 --preempt",
    "<%= config.bin %> vm create db1 --label app=db --apart app=db --spread zone",
  ];
  static override args = { name: vmArgument };
  static override flags = {
    driver: Flags.option({ options: ["qemu", "runner", "process"] as const })({ description: "What runs it; runner: a directory of the worker with bin/microvm-run, named by --image.", default: "qemu" }),
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
    image: completes("image", Flags.custom<ImageReference>({ parse: async (text) => parseImage(text) })({
      description: "Image to boot, and perhaps the content that it must have. [default: the one that is built in]",
      helpValue: "NAME[@sha256:DIGEST]",
    })),
    node: nodeFlag({ description: "Worker to place it on, by name or id." }),
    publish: Flags.custom<PublishedPort>({ parse: async (text) => parsePublishedPort(text) })({
      description: "Lead a port of the worker to one of the guest; may be given again.",
      helpValue: "[udp:][ADDRESS:]PORT:GUEST-PORT",
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    network: Flags.custom<VmNetwork | null>({ parse: async (text) => parseNetwork(text) })({
      description: "Network: QEMU's own, which leads nowhere but through published ports, or a bridge of the worker. [default: user]",
      helpValue: "user|bridge=NAME[,address=ADDRESS/BITS][,gateway=ADDRESS]",
    }),
    restart: restartFlag({ description: "What to do when it ends by itself.", default: "never" }),
    ...lifeFlags,
    "boot-deadline": durationFlag({ description: "How long the guest may take to be ready. [default: 90s]" }),
    ...placementFlags,
    priority: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a priority", 0, 1_000) })({ description: "The higher, the more important.", default: 0, helpValue: "N" }),
    preempt: Flags.boolean({ description: "Where there is no room, VMs of lower priority make way: they are stopped, and started elsewhere or wait." }),
    "start-within": durationFlag({ description: "A start that nobody confirms in this time is taken back and tried elsewhere. [default: 5m]" }),
    start: Flags.boolean({ description: "Start it at once.", default: true, allowNo: true }),
    wait: waitFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmCreate);
    const daemon = this.daemon(flags);
    const spec = specOf(args.name, flags);
    const created = await daemon.write((asked, request, options) => asked.vm.create({ ...spec, request }, options));
    const waits = flags.wait && flags.start;
    await this.print(flags, vmChanged(args.name, "created", waits ? await waitForVm(daemon, args.name, "running", created) : created));
  }
}

type Flagged = Omit<Interfaces.InferredFlags<typeof VmCreate.flags>, "wait">;

/** The request that the flags come to. */
export function specOf(name: string, flags: Flagged): Init<VmCreateRequest> {
  const { driver, cpus, memory: memoryMib, disk: diskMib, image = { image: "default", imageDigest: "" }, node = "", start, publish, network = null, "boot-deadline": bootDeadlineMs = 0 } = flags;
  return { name, driver, cpus, memoryMib, diskMib, ...image, node, start, publish, network, bootDeadlineMs, ...lifeOf(flags), ...placementOf(flags), ...importanceOf(flags) };
}

function importanceOf({ priority, preempt, "start-within": startWithinMs = 0 }: Flagged): Pick<VmCreateRequest, "priority" | "preempt" | "startWithinMs"> {
  return { priority, preempt, startWithinMs };
}
