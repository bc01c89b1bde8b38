import { exitStatus } from "../../errors.ts";
import { vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmPlanned } from "../../cli/vm-plan.ts";
import VmCreate, { specOf } from "./create.ts";

const { start: _start, wait: _wait, ...specFlags } = VmCreate.flags;

export default class VmPlan extends DaemonCommand {
  static override summary = "Tell where a VM would be placed, and why not elsewhere; nothing is changed.";
  static override description = "Takes the flags of `vm create`. Exit status 0: it would fit, with no change to any other VM; 1: it would be refused, or others would have to make way.";
  static override examples = ["<%= config.bin %> vm plan web --memory 2GiB --spread zone", "<%= config.bin %> vm plan db --apart app=db --json"];
  static override args = { name: vmArgument };
  static override flags = specFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmPlan);
    const spec = specOf(args.name, { ...flags, start: true });
    const { answer, fits } = vmPlanned(args.name, await this.daemon(flags).read((daemon, options) => daemon.vm.plan(spec, options)));
    await this.print(flags, answer);
    if (!fits) this.exit(exitStatus.failed);
  }
}
