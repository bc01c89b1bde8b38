import { Flags, type Interfaces } from "@oclif/core";
import { nodeFlag, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand, durationFlag } from "../../cli/command.ts";
import { healthMessage, parseHealthProbe } from "../../cli/health-check.ts";
import { parseName, parseWholeNumber } from "../../cli/name.ts";
import { placementFlags, placementOf } from "../../cli/placement-flags.ts";
import { parsePublishedPort } from "../../cli/published-port.ts";
import { diskBounds, memoryBounds, parseMebibytes } from "../../cli/size.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";
import type { HealthProbe, PublishedPort } from "../../machine/records.ts";
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
    image: Flags.custom<string>({ parse: async (text) => parseName(text, "image") })({ description: "Image to boot.", default: "default", helpValue: "NAME" }),
    node: nodeFlag({ description: "Worker to place it on, by name or id." }),
    publish: Flags.custom<PublishedPort>({ parse: async (text) => parsePublishedPort(text) })({
      description: "Lead a port of the worker to one of the guest; may be given again.",
      helpValue: "[udp:][ADDRESS:]PORT:GUEST-PORT",
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    restart: Flags.option({ options: ["never", "on-failure", "always"] as const })({ description: "What to do when it ends by itself.", default: "never" }),
    "restart-limit": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of starts", 0, 1_000_000) })({
      description: "Starts by policy until somebody starts it; 0: no end.",
      default: 0,
      helpValue: "N",
    }),
    "restart-backoff": durationFlag({ description: "Wait before the first start by policy; it doubles each time. [default: 1s]" }),
    "boot-deadline": durationFlag({ description: "How long the guest may take to be ready. [default: 90s]" }),
    health: Flags.custom<HealthProbe>({ parse: async (text) => parseHealthProbe(text) })({
      description: "How its worker finds out whether it does its work; one that does not is started again by --restart. A port is one of the guest.",
      helpValue: "process|console:TEXT|tcp:PORT|http:PORT/PATH|exec:COMMAND",
    }),
    "health-interval": durationFlag({ description: "Wait between two looks. [default: 10s]" }),
    "health-timeout": durationFlag({ description: "A look that takes longer has failed. [default: 2s]" }),
    "health-threshold": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of looks", 1, 1_000) })({
      description: "Looks in a row that must fail before it is unhealthy. [default: 3]",
      helpValue: "N",
    }),
    ...placementFlags,
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
export function specOf(name: string, flags: Flagged): Omit<VmCreateRequest, "request" | "place" | "health"> & Pick<Init<VmCreateRequest>, "place" | "health"> {
  const { driver, cpus, memory: memoryMib, disk: diskMib, image, node = "", start } = flags;
  const { publish, restart, "restart-limit": restartLimit, "restart-backoff": restartBackoffMs = 0, "boot-deadline": bootDeadlineMs = 0 } = flags;
  const wishes = { publish, restart: restart === "never" ? "" : restart, restartLimit, restartBackoffMs, bootDeadlineMs };
  const health = healthMessage(flags.health, flags["health-interval"], flags["health-timeout"], flags["health-threshold"]);
  return { name, driver, cpus, memoryMib, diskMib, image, node, start, health, ...wishes, ...placementOf(flags) };
}
