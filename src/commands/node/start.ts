import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { LocalCommand, defaultAddress, readAddress } from "../../cli/command.ts";
import { defaultWaitMs } from "../../cli/daemon-session.ts";
import { runForeground } from "../../cli/foreground.ts";
import { parseDrift } from "../../cli/drift.ts";
import { parseDuration } from "../../cli/duration.ts";
import { parseName, parseWholeNumber } from "../../cli/name.ts";
import { launchDaemon } from "../../cli/node-launch.ts";
import { notify } from "../../cli/output.ts";
import { exitStatus } from "../../errors.ts";
import type { DaemonOptions } from "../../node/daemon.ts";
import { formatAddress, parseAddress } from "../../transport/address.ts";

const duration = (description: string) => Flags.custom<number>({ parse: async (text) => parseDuration(text) })({ description, helpValue: "TIME" });

export default class NodeStart extends LocalCommand {
  static override summary = "Run the daemon of this machine.";
  static override description =
    "In the foreground until it is stopped or interrupted; with --daemon in the background, with its log in the data directory. A daemon with an empty data directory is in no cluster: `cluster init` or `cluster join` comes next.";
  static override examples = [
    "<%= config.bin %> node start --id n1 --listen 127.0.0.1:7100 --data-dir ./n1",
    "<%= config.bin %> node start --id n1 --listen 0.0.0.0:7100 --advertise n1.example.org:7100 --data-dir /var/lib/blixard --daemon",
  ];
  static override flags = {
    id: Flags.custom<string>({ parse: async (text) => parseName(text, "node") })({ description: "Name of the node.", required: true, helpValue: "NAME" }),
    listen: Flags.custom<string>({ parse: async (text) => formatAddress(parseAddress(text, 0)) })({
      description: "Address to listen on; port 0 takes any that is free.",
      default: defaultAddress,
      helpValue: "HOST:PORT",
    }),
    advertise: Flags.custom<string>({ parse: readAddress })({ description: "Address at which others reach it. [default: that of --listen]", helpValue: "HOST:PORT" }),
    "data-dir": Flags.string({ description: "Directory that holds all that it must not forget.", required: true, helpValue: "DIR" }),
    "log-level": Flags.option({ options: ["debug", "info", "warn", "error"] as const })({ description: "What it logs.", default: "info" }),
    heartbeat: Flags.custom<number>({ parse: async (text) => parseDuration(text) })({ description: "How often a leader is heard. [default: 50ms]", helpValue: "TIME" }),
    "election-timeout": Flags.custom<number>({ parse: async (text) => parseDuration(text) })({
      description: "Silence of the leader after which others campaign, at the earliest. [default: 300ms]",
      helpValue: "TIME",
    }),
    "disk-stall-bound": Flags.custom<number>({ parse: async (text) => parseDuration(text) })({
      description: "How long a write may be under way before a leader makes way. [default: three election timeouts]",
      helpValue: "TIME",
    }),
    "clock-drift-bound": Flags.custom<number>({ parse: async (text) => parseDrift(text) })({
      description: "How far the clocks of nodes run apart at most, for example 0.1%: leaders then answer reads from leases. [default: not known, no leases]",
      helpValue: "PERCENT",
    }),
    "history-entries": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of entries", 1, 100_000_000) })({
      description: "Changes of keys that are kept for `kv watch`, in entries. [default: 65536]",
      helpValue: "N",
    }),
    "history-memory": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of MiB", 1, 1_000_000) })({
      description: "The most memory that they take, in MiB. [default: 32]",
      helpValue: "MIB",
    }),
    "worker-lease": duration("How long a worker takes a renewal of its lease to last; then its VMs end. [default: 20s]"),
    "kill-budget": duration("How long it may take until nothing of a worker runs when its lease is over. [default: 5s]"),
    "failover-after": duration("Silence of a worker after which its VMs go to others. [default: 30s]"),
    "degraded-after": duration("Silence after which a worker is shown as degraded. [default: 5s]"),
    "failed-after": duration("Silence after which a worker is shown as failed. [default: that of --failover-after]"),
    daemon: Flags.boolean({ description: "Run in the background; return when it answers." }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(NodeStart);
    const { id: name, listen, advertise, "log-level": logLevel } = flags;
    const dataDir = resolve(flags["data-dir"]);
    if (flags.daemon) {
      const command = [process.execPath, ...process.execArgv, process.argv[1] ?? "", "node", "start", "--json", ...this.argv.filter(isForChild)];
      const answer = await launchDaemon({ command, dataDir, address: listen, timeoutMs: flags.timeout ?? defaultWaitMs, notify });
      await this.print(flags, answer);
      return exitStatus.ok;
    }
    const { startDaemon } = await import("../../node/daemon.ts");
    const options = { name, listen, dataDir, logLevel, foreground: true, ...(advertise === undefined ? {} : { advertise }), ...givenOptions(flags) };
    return runForeground(() => startDaemon(options), flags.json);
  }
}

interface GivenFlags {
  readonly heartbeat?: number | undefined;
  readonly "election-timeout"?: number | undefined;
  readonly "disk-stall-bound"?: number | undefined;
  readonly "clock-drift-bound"?: number | undefined;
  readonly "worker-lease"?: number | undefined;
  readonly "kill-budget"?: number | undefined;
  readonly "failover-after"?: number | undefined;
  readonly "degraded-after"?: number | undefined;
  readonly "failed-after"?: number | undefined;
  readonly "history-entries"?: number | undefined;
  readonly "history-memory"?: number | undefined;
}

/** Only what was given: all else has its default. */
function givenOptions(flags: GivenFlags): Partial<DaemonOptions> {
  const options = {
    heartbeatMs: flags.heartbeat,
    electionTimeoutMs: flags["election-timeout"],
    diskStallMs: flags["disk-stall-bound"],
    clockDriftPpm: flags["clock-drift-bound"],
    workerLeaseMs: flags["worker-lease"],
    killBudgetMs: flags["kill-budget"],
    failoverAfterMs: flags["failover-after"],
    degradedAfterMs: flags["degraded-after"],
    failedAfterMs: flags["failed-after"],
    historyEntries: flags["history-entries"],
    historyMib: flags["history-memory"],
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function isForChild(argument: string): boolean {
  return argument !== "--daemon" && argument !== "--json";
}
