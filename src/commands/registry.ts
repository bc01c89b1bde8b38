/** Every command by its id. A command is loaded when it is given; nothing is searched for at start. */

import type { Command } from "@oclif/core";

export type LoadCommand = () => Promise<{ readonly default: Command.Class }>;

export const registry: Readonly<Record<string, LoadCommand>> = {
  "cluster:init": () => import("./cluster/init.ts"),
  "cluster:join": () => import("./cluster/join.ts"),
  "cluster:leave": () => import("./cluster/leave.ts"),
  "cluster:members": () => import("./cluster/members.ts"),
  "cluster:prefer": () => import("./cluster/prefer.ts"),
  "cluster:promote": () => import("./cluster/promote.ts"),
  "cluster:remove": () => import("./cluster/remove.ts"),
  "cluster:replace": () => import("./cluster/replace.ts"),
  "cluster:status": () => import("./cluster/status.ts"),
  "cluster:token": () => import("./cluster/token.ts"),
  "cluster:transfer": () => import("./cluster/transfer.ts"),
  "cluster:wait": () => import("./cluster/wait.ts"),
  "kv:cas": () => import("./kv/cas.ts"),
  "kv:delete": () => import("./kv/delete.ts"),
  "kv:get": () => import("./kv/get.ts"),
  "kv:ls": () => import("./kv/ls.ts"),
  "kv:put": () => import("./kv/put.ts"),
  "kv:put-if-absent": () => import("./kv/put-if-absent.ts"),
  model: () => import("./model.ts"),
  "node:identity": () => import("./node/identity.ts"),
  "node:list": () => import("./node/list.ts"),
  "node:start": () => import("./node/start.ts"),
  "node:status": () => import("./node/status.ts"),
  "node:stop": () => import("./node/stop.ts"),
  "raft:status": () => import("./raft/status.ts"),
  simulate: () => import("./simulate.ts"),
  "trace:check-export": () => import("./trace/check-export.ts"),
  "trace:export": () => import("./trace/export.ts"),
  "trace:show": () => import("./trace/show.ts"),
  verify: () => import("./verify.ts"),
  "vm:create": () => import("./vm/create.ts"),
  "vm:delete": () => import("./vm/delete.ts"),
  "vm:kill": () => import("./vm/kill.ts"),
  "vm:list": () => import("./vm/list.ts"),
  "vm:logs": () => import("./vm/logs.ts"),
  "vm:pause": () => import("./vm/pause.ts"),
  "vm:restart": () => import("./vm/restart.ts"),
  "vm:resume": () => import("./vm/resume.ts"),
  "vm:start": () => import("./vm/start.ts"),
  "vm:status": () => import("./vm/status.ts"),
  "vm:stop": () => import("./vm/stop.ts"),
  "vm:wait": () => import("./vm/wait.ts"),
  "worker:list": () => import("./worker/list.ts"),
  "worker:register": () => import("./worker/register.ts"),
  "worker:status": () => import("./worker/status.ts"),
};

/** Topics, as the help shows them. */
export const topics = [
  { name: "cluster", description: "Found, join, watch and change a cluster." },
  { name: "kv", description: "The replicated tree of records." },
  { name: "node", description: "Daemons, one a machine." },
  { name: "raft", description: "Consensus, group by group." },
  { name: "trace", description: "Traces of what the daemons decided." },
  { name: "vm", description: "microVMs." },
  { name: "worker", description: "Nodes that run VMs." },
];
