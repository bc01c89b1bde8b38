/**
 * The load generator: a process of its own that is told what to do, drives one system with closed-loop clients (each has
 * one operation under way), and tells what it saw. The same loop drives both systems; only the way to put differs.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { openSession } from "../src/transport/session.ts";
import { Http2Connection } from "./http2-connection.ts";
import { reads, type Done, type LoadOrder, type LoadReport } from "./load-order.ts";
import { blixardPut, blixardPutPath, etcdPut, etcdPutPath, etcdRange, etcdRangePath } from "./messages.ts";

/** A way to do one operation; `done` is told whether it was answered as it should be. */
interface Way {
  ask(client: number, key: string, value: string, done: Done): void;
  close(): void;
}

/** A way that cannot go on fails the measurement: a figure with a hole in it is none. */
function broken(reason: string): void {
  process.stderr.write(`the load generator lost its connection: ${reason}\n`);
  process.exit(1);
}

function unaryWay(port: number, path: string, connections: number, encode: (client: number, key: string, value: string) => Buffer): Way {
  const open = Array.from({ length: connections }, () => new Http2Connection(port, path, broken));
  return {
    ask(client, key, value, done) {
      (open[client % connections] as Http2Connection).call(encode(client, key, value), (message) => done(message !== undefined));
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

function blixardUnary(port: number, clients: number, connections: number): Way {
  const names = Array.from({ length: clients }, () => randomUUID());
  const sequences = new Uint32Array(clients);
  return unaryWay(port, blixardPutPath, connections, (client, key, value) => {
    const sequence = ++(sequences as { [client: number]: number })[client]!;
    return blixardPut(names[client] as string, sequence, key, value);
  });
}

function blixardStream(port: number, connections: number, isRead: boolean): Way {
  const sessions = Array.from({ length: connections }, () => openSession(`127.0.0.1:${port}`));
  return {
    ask(client, key, value, done) {
      const session = sessions[client % connections] as (typeof sessions)[number];
      const asked = isRead ? session.get(key, true) : session.put(key, value);
      asked.then(
        (answer) => done(!isRead || ("item" in answer && answer.item?.value !== "")),
        () => done(false),
      );
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}

function openWay({ target, port, clients, connections }: LoadOrder): Way {
  switch (target) {
    case "etcd":
      return unaryWay(port, etcdPutPath, connections, (_client, key, value) => etcdPut(key, value));
    case "etcd-read":
      return unaryWay(port, etcdRangePath, connections, (_client, key) => etcdRange(key));
    case "blixard-unary":
      return blixardUnary(port, clients, connections);
    case "blixard-stream":
    case "blixard-read":
      return blixardStream(port, connections, reads(target));
  }
}

/** Writes every key once. */
async function writeAll(order: LoadOrder, keys: readonly string[], value: string): Promise<void> {
  const way = openWay({ ...order, clients: 256, target: order.target.startsWith("etcd") ? "etcd" : "blixard-stream" });
  const put = (client: number, key: string): Promise<void> => {
    return new Promise((resolve) => way.ask(client, key, value, (good) => (good ? resolve() : broken("a write failed"))));
  };
  let next = 0;
  const one = async (client: number): Promise<void> => {
    while (next < keys.length) await put(client, keys[next++] as string);
  };
  const parallel = Math.min(256, keys.length);
  await Promise.all(Array.from({ length: parallel }, (_, client) => one(client)));
  way.close();
}

class Run {
  private readonly order: LoadOrder;
  private readonly way: Way;
  private readonly keys: readonly string[];
  private readonly values: readonly string[];
  private readonly began: Float64Array;
  private times = new Float64Array(65_536);
  private count = 0;
  private failures = 0;
  private measuring = false;
  private stopped = false;
  private underWay = 0;

  constructor(order: LoadOrder) {
    this.order = order;
    this.way = openWay(order);
    this.keys = Array.from({ length: order.keys }, (_, at) => `/bench/${String(at).padStart(8, "0")}`);
    this.values = Array.from({ length: order.clients }, () => randomBytes(order.valueBytes).toString("hex").slice(0, order.valueBytes));
    this.began = new Float64Array(order.clients);
  }

  async measure(begin: () => Promise<void>, end: () => Promise<void>): Promise<LoadReport> {
    if (this.order.fill ?? reads(this.order.target)) await writeAll(this.order, this.keys, this.values[0] as string);
    for (let client = 0; client < this.order.clients; client++) this.next(client);
    await pause(this.order.warmUpSeconds);
    await begin();
    const cpu = process.cpuUsage();
    const since = performance.now();
    this.measuring = true;
    await pause(this.order.seconds);
    this.measuring = false;
    const seconds = (performance.now() - since) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    await end();
    this.stopped = true;
    while (this.underWay > 0) await pause(0.01);
    this.way.close();
    const times = this.times.subarray(0, this.count).sort();
    const quantile = (q: number): number => times[Math.min(this.count - 1, Math.floor(q * this.count))] ?? Number.NaN;
    const quantiles = { p50Ms: quantile(0.5), p99Ms: quantile(0.99), p999Ms: quantile(0.999) };
    return { operations: this.count, failures: this.failures, seconds, ...quantiles, loadCpuSeconds: (user + system) / 1e6 };
  }

  private next(client: number): void {
    if (this.stopped) return;
    this.underWay += 1;
    this.began[client] = performance.now();
    const key = this.keys[Math.floor(Math.random() * this.keys.length)] as string;
    this.way.ask(client, key, this.values[client] as string, (good) => {
      this.underWay -= 1;
      if (good) this.note(performance.now() - (this.began[client] as number));
      else this.failures += 1;
      this.next(client);
    });
  }

  private note(ms: number): void {
    if (!this.measuring) return;
    if (this.count === this.times.length) {
      const grown = new Float64Array(this.count * 2);
      grown.set(this.times);
      this.times = grown;
    }
    this.times[this.count++] = ms;
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Tells the parent where the measurement is, and goes on when it has noted the time. */
function tell(kind: "begin" | "end"): Promise<void> {
  return new Promise((resolve) => {
    process.once("message", () => resolve());
    process.send?.({ kind });
  });
}

process.on("disconnect", () => process.exit(0));
process.on("message", (order: LoadOrder | { readonly kind: "go" }) => {
  if (!("target" in order)) return;
  void new Run(order).measure(() => tell("begin"), () => tell("end")).then((report) => process.send?.({ kind: "report", report }));
});
