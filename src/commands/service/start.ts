import { nodeFlag, programFlags, serviceArgument, waitFlag, wordsBehind } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { lifeFlags, lifeOf, restartFlag } from "../../cli/life-flags.ts";
import { placementFlags, placementOf } from "../../cli/placement-flags.ts";
import { serviceChanged } from "../../cli/service-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class ServiceStart extends DaemonCommand {
  static override summary = "Start a service: a program that a worker runs and supervises.";
  static override description =
    "With a program behind `--` it is made, placed on a worker and started; without, the one that is there is started. It counts as running when its program has lasted for a second. Its output goes to `service logs`; it is no VM, and nothing isolates it.";
  static override examples = [
    "<%= config.bin %> service start web --wait -- python3 -m http.server 8000",
    "<%= config.bin %> service start api --env PORT=8080 --cwd /srv/api --restart always --health http:8080/ready -- /srv/api/bin/serve",
    "<%= config.bin %> service start web",
  ];
  static override usage = "service start NAME [FLAGS] [-- PROGRAM [ARGUMENT...]]";
  static override args = { name: serviceArgument };
  static override strict = false;
  static override flags = {
    ...programFlags,
    node: nodeFlag({ description: "Worker to place it on, by name or id." }),
    restart: restartFlag({ description: "What to do when it ends by itself.", default: "on-failure" }),
    ...lifeFlags,
    ...placementFlags,
    wait: waitFlag,
  };

  override async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(ServiceStart);
    const { name } = args;
    const { wait, env, cwd = "", cpus, memory: memoryMib, node = "" } = flags;
    const argv = wordsBehind(raw, 1);
    const run = argv.length === 0 ? null : { argv, env, cwd };
    const spec = { name, run, cpus, memoryMib, node, ...lifeOf(flags), ...placementOf(flags) };
    const seen = await changeVm(this.daemon(flags), `service/${name}`, wait ? "running" : null, (asked, request, options) =>
      asked.service.start({ ...spec, request }, options),
    );
    await this.print(flags, serviceChanged(name, wait ? "started" : "is to start", seen));
  }
}
