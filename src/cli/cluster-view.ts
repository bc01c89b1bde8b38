/** The cluster and its groups as answers. They come from the committed configuration only (row M9). */

import type { ClusterStatusResponse, GroupStatus, MemberStatus } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { formatDuration } from "./duration.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Cell, type Column, renderFields, renderTable } from "./table.ts";
import type { Paint } from "./paint.ts";

export function clusterStatus({ clusterId, epoch, group, freshness }: ClusterStatusResponse): Answer {
  return {
    json: { clusterId: clusterId || null, epoch, group: group && groupJson(group), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...jointNotes(group?.joint ?? false)],
    text: (paint) => {
      const head: readonly (readonly [string, Cell])[] = [["cluster", clusterId || "none"], ["epoch", epoch > 1 ? epoch : null], ...(group === null ? [] : groupFields(group))];
      return group === null ? renderFields(head, paint) : `${renderFields(head, paint)}\n\n${memberTable(group, paint)}`;
    },
  };
}

export function clusterMembers({ clusterId, group, freshness }: ClusterStatusResponse): Answer {
  const { members = [], configurationIndex = 0, joint = false } = group ?? {};
  return {
    json: { clusterId: clusterId || null, configurationIndex, joint, members: members.map(memberJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...jointNotes(joint)],
    text: (paint) => (group === null ? null : memberTable(group, paint)),
  };
}

/** Groups with all of their indices, for who looks after consensus. */
export function raftStatus(groups: readonly GroupStatus[]): Answer {
  return {
    json: { groups: groups.map(groupJson) },
    text: (paint) =>
      groups
        .map((group) => {
          const fields = [["group", group.group] as const, ...groupFields(group)];
          return `${renderFields(fields, paint)}\n\n${memberTable(group, paint)}`;
        })
        .join("\n\n"),
  };
}

/** A group for programs. No leader is null, never 0 or ""; a role that is not known is `unknown`. */
export function groupJson(group: GroupStatus): Record<string, unknown> {
  const { role, leaderId, leaderAddress, digest, members, ...rest } = group;
  return {
    ...rest,
    role: role || "unknown",
    leaderId: leaderId || null,
    leaderAddress: leaderAddress || null,
    digest: digest || null,
    members: members.map(memberJson),
  };
}

/** The leader by name and address, or `none`. */
export function leaderText({ leaderId, leaderAddress, members }: GroupStatus): string {
  if (leaderId === "") return "none";
  const leader = members.find(({ id }) => id === leaderId);
  const address = leaderAddress || leader?.address;
  return [leader?.name || leaderId, address && `at ${address}`].filter(Boolean).join(" ");
}

function groupFields(group: GroupStatus): readonly (readonly [string, Cell])[] {
  const leader = leaderText(group);
  return [
    ["leader", group.leaderId === "" ? { text: leader, tone: "bad" } : leader],
    ["role here", group.role || "unknown"],
    ["term", group.term],
    ["log", `${group.firstLogIndex} to ${group.lastLogIndex}`],
    ["commit", group.commitIndex],
    ["applied", group.appliedIndex],
    ["configuration", `index ${group.configurationIndex}`],
    ["digest", group.digest || null],
  ];
}

function memberTable(group: GroupStatus, paint: Paint): string {
  const columns: readonly Column<MemberStatus>[] = [
    { heading: "NAME", cell: ({ name }) => name },
    { heading: "ROLE", cell: (member) => roleCell(member, group.leaderId) },
    { heading: "ADDRESS", cell: ({ address }) => address },
    { heading: "MATCH", cell: ({ matchIndex }) => matchIndex, right: true },
    { heading: "HEARD", cell: ({ heardMs }) => (heardMs === null ? null : `${formatDuration(heardMs)} ago`), right: true },
    { heading: "ID", cell: ({ id }) => id },
  ];
  return renderTable(columns, group.members, paint);
}

function roleCell({ id, role, preferred }: MemberStatus, leaderId: string): Cell {
  const text = `${role || "unknown"}${preferred ? ", preferred" : ""}`;
  return id === leaderId ? { text: `${text}, leader`, tone: "good" } : text;
}

function jointNotes(joint: boolean): readonly string[] {
  return joint ? ["a change of several members is under way: the voters before it and those after it must both agree"] : [];
}

function memberJson({ id, name, address, role, preferred, matchIndex, heardMs }: MemberStatus): Record<string, unknown> {
  return { id, name, address, role: role || "unknown", preferred, matchIndex, heardMs };
}
