#!/usr/bin/env node
// `npm start`: the main job on real parts, told step by step. A cluster of three daemons, a VM, a leader killed, the
// traces verified. Everything goes through the command line, as an operator would. Exits 0 only if all of it is true.
// With `--traces DIR` the traces are kept there.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DemoFailure, Narrator, blixard, eventually, freePorts, isAlive, kill9 } from "./demo-steps.js";

const narrator = new Narrator();
const root = mkdtempSync(join(tmpdir(), "blixard-demo-"));
/** Daemons by name: { name, address, dataDir, pid }. */
const nodes = [];
/** Pids of VMs that this run started; none may be left. */
const vmPids = new Set();

const addr = (node) => ["--addr", node.address];
const startNode = async (node) => {
  const { name, address, dataDir } = node;
  const started = await blixard(["node", "start", "--id", name, "--listen", address, "--data-dir", dataDir, "--daemon"]);
  node.pid = started.pid;
};

async function form() {
  const ports = await freePorts(3);
  for (const [at, port] of ports.entries()) {
    const name = `n${at + 1}`;
    nodes.push({ name, address: `127.0.0.1:${port}`, dataDir: join(root, name), pid: 0 });
  }
  await narrator.step("start three daemons, each a process of its own", async () => {
    await Promise.all(nodes.map(startNode));
    return nodes.map(({ name, pid, address }) => `${name} (pid ${pid}) on ${address}`).join(", ");
  });
  const [first, ...others] = nodes;
  await narrator.step("found a cluster on n1: its first configuration is the first entry of the log", async () => {
    const { clusterId } = await blixard(["cluster", "init", ...addr(first)]);
    return `cluster ${clusterId}`;
  });
  for (const node of others) {
    await narrator.step(`${node.name} joins: learner, caught up, promoted to voter`, async () => {
      const { token } = await blixard(["cluster", "token", node.name, ...addr(first)]);
      await blixard(["cluster", "join", first.address, "--token", token, ...addr(node), "--timeout", "20s"]);
      const { members } = await blixard(["cluster", "members", "--consistent", ...addr(first)]);
      return `${members.length} members, ${members.filter((member) => member.role.includes("voter")).length} voters`;
    });
  }
  await narrator.step("register three workers, through the log", async () => {
    for (const node of nodes) await blixard(["worker", "register", ...addr(node)]);
    const { workers } = await blixard(["worker", "list", "--consistent", ...addr(first)]);
    if (workers.length !== 3) throw new DemoFailure(`${workers.length} workers instead of 3`);
    return workers.map(({ name, drivers }) => `${name} (${drivers.join(", ")})`).join(", ");
  });
}

async function chooseDriver() {
  const { drivers } = await blixard(["node", "status", ...addr(nodes[0])]);
  const qemu = drivers.find(({ name }) => name === "qemu");
  if (qemu?.available) {
    narrator.say(`driver qemu: a real microVM (${qemu.detail})`);
    return "qemu";
  }
  narrator.say(`driver process, since a real microVM is not to be had here: ${qemu?.detail ?? "no QEMU"}`);
  return "process";
}

/** The VM goes to a follower, so that it is not on the node that is killed. */
async function runVm(driver) {
  const { leader } = await leaderNow(nodes);
  const owner = nodes.find((node) => node !== leader);
  return narrator.step(`create VM web on ${owner.name}, and wait until its guest says that it is up`, async () => {
    await blixard(["vm", "create", "web", "--driver", driver, "--memory", "128", "--node", owner.name, "--wait", ...addr(nodes[0]), "--timeout", "75s"]);
    const vm = await blixard(["vm", "status", "web", "--consistent", ...addr(owner)]);
    if (vm.observed !== "running" || !isAlive(vm.pid)) throw new DemoFailure(`VM web is ${vm.observed}, pid ${vm.pid}`);
    vmPids.add(vm.pid);
    return { text: `running on ${vm.ownerName}, pid ${vm.pid}`, value: { pid: vm.pid, owner } };
  });
}

async function leaderNow(among) {
  return eventually("a leader that a majority follows", 15_000, async () => {
    for (const node of among) {
      const status = await blixard(["cluster", "status", "--consistent", ...addr(node), "--timeout", "2s"]).catch(() => null);
      const leader = nodes.find((one) => status !== null && one.address === status.group?.leaderAddress);
      if (leader !== undefined && among.includes(leader)) return { leader, status };
    }
    return undefined;
  });
}

async function killLeader({ pid, owner }) {
  const { leader } = await leaderNow(nodes);
  const others = nodes.filter((node) => node !== leader);
  await narrator.step("write before the kill", async () => {
    for (let n = 1; n <= 5; n += 1) await blixard(["kv", "put", `/demo/before-${n}`, `${n}`, ...addr(nodes[0])]);
    return "5 writes acknowledged";
  });
  const killedAt = performance.now();
  await narrator.step(`kill -9 the leader, ${leader.name}`, async () => {
    await kill9(leader.pid);
    return `pid ${leader.pid} is gone`;
  });
  await narrator.step("writes go on under a new leader", async () => {
    await blixard(["kv", "put", "/demo/after-1", "1", ...addr(others[0]), "--timeout", "20s"]);
    const healed = performance.now() - killedAt;
    for (let n = 2; n <= 5; n += 1) await blixard(["kv", "put", `/demo/after-${n}`, `${n}`, ...addr(others[1])]);
    const { leader: next } = await leaderNow(others);
    return `${next.name} leads; the first write succeeded ${Math.round(healed)} ms after the kill`;
  });
  await narrator.step("the VM has not noticed", async () => {
    const vm = await blixard(["vm", "status", "web", "--consistent", ...addr(owner)]);
    if (vm.observed !== "running" || vm.pid !== pid || !isAlive(pid)) throw new DemoFailure(`VM web is ${vm.observed}, pid ${vm.pid}, was ${pid}`);
    return `still running, still pid ${pid}`;
  });
  await narrator.step(`start ${leader.name} again; it catches up`, async () => {
    await startNode(leader);
    return caughtUp(leader, others[0]);
  });
}

/** Same state at the same index: equal digests. */
function caughtUp(node, other) {
  return eventually(`${node.name} catches up`, 15_000, async () => {
    const { group: mine } = await blixard(["cluster", "status", ...addr(node)]);
    const { group: theirs } = await blixard(["cluster", "status", ...addr(other)]);
    if (mine.appliedIndex !== theirs.appliedIndex || mine.appliedIndex === 0) return undefined;
    if (mine.digest !== theirs.digest) throw new DemoFailure(`digests differ at index ${mine.appliedIndex}`);
    const { items } = await blixard(["kv", "ls", "/demo/", ...addr(node)]);
    if (items.length !== 10) throw new DemoFailure(`${items.length} of 10 acknowledged writes are there`);
    return `index ${mine.appliedIndex} applied, digest ${mine.digest} as on ${other.name}, all 10 writes there`;
  });
}

async function endVm({ pid }) {
  await narrator.step("stop and delete the VM", async () => {
    const stopped = await blixard(["vm", "stop", "web", "--wait", ...addr(nodes[0]), "--timeout", "30s"]);
    await blixard(["vm", "delete", "web", "--wait", ...addr(nodes[0]), "--timeout", "30s"]);
    await eventually("the VM's process ends", 5_000, () => (isAlive(pid) ? undefined : true));
    const how = stopped.vm?.exit?.how ?? stopped.exit?.how;
    return `gone${how === undefined ? "" : ` (${how})`}, and so is pid ${pid}`;
  });
}

async function stopNodes() {
  await narrator.step("stop the daemons", async () => {
    for (const node of nodes) await blixard(["node", "stop", ...addr(node)]);
    for (const node of nodes) await eventually(`${node.name} ends`, 10_000, () => (isAlive(node.pid) ? undefined : true));
    return "no process is left";
  });
}

async function judge() {
  await narrator.step("hold the traces of all nodes against the TLA+ specification", async () => {
    const verdict = await blixard(["verify", ...nodes.map((node) => join(node.dataDir, "traces"))]);
    if (verdict.kind !== "accepted") throw new DemoFailure(`the verdict is ${verdict.kind}`);
    return `${verdict.steps} steps accepted; ${verdict.laws?.length ?? "all"} laws held in every state`;
  });
}

function keepTraces(directory) {
  if (!process.argv.includes("--traces") || directory === undefined) return;
  for (const { name, dataDir } of nodes) cpSync(join(dataDir, "traces"), join(directory, name), { recursive: true });
}

/** Whatever happens, nothing stays behind. */
async function cleanUp() {
  for (const pid of [...nodes.map((node) => node.pid), ...vmPids]) if (pid > 0 && isAlive(pid)) await kill9(pid);
}

try {
  await form();
  const driver = await chooseDriver();
  const vm = await runVm(driver);
  await killLeader(vm);
  await endVm(vm);
  await stopNodes();
  await judge();
  narrator.summary(driver);
  keepTraces(process.argv[process.argv.indexOf("--traces") + 1]);
  rmSync(root, { recursive: true, force: true });
} catch (error) {
  process.exitCode = 1;
  narrator.failed(error, root);
} finally {
  await cleanUp();
}
