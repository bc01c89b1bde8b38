import { randomUUID } from "node:crypto";
import { Flags } from "@oclif/core";
import { nodeFlag, programFlags, wordsBehind } from "../../cli/arguments.ts";
import { DaemonCommand, durationFlag } from "../../cli/command.ts";
import { parseName, parseUuid, parseWholeNumber } from "../../cli/name.ts";
import { placementFlags, placementOf } from "../../cli/placement-flags.ts";
import { expectCompleted, taskChanged } from "../../cli/task-view.ts";
import { awaitTask } from "../../cli/task-wait.ts";
import { UserError } from "../../errors.ts";

export default class TaskSubmit extends DaemonCommand {
  static override summary = "Submit a task: a program that a worker runs to its end.";
  static override description =
    "An attempt that fails, takes too long, or loses its worker is followed by the next, on another worker if there is one; never do two run at once. With --attempts 1 it runs at most once. It waits where no worker has room. Given again with the same --request-id it is the same task. With --wait the exit status is 0 when it completed, 1 when it came to another end.";
  static override examples = [
    "<%= config.bin %> task submit --wait -- make -C /srv/app all",
    "<%= config.bin %> task submit --name report --attempts 1 --time-limit 10m --env DAY=monday -- /usr/local/bin/report",
  ];
  static override usage = "task submit [FLAGS] -- PROGRAM [ARGUMENT...]";
  static override strict = false;
  static override flags = {
    name: Flags.custom<string>({ parse: async (text) => parseName(text, "task") })({ description: "Name of the task. [default: t- and the begin of the request id]", helpValue: "NAME" }),
    ...programFlags,
    "time-limit": durationFlag({ description: "How long an attempt may take. [default: 1h]" }),
    attempts: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of attempts", 1, 1_000) })({
      description: "Attempts at most.",
      default: 3,
      helpValue: "N",
    }),
    "retry-backoff": durationFlag({ description: "Wait before the second attempt; it doubles each time. [default: 1s]" }),
    "request-id": Flags.custom<string>({ parse: async (text) => parseUuid(text, "the request id") })({ description: "By which a script that submits again submits no second task.", helpValue: "UUID" }),
    node: nodeFlag({ description: "Worker to run it on first, by name or id." }),
    ...placementFlags,
    wait: Flags.boolean({ description: "Wait until it has come to its end, with progress on stderr.", allowNo: true }),
  };

  override async run(): Promise<void> {
    const { flags, raw } = await this.parse(TaskSubmit);
    const argv = wordsBehind(raw, 0);
    if (argv.length === 0) throw new UserError("INVALID_ARGUMENT", "no program is named", { next: "For example: blixard task submit -- make all" });
    const { env, cwd = "", cpus, memory: memoryMib, node = "", attempts, "time-limit": taskTimeoutMs = 0, "retry-backoff": restartBackoffMs = 0 } = flags;
    const id = flags["request-id"] ?? randomUUID();
    const name = flags.name ?? `t-${id.slice(0, 8)}`;
    const retries = { restart: attempts === 1 ? "" : "on-failure", restartLimit: attempts === 1 ? 0 : attempts - 1, restartBackoffMs };
    const spec = { name, run: { argv, env, cwd }, cpus, memoryMib, node, taskTimeoutMs, ...retries, ...placementOf(flags) };
    const daemon = this.daemon(flags);
    const submitted = await daemon.write((asked, request, options) => asked.task.submit({ ...spec, request }, options), id);
    if (!flags.wait) return this.print(flags, taskChanged(name, "submitted", submitted));
    const ended = await awaitTask(daemon, name);
    if (ended.vm !== null) expectCompleted(ended.vm);
    await this.print(flags, taskChanged(name, "has ended", ended));
  }
}
