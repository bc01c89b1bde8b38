/** The cluster and its groups as answers. They come from the committed configuration only (row M9). */

import type { ClusterStatusResponse, GroupStatus, MemberStatus } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { formatDuration } from "./duration.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { type Cell, renderFields } from "./table.ts";
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

export function clusterMembers({ clusterId, group, freshness }: ClusterStatusResponse, choice: Choice = {}): Answer {
  const { configurationIndex = 0, joint = false } = group ?? {};
  const listing = memberListing(group?.leaderId ?? "");
  const members = chosenRows(listing, group?.members ?? [], choice);
  return {
    json: { clusterId: clusterId || null, configurationIndex, joint, members: members.map(memberJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...jointNotes(joint)],
    text: (paint) => renderListing(listing, members, choice, paint),
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

/** The columns of `cluster members`. */
export function memberListing(leaderId: string): Listing<MemberStatus> {
  return {
    what: "member",
    columns: {
      name: { cell: ({ name }) => name },
      role: { cell: (member) => roleCell(member, leaderId) },
      address: { cell: ({ address }) => address },
      match: { cell: ({ matchIndex }) => matchIndex, right: true },
      heard: { cell: ({ heardMs }) => (heardMs === null ? null : `${formatDuration(heardMs)} ago`), right: true },
      id: { cell: ({ id }) => id },
    },
    usual: () => ["name", "role", "address", "match", "heard", "id"],
    filters: ["name", "role", "address", "id"],
  };
}

function memberTable({ members, leaderId }: GroupStatus, paint: Paint): string {
  return renderListing(memberListing(leaderId), members, {}, paint) ?? "";
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
