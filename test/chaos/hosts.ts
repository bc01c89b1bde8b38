/**
 * Hosts on one machine: a network namespace each, joined by a bridge in one more. Daemons listen on loopback only, so each
 * host has a loopback address of its own (127.0.1.N) that every other host reaches through a translation of addresses.
 * Faults of the network are packet filter rules of the sending host. Needs root, iproute2 and nftables.
 */

import { execFileSync, spawn, spawnSync } from "node:child_process";

export const daemonPort = 7200;

/** What happens to packets from one host to another. */
export type LinkFault = "drop" | "loss" | "delay";

/** Share of packets that `loss` drops, in percent. */
const lossPercent = 20;

/** Host 0 is where clients are; it is no node. */
export const clientHost = 0;

const bridgeAddress = "10.77.0.254";
const wireAddress = (host: number): string => `10.77.0.${host + 1}`;
const loopback = (host: number): string => `127.0.1.${host + 1}`;

/** The port of the delaying proxy for connections from one host to another. */
export const proxyPort = (from: number, to: number): number => 10_000 + from * 100 + to;
export const proxyListen = bridgeAddress;
export const proxyTarget = wireAddress;

/** What is missing for such hosts on this machine, in words; null when all is there. */
export function whyNoHosts(): string | null {
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  for (const program of ["ip", "nft", "sysctl", "strace"]) {
    if (spawnSync(program, ["-V"], { stdio: "ignore" }).error !== undefined) return `${program} is not installed (apt-get install iproute2 nftables procps strace)`;
  }
  const name = `blixard-try-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.status !== 0) return `network namespaces cannot be made here: ${made.stderr.trim()}`;
  const ruled = spawnSync("ip", ["netns", "exec", name, "nft", "add table ip try"], { encoding: "utf8" });
  spawnSync("ip", ["netns", "del", name]);
  return ruled.status === 0 ? null : `nftables does not work here: ${ruled.stderr.trim()}`;
}

export class Hosts {
  readonly #prefix: string;
  readonly #count: number;
  readonly #faults = new Map<string, LinkFault>();

  /** `prefix` names the namespaces; hosts 0 … count − 1. They exist once `make` was called, by this process or its parent. */
  constructor(prefix: string, count: number) {
    this.#prefix = prefix;
    this.#count = count;
  }

  /** Makes them. They go when this process ends, however it ends. */
  make(): () => void {
    const names = [...this.#all.map((host) => this.#name(host)), this.#bridge];
    const remove = spawn("sh", ["-c", 'cat >/dev/null; for name in "$@"; do ip netns del "$name"; done', "sh", ...names], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    remove.unref();
    ip("netns", "add", this.#bridge);
    ip("-n", this.#bridge, "link", "add", "br0", "type", "bridge");
    ip("-n", this.#bridge, "link", "set", "br0", "up");
    ip("-n", this.#bridge, "addr", "add", `${bridgeAddress}/24`, "dev", "br0");
    for (const host of this.#all) this.#makeHost(host);
    return () => {
      remove.stdin.end();
    };
  }

  #makeHost(host: number): void {
    const name = this.#name(host);
    ip("netns", "add", name);
    ip("link", "add", `port${host}`, "netns", this.#bridge, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("-n", this.#bridge, "link", "set", `port${host}`, "master", "br0", "up");
    ip("-n", name, "addr", "add", `${wireAddress(host)}/24`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", name, "link", "set", "lo", "up");
    // Packets from and to 127.0.1.N may cross the wire.
    ip("netns", "exec", name, "sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1");
    this.#rule(host);
  }

  get #all(): readonly number[] {
    return Array.from({ length: this.#count }, (_, host) => host);
  }

  get #bridge(): string {
    return `${this.#prefix}-bridge`;
  }

  #name(host: number): string {
    return `${this.#prefix}-${host}`;
  }

  /** The words that start a program on a host. */
  under(host: number): readonly string[] {
    return ["ip", "netns", "exec", this.#name(host)];
  }

  get underBridge(): readonly string[] {
    return ["ip", "netns", "exec", this.#bridge];
  }

  address(host: number): string {
    return `${loopback(host)}:${daemonPort}`;
  }

  /** Replaces what is wrong between hosts by `faults`: pairs "from>to". */
  set(faults: ReadonlyMap<string, LinkFault>): void {
    const senders = new Set([...this.#faults.keys(), ...faults.keys()].map((pair) => Number(pair.split(">")[0])));
    const changed = (host: number): boolean =>
      this.#all.some((to) => this.#faults.get(`${host}>${to}`) !== faults.get(`${host}>${to}`));
    const dirty = [...senders].filter(changed);
    this.#faults.clear();
    for (const [pair, fault] of faults) this.#faults.set(pair, fault);
    for (const host of dirty) this.#rule(host);
  }

  /** Loads all rules of a host in one transaction. */
  #rule(host: number): void {
    const others = this.#all.filter((other) => other !== host);
    const translations = others.map((to) => {
      const delayed = this.#faults.get(`${host}>${to}`) === "delay";
      return `ip daddr ${loopback(to)} tcp dport ${daemonPort} dnat to ${delayed ? `${bridgeAddress}:${proxyPort(host, to)}` : wireAddress(to)}`;
    });
    const filters = others.flatMap((to) => filterRules(this.#faults.get(`${host}>${to}`), wireAddress(to)));
    const rules = `
      table ip chaos
      delete table ip chaos
      table ip chaos {
        chain translate { type nat hook output priority -100; ${translations.join("; ")}; }
        chain leave { type nat hook postrouting priority 100; oif eth0 snat to ${wireAddress(host)}; }
        chain arrive { type nat hook prerouting priority -100; iif eth0 ip daddr ${wireAddress(host)} dnat to ${loopback(host)}; }
        chain faults { type filter hook output priority 0; ${filters.map((rule) => `${rule};`).join(" ")} }
      }`;
    execFileSync("ip", ["netns", "exec", this.#name(host), "nft", "-f", "-"], { input: rules });
  }
}

function filterRules(fault: LinkFault | undefined, to: string): readonly string[] {
  switch (fault) {
    case undefined:
      return [];
    case "drop":
      return [`ip daddr ${to} drop`];
    case "loss":
      return [`ip daddr ${to} numgen random mod 100 < ${lossPercent} drop`];
    case "delay":
      // Connections that were made before go the straight way; they are broken, new ones go through the proxy.
      return [`ip daddr ${to} tcp dport ${daemonPort} reject with tcp reset`];
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}
