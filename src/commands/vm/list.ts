import { Flags } from "@oclif/core";
import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { columnNames, parseColumns, parseFilter, type VmFilter, vmList } from "../../cli/vm-list.ts";

export default class VmList extends DaemonCommand {
  static override summary = "List the VMs of the cluster.";
  static override examples = [
    "<%= config.bin %> vm list",
    "<%= config.bin %> vm list --columns name,observed,ended --filter observed=failed,stopped",
    "<%= config.bin %> vm list --consistent --json",
  ];
  static override flags = {
    columns: Flags.custom<readonly string[]>({ parse: async (text) => parseColumns(text) })({
      description: `Columns to show, in this order, or all: ${columnNames.join(", ")}.`,
      helpValue: "NAME,NAME",
    }),
    filter: Flags.custom<VmFilter>({ parse: async (text) => parseFilter(text) })({
      description: "Only VMs with one of these values, by name, observed, desired, owner, driver or image; may be given again.",
      helpValue: "FIELD=VALUE,VALUE",
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    consistent: consistentFlag,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(VmList);
    const { consistent, columns, filter: filters } = flags;
    const vms = await this.daemon(flags).read((daemon, options) => daemon.vm.list({ read: { consistent } }, options));
    await this.print(flags, vmList(vms, columns === undefined ? { filters } : { chosen: columns, filters }));
  }
}
