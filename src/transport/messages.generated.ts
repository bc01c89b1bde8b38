// Generated from blixard.proto by `npx tsx src/transport/generate.ts`. Do not edit.

import { type Init, method } from "./wire.ts";
import type { Reader, Writer } from "./wire-buffer.ts";

const none: readonly never[] = [];
const noBytes = Buffer.alloc(0);

export type RaftKind =
  | "RAFT_KIND_UNSPECIFIED"
  | "PRE_VOTE_REQUEST"
  | "PRE_VOTE_RESPONSE"
  | "REQUEST_VOTE_REQUEST"
  | "REQUEST_VOTE_RESPONSE"
  | "APPEND_ENTRIES_REQUEST"
  | "APPEND_ENTRIES_RESPONSE"
  | "INSTALL_SNAPSHOT_REQUEST"
  | "TIMEOUT_NOW_REQUEST"
  | "REMOVED_NOTICE"
  | "READ_INDEX_REQUEST"
  | "READ_INDEX_RESPONSE";

const raftKindNumbers: Readonly<Record<RaftKind, number>> = {
  RAFT_KIND_UNSPECIFIED: 0,
  PRE_VOTE_REQUEST: 1,
  PRE_VOTE_RESPONSE: 2,
  REQUEST_VOTE_REQUEST: 3,
  REQUEST_VOTE_RESPONSE: 4,
  APPEND_ENTRIES_REQUEST: 5,
  APPEND_ENTRIES_RESPONSE: 6,
  INSTALL_SNAPSHOT_REQUEST: 7,
  TIMEOUT_NOW_REQUEST: 8,
  REMOVED_NOTICE: 9,
  READ_INDEX_REQUEST: 10,
  READ_INDEX_RESPONSE: 11,
};

const raftKindNames: readonly RaftKind[] = ["RAFT_KIND_UNSPECIFIED", "PRE_VOTE_REQUEST", "PRE_VOTE_RESPONSE", "REQUEST_VOTE_REQUEST", "REQUEST_VOTE_RESPONSE", "APPEND_ENTRIES_REQUEST", "APPEND_ENTRIES_RESPONSE", "INSTALL_SNAPSHOT_REQUEST", "TIMEOUT_NOW_REQUEST", "REMOVED_NOTICE", "READ_INDEX_REQUEST", "READ_INDEX_RESPONSE"];

/** A number that this version does not know reads as zero. */
function raftKindOf(number: number): RaftKind {
  return raftKindNames[number] ?? "RAFT_KIND_UNSPECIFIED";
}

export interface Hello {
  readonly clusterId: string;
  readonly nodeId: string;
  readonly address: string;
  readonly incarnation: number;
  readonly epoch: number;
}

export function writeHello(writer: Writer, message: Init<Hello>): void {
  if (message.clusterId) writer.string(10, message.clusterId);
  if (message.nodeId) writer.string(18, message.nodeId);
  if (message.address) writer.string(26, message.address);
  if (message.incarnation) writer.uint(32, message.incarnation);
  if (message.epoch) writer.uint(40, message.epoch);
}

export function readHello(reader: Reader, end: number): Hello {
  let clusterId: string = "";
  let nodeId: string = "";
  let address: string = "";
  let incarnation: number = 0;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        clusterId = reader.string();
        break;
      case 18:
        nodeId = reader.string();
        break;
      case 26:
        address = reader.string();
        break;
      case 32:
        incarnation = reader.uint();
        break;
      case 40:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { clusterId, nodeId, address, incarnation, epoch };
}

export type PeerFrameFrame =
  | { readonly kind: "hello"; readonly value: Hello }
  | { readonly kind: "raft"; readonly value: RaftFrame }
  | { readonly kind: "forwardRequest"; readonly value: ForwardRequest }
  | { readonly kind: "forwardResponse"; readonly value: ForwardResponse };

export interface PeerFrame {
  readonly more: readonly PeerFrame[];
  readonly frame: PeerFrameFrame | null;
}

export function writePeerFrame(writer: Writer, message: Init<PeerFrame>): void {
  for (const item of message.more ?? []) writer.nested(42, writePeerFrame, item);
  const frame = message.frame;
  switch (frame?.kind) {
    case "hello":
      writer.nested(10, writeHello, frame.value);
      break;
    case "raft":
      writer.nested(18, writeRaftFrame, frame.value);
      break;
    case "forwardRequest":
      writer.nested(26, writeForwardRequest, frame.value);
      break;
    case "forwardResponse":
      writer.nested(34, writeForwardResponse, frame.value);
      break;
    case undefined:
      break;
  }
}

export function readPeerFrame(reader: Reader, end: number): PeerFrame {
  let more: PeerFrame[] | undefined;
  let frame: PeerFrameFrame | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        frame = { kind: "hello", value: reader.nested(readHello) };
        break;
      case 18:
        frame = { kind: "raft", value: reader.nested(readRaftFrame) };
        break;
      case 26:
        frame = { kind: "forwardRequest", value: reader.nested(readForwardRequest) };
        break;
      case 34:
        frame = { kind: "forwardResponse", value: reader.nested(readForwardResponse) };
        break;
      case 42:
        (more ??= []).push(reader.nested(readPeerFrame));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { more: more ?? none, frame };
}

export interface RaftFrame {
  readonly group: string;
  readonly from: string;
  readonly to: string;
  readonly kind: RaftKind;
  readonly term: number;
  readonly clock: number;
  readonly index: number;
  readonly logTerm: number;
  readonly flag: boolean;
  readonly leaderCommit: number;
  readonly round: number;
  readonly entries: Buffer;
  readonly promiseMs: number;
  readonly question: number;
}

export function writeRaftFrame(writer: Writer, message: Init<RaftFrame>): void {
  if (message.group) writer.string(10, message.group);
  if (message.from) writer.string(18, message.from);
  if (message.to) writer.string(26, message.to);
  if (message.kind) writer.uint(32, raftKindNumbers[message.kind]);
  if (message.term) writer.uint(40, message.term);
  if (message.clock) writer.uint(48, message.clock);
  if (message.index) writer.uint(56, message.index);
  if (message.logTerm) writer.uint(64, message.logTerm);
  if (message.flag) writer.bool(72, message.flag);
  if (message.leaderCommit) writer.uint(80, message.leaderCommit);
  if (message.round) writer.uint(88, message.round);
  if (message.entries !== undefined && message.entries.length > 0) writer.bytes(98, message.entries);
  if (message.promiseMs) writer.uint(104, message.promiseMs);
  if (message.question) writer.uint(112, message.question);
}

export function readRaftFrame(reader: Reader, end: number): RaftFrame {
  let group: string = "";
  let from: string = "";
  let to: string = "";
  let kind: RaftKind = "RAFT_KIND_UNSPECIFIED";
  let term: number = 0;
  let clock: number = 0;
  let index: number = 0;
  let logTerm: number = 0;
  let flag: boolean = false;
  let leaderCommit: number = 0;
  let round: number = 0;
  let entries: Buffer = noBytes;
  let promiseMs: number = 0;
  let question: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        group = reader.string();
        break;
      case 18:
        from = reader.string();
        break;
      case 26:
        to = reader.string();
        break;
      case 32:
        kind = raftKindOf(reader.uint());
        break;
      case 40:
        term = reader.uint();
        break;
      case 48:
        clock = reader.uint();
        break;
      case 56:
        index = reader.uint();
        break;
      case 64:
        logTerm = reader.uint();
        break;
      case 72:
        flag = reader.bool();
        break;
      case 80:
        leaderCommit = reader.uint();
        break;
      case 88:
        round = reader.uint();
        break;
      case 98:
        entries = reader.bytes();
        break;
      case 104:
        promiseMs = reader.uint();
        break;
      case 112:
        question = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { group, from, to, kind, term, clock, index, logTerm, flag, leaderCommit, round, entries, promiseMs, question };
}

export interface ForwardRequest {
  readonly group: string;
  readonly id: number;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

export function writeForwardRequest(writer: Writer, message: Init<ForwardRequest>): void {
  if (message.group) writer.string(10, message.group);
  if (message.id) writer.uint(16, message.id);
  if (message.body !== undefined && message.body.length > 0) writer.bytes(26, message.body);
  if (message.timeoutMs) writer.uint(32, message.timeoutMs);
}

export function readForwardRequest(reader: Reader, end: number): ForwardRequest {
  let group: string = "";
  let id: number = 0;
  let body: Buffer = noBytes;
  let timeoutMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        group = reader.string();
        break;
      case 16:
        id = reader.uint();
        break;
      case 26:
        body = reader.bytes();
        break;
      case 32:
        timeoutMs = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { group, id, body, timeoutMs };
}

export interface ForwardResponse {
  readonly group: string;
  readonly id: number;
  readonly body: Buffer;
  readonly error: ErrorDetail | null;
}

export function writeForwardResponse(writer: Writer, message: Init<ForwardResponse>): void {
  if (message.group) writer.string(10, message.group);
  if (message.id) writer.uint(16, message.id);
  if (message.body !== undefined && message.body.length > 0) writer.bytes(26, message.body);
  if (message.error !== undefined && message.error !== null) writer.nested(34, writeErrorDetail, message.error);
}

export function readForwardResponse(reader: Reader, end: number): ForwardResponse {
  let group: string = "";
  let id: number = 0;
  let body: Buffer = noBytes;
  let error: ErrorDetail | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        group = reader.string();
        break;
      case 16:
        id = reader.uint();
        break;
      case 26:
        body = reader.bytes();
        break;
      case 34:
        error = reader.nested(readErrorDetail);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { group, id, body, error };
}

export interface PullSnapshotRequest {
  readonly group: string;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly atLeastIndex: number;
  readonly resume: string;
  readonly received: number;
  readonly epoch: number;
}

export function writePullSnapshotRequest(writer: Writer, message: Init<PullSnapshotRequest>): void {
  if (message.group) writer.string(10, message.group);
  if (message.nodeId) writer.string(18, message.nodeId);
  if (message.clusterId) writer.string(26, message.clusterId);
  if (message.atLeastIndex) writer.uint(32, message.atLeastIndex);
  if (message.resume) writer.string(42, message.resume);
  if (message.received) writer.uint(48, message.received);
  if (message.epoch) writer.uint(56, message.epoch);
}

export function readPullSnapshotRequest(reader: Reader, end: number): PullSnapshotRequest {
  let group: string = "";
  let nodeId: string = "";
  let clusterId: string = "";
  let atLeastIndex: number = 0;
  let resume: string = "";
  let received: number = 0;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        group = reader.string();
        break;
      case 18:
        nodeId = reader.string();
        break;
      case 26:
        clusterId = reader.string();
        break;
      case 32:
        atLeastIndex = reader.uint();
        break;
      case 42:
        resume = reader.string();
        break;
      case 48:
        received = reader.uint();
        break;
      case 56:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { group, nodeId, clusterId, atLeastIndex, resume, received, epoch };
}

export interface SnapshotChunk {
  readonly applied: Buffer;
  readonly rows: Buffer;
  readonly last: boolean;
  readonly checksum: number;
  readonly number: number;
  readonly snapshot: string;
}

export function writeSnapshotChunk(writer: Writer, message: Init<SnapshotChunk>): void {
  if (message.applied !== undefined && message.applied.length > 0) writer.bytes(10, message.applied);
  if (message.rows !== undefined && message.rows.length > 0) writer.bytes(18, message.rows);
  if (message.last) writer.bool(24, message.last);
  if (message.checksum) writer.uint(32, message.checksum);
  if (message.number) writer.uint(40, message.number);
  if (message.snapshot) writer.string(50, message.snapshot);
}

export function readSnapshotChunk(reader: Reader, end: number): SnapshotChunk {
  let applied: Buffer = noBytes;
  let rows: Buffer = noBytes;
  let last: boolean = false;
  let checksum: number = 0;
  let number: number = 0;
  let snapshot: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        applied = reader.bytes();
        break;
      case 18:
        rows = reader.bytes();
        break;
      case 24:
        last = reader.bool();
        break;
      case 32:
        checksum = reader.uint();
        break;
      case 40:
        number = reader.uint();
        break;
      case 50:
        snapshot = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { applied, rows, last, checksum, number, snapshot };
}

export type NodeStatusRequest = Readonly<Record<string, never>>;

export function writeNodeStatusRequest(_writer: Writer, _message: Init<NodeStatusRequest>): void {
}

export function readNodeStatusRequest(reader: Reader, end: number): NodeStatusRequest {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export interface NodeStatusResponse {
  readonly nodeId: string;
  readonly name: string;
  readonly address: string;
  readonly clusterId: string;
  readonly incarnation: number;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly version: string;
  readonly dataDir: string;
  readonly groups: readonly GroupStatus[];
  readonly databaseBytes: number;
  readonly walBytes: number;
  readonly writeP50Ms: number;
  readonly writeP99Ms: number;
  readonly drivers: readonly DriverStatus[];
  readonly epoch: number;
}

export function writeNodeStatusResponse(writer: Writer, message: Init<NodeStatusResponse>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.name) writer.string(18, message.name);
  if (message.address) writer.string(26, message.address);
  if (message.clusterId) writer.string(34, message.clusterId);
  if (message.incarnation) writer.uint(40, message.incarnation);
  if (message.pid) writer.uint(48, message.pid);
  if (message.uptimeSeconds) writer.double(57, message.uptimeSeconds);
  if (message.version) writer.string(66, message.version);
  if (message.dataDir) writer.string(74, message.dataDir);
  for (const item of message.groups ?? []) writer.nested(82, writeGroupStatus, item);
  if (message.databaseBytes) writer.uint(88, message.databaseBytes);
  if (message.walBytes) writer.uint(96, message.walBytes);
  if (message.writeP50Ms) writer.double(105, message.writeP50Ms);
  if (message.writeP99Ms) writer.double(113, message.writeP99Ms);
  for (const item of message.drivers ?? []) writer.nested(122, writeDriverStatus, item);
  if (message.epoch) writer.uint(128, message.epoch);
}

export function readNodeStatusResponse(reader: Reader, end: number): NodeStatusResponse {
  let nodeId: string = "";
  let name: string = "";
  let address: string = "";
  let clusterId: string = "";
  let incarnation: number = 0;
  let pid: number = 0;
  let uptimeSeconds: number = 0;
  let version: string = "";
  let dataDir: string = "";
  let groups: GroupStatus[] | undefined;
  let databaseBytes: number = 0;
  let walBytes: number = 0;
  let writeP50Ms: number = 0;
  let writeP99Ms: number = 0;
  let drivers: DriverStatus[] | undefined;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        address = reader.string();
        break;
      case 34:
        clusterId = reader.string();
        break;
      case 40:
        incarnation = reader.uint();
        break;
      case 48:
        pid = reader.uint();
        break;
      case 57:
        uptimeSeconds = reader.double();
        break;
      case 66:
        version = reader.string();
        break;
      case 74:
        dataDir = reader.string();
        break;
      case 82:
        (groups ??= []).push(reader.nested(readGroupStatus));
        break;
      case 88:
        databaseBytes = reader.uint();
        break;
      case 96:
        walBytes = reader.uint();
        break;
      case 105:
        writeP50Ms = reader.double();
        break;
      case 113:
        writeP99Ms = reader.double();
        break;
      case 122:
        (drivers ??= []).push(reader.nested(readDriverStatus));
        break;
      case 128:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, name, address, clusterId, incarnation, pid, uptimeSeconds, version, dataDir, groups: groups ?? none, databaseBytes, walBytes, writeP50Ms, writeP99Ms, drivers: drivers ?? none, epoch };
}

export interface DriverStatus {
  readonly name: string;
  readonly available: boolean;
  readonly detail: string;
}

export function writeDriverStatus(writer: Writer, message: Init<DriverStatus>): void {
  if (message.name) writer.string(10, message.name);
  if (message.available) writer.bool(16, message.available);
  if (message.detail) writer.string(26, message.detail);
}

export function readDriverStatus(reader: Reader, end: number): DriverStatus {
  let name: string = "";
  let available: boolean = false;
  let detail: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 16:
        available = reader.bool();
        break;
      case 26:
        detail = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, available, detail };
}

export interface GroupStatus {
  readonly group: string;
  readonly role: string;
  readonly term: number;
  readonly leaderId: string;
  readonly leaderAddress: string;
  readonly lastLogIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly digest: string;
  readonly members: readonly MemberStatus[];
  readonly configurationIndex: number;
  readonly firstLogIndex: number;
  readonly joint: boolean;
}

export function writeGroupStatus(writer: Writer, message: Init<GroupStatus>): void {
  if (message.group) writer.string(10, message.group);
  if (message.role) writer.string(18, message.role);
  if (message.term) writer.uint(24, message.term);
  if (message.leaderId) writer.string(34, message.leaderId);
  if (message.leaderAddress) writer.string(42, message.leaderAddress);
  if (message.lastLogIndex) writer.uint(48, message.lastLogIndex);
  if (message.commitIndex) writer.uint(56, message.commitIndex);
  if (message.appliedIndex) writer.uint(64, message.appliedIndex);
  if (message.digest) writer.string(74, message.digest);
  for (const item of message.members ?? []) writer.nested(82, writeMemberStatus, item);
  if (message.configurationIndex) writer.uint(88, message.configurationIndex);
  if (message.firstLogIndex) writer.uint(96, message.firstLogIndex);
  if (message.joint) writer.bool(104, message.joint);
}

export function readGroupStatus(reader: Reader, end: number): GroupStatus {
  let group: string = "";
  let role: string = "";
  let term: number = 0;
  let leaderId: string = "";
  let leaderAddress: string = "";
  let lastLogIndex: number = 0;
  let commitIndex: number = 0;
  let appliedIndex: number = 0;
  let digest: string = "";
  let members: MemberStatus[] | undefined;
  let configurationIndex: number = 0;
  let firstLogIndex: number = 0;
  let joint: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        group = reader.string();
        break;
      case 18:
        role = reader.string();
        break;
      case 24:
        term = reader.uint();
        break;
      case 34:
        leaderId = reader.string();
        break;
      case 42:
        leaderAddress = reader.string();
        break;
      case 48:
        lastLogIndex = reader.uint();
        break;
      case 56:
        commitIndex = reader.uint();
        break;
      case 64:
        appliedIndex = reader.uint();
        break;
      case 74:
        digest = reader.string();
        break;
      case 82:
        (members ??= []).push(reader.nested(readMemberStatus));
        break;
      case 88:
        configurationIndex = reader.uint();
        break;
      case 96:
        firstLogIndex = reader.uint();
        break;
      case 104:
        joint = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { group, role, term, leaderId, leaderAddress, lastLogIndex, commitIndex, appliedIndex, digest, members: members ?? none, configurationIndex, firstLogIndex, joint };
}

export interface MemberStatus {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly matchIndex: number | null;
  readonly heardMs: number | null;
  readonly preferred: boolean;
}

export function writeMemberStatus(writer: Writer, message: Init<MemberStatus>): void {
  if (message.id) writer.string(10, message.id);
  if (message.name) writer.string(18, message.name);
  if (message.address) writer.string(26, message.address);
  if (message.role) writer.string(34, message.role);
  if (message.matchIndex !== undefined && message.matchIndex !== null) writer.uint(40, message.matchIndex);
  if (message.heardMs !== undefined && message.heardMs !== null) writer.uint(48, message.heardMs);
  if (message.preferred) writer.bool(56, message.preferred);
}

export function readMemberStatus(reader: Reader, end: number): MemberStatus {
  let id: string = "";
  let name: string = "";
  let address: string = "";
  let role: string = "";
  let matchIndex: number | null = null;
  let heardMs: number | null = null;
  let preferred: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        id = reader.string();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        address = reader.string();
        break;
      case 34:
        role = reader.string();
        break;
      case 40:
        matchIndex = reader.uint();
        break;
      case 48:
        heardMs = reader.uint();
        break;
      case 56:
        preferred = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { id, name, address, role, matchIndex, heardMs, preferred };
}

export type StopNodeRequest = Readonly<Record<string, never>>;

export function writeStopNodeRequest(_writer: Writer, _message: Init<StopNodeRequest>): void {
}

export function readStopNodeRequest(reader: Reader, end: number): StopNodeRequest {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export type StopNodeResponse = Readonly<Record<string, never>>;

export function writeStopNodeResponse(_writer: Writer, _message: Init<StopNodeResponse>): void {
}

export function readStopNodeResponse(reader: Reader, end: number): StopNodeResponse {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export type InitializeRequest = Readonly<Record<string, never>>;

export function writeInitializeRequest(_writer: Writer, _message: Init<InitializeRequest>): void {
}

export function readInitializeRequest(reader: Reader, end: number): InitializeRequest {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export interface InitializeResponse {
  readonly clusterId: string;
  readonly nodeId: string;
}

export function writeInitializeResponse(writer: Writer, message: Init<InitializeResponse>): void {
  if (message.clusterId) writer.string(10, message.clusterId);
  if (message.nodeId) writer.string(18, message.nodeId);
}

export function readInitializeResponse(reader: Reader, end: number): InitializeResponse {
  let clusterId: string = "";
  let nodeId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        clusterId = reader.string();
        break;
      case 18:
        nodeId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { clusterId, nodeId };
}

export interface CreateTokenRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly ttlSeconds: number;
}

export function writeCreateTokenRequest(writer: Writer, message: Init<CreateTokenRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.ttlSeconds) writer.uint(24, message.ttlSeconds);
}

export function readCreateTokenRequest(reader: Reader, end: number): CreateTokenRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let ttlSeconds: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 24:
        ttlSeconds = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, ttlSeconds };
}

export interface CreateTokenResponse {
  readonly token: string;
  readonly expiresAtMs: number;
}

export function writeCreateTokenResponse(writer: Writer, message: Init<CreateTokenResponse>): void {
  if (message.token) writer.string(10, message.token);
  if (message.expiresAtMs) writer.double(17, message.expiresAtMs);
}

export function readCreateTokenResponse(reader: Reader, end: number): CreateTokenResponse {
  let token: string = "";
  let expiresAtMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        token = reader.string();
        break;
      case 17:
        expiresAtMs = reader.double();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { token, expiresAtMs };
}

export interface JoinClusterRequest {
  readonly seedAddress: string;
  readonly token: string;
  readonly standby: boolean;
}

export function writeJoinClusterRequest(writer: Writer, message: Init<JoinClusterRequest>): void {
  if (message.seedAddress) writer.string(10, message.seedAddress);
  if (message.token) writer.string(18, message.token);
  if (message.standby) writer.bool(24, message.standby);
}

export function readJoinClusterRequest(reader: Reader, end: number): JoinClusterRequest {
  let seedAddress: string = "";
  let token: string = "";
  let standby: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        seedAddress = reader.string();
        break;
      case 18:
        token = reader.string();
        break;
      case 24:
        standby = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { seedAddress, token, standby };
}

export interface JoinClusterResponse {
  readonly clusterId: string;
  readonly nodeId: string;
}

export function writeJoinClusterResponse(writer: Writer, message: Init<JoinClusterResponse>): void {
  if (message.clusterId) writer.string(10, message.clusterId);
  if (message.nodeId) writer.string(18, message.nodeId);
}

export function readJoinClusterResponse(reader: Reader, end: number): JoinClusterResponse {
  let clusterId: string = "";
  let nodeId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        clusterId = reader.string();
        break;
      case 18:
        nodeId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { clusterId, nodeId };
}

export interface AddMemberRequest {
  readonly nodeId: string;
  readonly name: string;
  readonly address: string;
  readonly token: string;
  readonly standby: boolean;
}

export function writeAddMemberRequest(writer: Writer, message: Init<AddMemberRequest>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.name) writer.string(18, message.name);
  if (message.address) writer.string(26, message.address);
  if (message.token) writer.string(34, message.token);
  if (message.standby) writer.bool(40, message.standby);
}

export function readAddMemberRequest(reader: Reader, end: number): AddMemberRequest {
  let nodeId: string = "";
  let name: string = "";
  let address: string = "";
  let token: string = "";
  let standby: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        address = reader.string();
        break;
      case 34:
        token = reader.string();
        break;
      case 40:
        standby = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, name, address, token, standby };
}

export interface AddMemberResponse {
  readonly clusterId: string;
  readonly stage: string;
  readonly configuration: Buffer;
  readonly epoch: number;
}

export function writeAddMemberResponse(writer: Writer, message: Init<AddMemberResponse>): void {
  if (message.clusterId) writer.string(10, message.clusterId);
  if (message.stage) writer.string(18, message.stage);
  if (message.configuration !== undefined && message.configuration.length > 0) writer.bytes(26, message.configuration);
  if (message.epoch) writer.uint(32, message.epoch);
}

export function readAddMemberResponse(reader: Reader, end: number): AddMemberResponse {
  let clusterId: string = "";
  let stage: string = "";
  let configuration: Buffer = noBytes;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        clusterId = reader.string();
        break;
      case 18:
        stage = reader.string();
        break;
      case 26:
        configuration = reader.bytes();
        break;
      case 32:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { clusterId, stage, configuration, epoch };
}

export interface RemoveMemberRequest {
  readonly node: string;
}

export function writeRemoveMemberRequest(writer: Writer, message: Init<RemoveMemberRequest>): void {
  if (message.node) writer.string(10, message.node);
}

export function readRemoveMemberRequest(reader: Reader, end: number): RemoveMemberRequest {
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { node };
}

export interface RemoveMemberResponse {
  readonly nodeId: string;
  readonly configurationIndex: number;
}

export function writeRemoveMemberResponse(writer: Writer, message: Init<RemoveMemberResponse>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.configurationIndex) writer.uint(16, message.configurationIndex);
}

export function readRemoveMemberResponse(reader: Reader, end: number): RemoveMemberResponse {
  let nodeId: string = "";
  let configurationIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 16:
        configurationIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, configurationIndex };
}

export interface ReplaceMembersRequest {
  readonly leaving: readonly string[];
  readonly entering: readonly string[];
}

export function writeReplaceMembersRequest(writer: Writer, message: Init<ReplaceMembersRequest>): void {
  for (const item of message.leaving ?? []) writer.string(10, item);
  for (const item of message.entering ?? []) writer.string(18, item);
}

export function readReplaceMembersRequest(reader: Reader, end: number): ReplaceMembersRequest {
  let leaving: string[] | undefined;
  let entering: string[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        (leaving ??= []).push(reader.string());
        break;
      case 18:
        (entering ??= []).push(reader.string());
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { leaving: leaving ?? none, entering: entering ?? none };
}

export interface ReplaceMembersResponse {
  readonly configurationIndex: number;
  readonly complete: boolean;
}

export function writeReplaceMembersResponse(writer: Writer, message: Init<ReplaceMembersResponse>): void {
  if (message.configurationIndex) writer.uint(8, message.configurationIndex);
  if (message.complete) writer.bool(16, message.complete);
}

export function readReplaceMembersResponse(reader: Reader, end: number): ReplaceMembersResponse {
  let configurationIndex: number = 0;
  let complete: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        configurationIndex = reader.uint();
        break;
      case 16:
        complete = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { configurationIndex, complete };
}

export interface PromoteMemberRequest {
  readonly node: string;
}

export function writePromoteMemberRequest(writer: Writer, message: Init<PromoteMemberRequest>): void {
  if (message.node) writer.string(10, message.node);
}

export function readPromoteMemberRequest(reader: Reader, end: number): PromoteMemberRequest {
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { node };
}

export interface PromoteMemberResponse {
  readonly nodeId: string;
  readonly configurationIndex: number;
}

export function writePromoteMemberResponse(writer: Writer, message: Init<PromoteMemberResponse>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.configurationIndex) writer.uint(16, message.configurationIndex);
}

export function readPromoteMemberResponse(reader: Reader, end: number): PromoteMemberResponse {
  let nodeId: string = "";
  let configurationIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 16:
        configurationIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, configurationIndex };
}

export interface PreferLeaderRequest {
  readonly node: string;
}

export function writePreferLeaderRequest(writer: Writer, message: Init<PreferLeaderRequest>): void {
  if (message.node) writer.string(10, message.node);
}

export function readPreferLeaderRequest(reader: Reader, end: number): PreferLeaderRequest {
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { node };
}

export interface PreferLeaderResponse {
  readonly nodeId: string;
  readonly configurationIndex: number;
}

export function writePreferLeaderResponse(writer: Writer, message: Init<PreferLeaderResponse>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.configurationIndex) writer.uint(16, message.configurationIndex);
}

export function readPreferLeaderResponse(reader: Reader, end: number): PreferLeaderResponse {
  let nodeId: string = "";
  let configurationIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 16:
        configurationIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, configurationIndex };
}

export interface TransferLeadershipRequest {
  readonly node: string;
}

export function writeTransferLeadershipRequest(writer: Writer, message: Init<TransferLeadershipRequest>): void {
  if (message.node) writer.string(10, message.node);
}

export function readTransferLeadershipRequest(reader: Reader, end: number): TransferLeadershipRequest {
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { node };
}

export interface TransferLeadershipResponse {
  readonly leaderId: string;
}

export function writeTransferLeadershipResponse(writer: Writer, message: Init<TransferLeadershipResponse>): void {
  if (message.leaderId) writer.string(10, message.leaderId);
}

export function readTransferLeadershipResponse(reader: Reader, end: number): TransferLeadershipResponse {
  let leaderId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        leaderId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { leaderId };
}

export interface ClusterStatusRequest {
  readonly read: Read | null;
}

export function writeClusterStatusRequest(writer: Writer, message: Init<ClusterStatusRequest>): void {
  if (message.read !== undefined && message.read !== null) writer.nested(10, writeRead, message.read);
}

export function readClusterStatusRequest(reader: Reader, end: number): ClusterStatusRequest {
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { read };
}

export interface ClusterStatusResponse {
  readonly freshness: Freshness | null;
  readonly clusterId: string;
  readonly group: GroupStatus | null;
  readonly epoch: number;
}

export function writeClusterStatusResponse(writer: Writer, message: Init<ClusterStatusResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  if (message.clusterId) writer.string(18, message.clusterId);
  if (message.group !== undefined && message.group !== null) writer.nested(26, writeGroupStatus, message.group);
  if (message.epoch) writer.uint(32, message.epoch);
}

export function readClusterStatusResponse(reader: Reader, end: number): ClusterStatusResponse {
  let freshness: Freshness | null = null;
  let clusterId: string = "";
  let group: GroupStatus | null = null;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        clusterId = reader.string();
        break;
      case 26:
        group = reader.nested(readGroupStatus);
        break;
      case 32:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, clusterId, group, epoch };
}

export type IdentifyRequest = Readonly<Record<string, never>>;

export function writeIdentifyRequest(_writer: Writer, _message: Init<IdentifyRequest>): void {
}

export function readIdentifyRequest(reader: Reader, end: number): IdentifyRequest {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export interface IdentifyResponse {
  readonly nodeId: string;
  readonly name: string;
  readonly clusterId: string;
}

export function writeIdentifyResponse(writer: Writer, message: Init<IdentifyResponse>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.name) writer.string(18, message.name);
  if (message.clusterId) writer.string(26, message.clusterId);
}

export function readIdentifyResponse(reader: Reader, end: number): IdentifyResponse {
  let nodeId: string = "";
  let name: string = "";
  let clusterId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        clusterId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, name, clusterId };
}

export interface EventsRequest {
  readonly since: number;
  readonly follow: boolean;
  readonly kinds: readonly string[];
  readonly epoch: number;
}

export function writeEventsRequest(writer: Writer, message: Init<EventsRequest>): void {
  if (message.since) writer.uint(8, message.since);
  if (message.follow) writer.bool(16, message.follow);
  for (const item of message.kinds ?? []) writer.string(26, item);
  if (message.epoch) writer.uint(32, message.epoch);
}

export function readEventsRequest(reader: Reader, end: number): EventsRequest {
  let since: number = 0;
  let follow: boolean = false;
  let kinds: string[] | undefined;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        since = reader.uint();
        break;
      case 16:
        follow = reader.bool();
        break;
      case 26:
        (kinds ??= []).push(reader.string());
        break;
      case 32:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { since, follow, kinds: kinds ?? none, epoch };
}

export interface EventsResponse {
  readonly index: number;
  readonly events: readonly ClusterEvent[];
  readonly epoch: number;
}

export function writeEventsResponse(writer: Writer, message: Init<EventsResponse>): void {
  if (message.index) writer.uint(8, message.index);
  for (const item of message.events ?? []) writer.nested(18, writeClusterEvent, item);
  if (message.epoch) writer.uint(24, message.epoch);
}

export function readEventsResponse(reader: Reader, end: number): EventsResponse {
  let index: number = 0;
  let events: ClusterEvent[] | undefined;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        (events ??= []).push(reader.nested(readClusterEvent));
        break;
      case 24:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, events: events ?? none, epoch };
}

export interface ClusterEvent {
  readonly index: number;
  readonly place: number;
  readonly timeMs: number;
  readonly kind: string;
  readonly what: string;
  readonly subject: string;
  readonly nodeId: string;
  readonly text: string;
}

export function writeClusterEvent(writer: Writer, message: Init<ClusterEvent>): void {
  if (message.index) writer.uint(8, message.index);
  if (message.place) writer.uint(16, message.place);
  if (message.timeMs) writer.double(25, message.timeMs);
  if (message.kind) writer.string(34, message.kind);
  if (message.what) writer.string(42, message.what);
  if (message.subject) writer.string(50, message.subject);
  if (message.nodeId) writer.string(58, message.nodeId);
  if (message.text) writer.string(66, message.text);
}

export function readClusterEvent(reader: Reader, end: number): ClusterEvent {
  let index: number = 0;
  let place: number = 0;
  let timeMs: number = 0;
  let kind: string = "";
  let what: string = "";
  let subject: string = "";
  let nodeId: string = "";
  let text: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 16:
        place = reader.uint();
        break;
      case 25:
        timeMs = reader.double();
        break;
      case 34:
        kind = reader.string();
        break;
      case 42:
        what = reader.string();
        break;
      case 50:
        subject = reader.string();
        break;
      case 58:
        nodeId = reader.string();
        break;
      case 66:
        text = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, place, timeMs, kind, what, subject, nodeId, text };
}

export interface BackupRequest {
  readonly read: Read | null;
}

export function writeBackupRequest(writer: Writer, message: Init<BackupRequest>): void {
  if (message.read !== undefined && message.read !== null) writer.nested(10, writeRead, message.read);
}

export function readBackupRequest(reader: Reader, end: number): BackupRequest {
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { read };
}

export interface BackupChunk {
  readonly head: Buffer;
  readonly rows: Buffer;
  readonly last: boolean;
}

export function writeBackupChunk(writer: Writer, message: Init<BackupChunk>): void {
  if (message.head !== undefined && message.head.length > 0) writer.bytes(10, message.head);
  if (message.rows !== undefined && message.rows.length > 0) writer.bytes(18, message.rows);
  if (message.last) writer.bool(24, message.last);
}

export function readBackupChunk(reader: Reader, end: number): BackupChunk {
  let head: Buffer = noBytes;
  let rows: Buffer = noBytes;
  let last: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        head = reader.bytes();
        break;
      case 18:
        rows = reader.bytes();
        break;
      case 24:
        last = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { head, rows, last };
}

export interface RequestId {
  readonly client: string;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly opened: number | null;
}

export function writeRequestId(writer: Writer, message: Init<RequestId>): void {
  if (message.client) writer.string(10, message.client);
  if (message.sequence) writer.uint(16, message.sequence);
  if (message.acknowledged) writer.uint(24, message.acknowledged);
  if (message.opened !== undefined && message.opened !== null) writer.uint(32, message.opened);
}

export function readRequestId(reader: Reader, end: number): RequestId {
  let client: string = "";
  let sequence: number = 0;
  let acknowledged: number = 0;
  let opened: number | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        client = reader.string();
        break;
      case 16:
        sequence = reader.uint();
        break;
      case 24:
        acknowledged = reader.uint();
        break;
      case 32:
        opened = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { client, sequence, acknowledged, opened };
}

export interface Read {
  readonly consistent: boolean;
}

export function writeRead(writer: Writer, message: Init<Read>): void {
  if (message.consistent) writer.bool(8, message.consistent);
}

export function readRead(reader: Reader, end: number): Read {
  let consistent: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        consistent = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { consistent };
}

export interface Freshness {
  readonly nodeId: string;
  readonly appliedIndex: number;
  readonly stale: boolean;
}

export function writeFreshness(writer: Writer, message: Init<Freshness>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.appliedIndex) writer.uint(16, message.appliedIndex);
  if (message.stale) writer.bool(24, message.stale);
}

export function readFreshness(reader: Reader, end: number): Freshness {
  let nodeId: string = "";
  let appliedIndex: number = 0;
  let stale: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 16:
        appliedIndex = reader.uint();
        break;
      case 24:
        stale = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, appliedIndex, stale };
}

export interface KvPutRequest {
  readonly request: RequestId | null;
  readonly key: string;
  readonly value: string;
}

export function writeKvPutRequest(writer: Writer, message: Init<KvPutRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.key) writer.string(18, message.key);
  if (message.value) writer.string(26, message.value);
}

export function readKvPutRequest(reader: Reader, end: number): KvPutRequest {
  let request: RequestId | null = null;
  let key: string = "";
  let value: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        key = reader.string();
        break;
      case 26:
        value = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, key, value };
}

export interface KvCompareAndSwapRequest {
  readonly request: RequestId | null;
  readonly key: string;
  readonly value: string;
  readonly ifVersion: number | null;
  readonly ifValue: string | null;
}

export function writeKvCompareAndSwapRequest(writer: Writer, message: Init<KvCompareAndSwapRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.key) writer.string(18, message.key);
  if (message.value) writer.string(26, message.value);
  if (message.ifVersion !== undefined && message.ifVersion !== null) writer.uint(32, message.ifVersion);
  if (message.ifValue !== undefined && message.ifValue !== null) writer.string(42, message.ifValue);
}

export function readKvCompareAndSwapRequest(reader: Reader, end: number): KvCompareAndSwapRequest {
  let request: RequestId | null = null;
  let key: string = "";
  let value: string = "";
  let ifVersion: number | null = null;
  let ifValue: string | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        key = reader.string();
        break;
      case 26:
        value = reader.string();
        break;
      case 32:
        ifVersion = reader.uint();
        break;
      case 42:
        ifValue = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, key, value, ifVersion, ifValue };
}

export interface KvDeleteRequest {
  readonly request: RequestId | null;
  readonly key: string;
  readonly ifVersion: number | null;
}

export function writeKvDeleteRequest(writer: Writer, message: Init<KvDeleteRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.key) writer.string(18, message.key);
  if (message.ifVersion !== undefined && message.ifVersion !== null) writer.uint(24, message.ifVersion);
}

export function readKvDeleteRequest(reader: Reader, end: number): KvDeleteRequest {
  let request: RequestId | null = null;
  let key: string = "";
  let ifVersion: number | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        key = reader.string();
        break;
      case 24:
        ifVersion = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, key, ifVersion };
}

export interface KvWriteResponse {
  readonly index: number;
  readonly version: number;
}

export function writeKvWriteResponse(writer: Writer, message: Init<KvWriteResponse>): void {
  if (message.index) writer.uint(8, message.index);
  if (message.version) writer.uint(16, message.version);
}

export function readKvWriteResponse(reader: Reader, end: number): KvWriteResponse {
  let index: number = 0;
  let version: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 16:
        version = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, version };
}

export interface KvGetRequest {
  readonly key: string;
  readonly read: Read | null;
}

export function writeKvGetRequest(writer: Writer, message: Init<KvGetRequest>): void {
  if (message.key) writer.string(10, message.key);
  if (message.read !== undefined && message.read !== null) writer.nested(18, writeRead, message.read);
}

export function readKvGetRequest(reader: Reader, end: number): KvGetRequest {
  let key: string = "";
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        key = reader.string();
        break;
      case 18:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { key, read };
}

export interface KvGetResponse {
  readonly freshness: Freshness | null;
  readonly item: KvItem | null;
}

export function writeKvGetResponse(writer: Writer, message: Init<KvGetResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  if (message.item !== undefined && message.item !== null) writer.nested(18, writeKvItem, message.item);
}

export function readKvGetResponse(reader: Reader, end: number): KvGetResponse {
  let freshness: Freshness | null = null;
  let item: KvItem | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        item = reader.nested(readKvItem);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, item };
}

export interface KvItem {
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly createdIndex: number;
  readonly changedIndex: number;
}

export function writeKvItem(writer: Writer, message: Init<KvItem>): void {
  if (message.key) writer.string(10, message.key);
  if (message.value) writer.string(18, message.value);
  if (message.version) writer.uint(24, message.version);
  if (message.createdIndex) writer.uint(32, message.createdIndex);
  if (message.changedIndex) writer.uint(40, message.changedIndex);
}

export function readKvItem(reader: Reader, end: number): KvItem {
  let key: string = "";
  let value: string = "";
  let version: number = 0;
  let createdIndex: number = 0;
  let changedIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        key = reader.string();
        break;
      case 18:
        value = reader.string();
        break;
      case 24:
        version = reader.uint();
        break;
      case 32:
        createdIndex = reader.uint();
        break;
      case 40:
        changedIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { key, value, version, createdIndex, changedIndex };
}

export interface KvListRequest {
  readonly prefix: string;
  readonly limit: number;
  readonly read: Read | null;
}

export function writeKvListRequest(writer: Writer, message: Init<KvListRequest>): void {
  if (message.prefix) writer.string(10, message.prefix);
  if (message.limit) writer.uint(16, message.limit);
  if (message.read !== undefined && message.read !== null) writer.nested(26, writeRead, message.read);
}

export function readKvListRequest(reader: Reader, end: number): KvListRequest {
  let prefix: string = "";
  let limit: number = 0;
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        prefix = reader.string();
        break;
      case 16:
        limit = reader.uint();
        break;
      case 26:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { prefix, limit, read };
}

export interface KvListResponse {
  readonly freshness: Freshness | null;
  readonly items: readonly KvItem[];
  readonly truncated: boolean;
}

export function writeKvListResponse(writer: Writer, message: Init<KvListResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  for (const item of message.items ?? []) writer.nested(18, writeKvItem, item);
  if (message.truncated) writer.bool(24, message.truncated);
}

export function readKvListResponse(reader: Reader, end: number): KvListResponse {
  let freshness: Freshness | null = null;
  let items: KvItem[] | undefined;
  let truncated: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        (items ??= []).push(reader.nested(readKvItem));
        break;
      case 24:
        truncated = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, items: items ?? none, truncated };
}

export interface KvBatchRequest {
  readonly request: RequestId | null;
  readonly operations: readonly KvBatchOperation[];
}

export function writeKvBatchRequest(writer: Writer, message: Init<KvBatchRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  for (const item of message.operations ?? []) writer.nested(18, writeKvBatchOperation, item);
}

export function readKvBatchRequest(reader: Reader, end: number): KvBatchRequest {
  let request: RequestId | null = null;
  let operations: KvBatchOperation[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        (operations ??= []).push(reader.nested(readKvBatchOperation));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, operations: operations ?? none };
}

export type KvBatchOperationOperation =
  | { readonly kind: "put"; readonly value: KvPutRequest }
  | { readonly kind: "putIfAbsent"; readonly value: KvPutRequest }
  | { readonly kind: "compareAndSwap"; readonly value: KvCompareAndSwapRequest }
  | { readonly kind: "delete"; readonly value: KvDeleteRequest };

export interface KvBatchOperation {
  readonly operation: KvBatchOperationOperation | null;
}

export function writeKvBatchOperation(writer: Writer, message: Init<KvBatchOperation>): void {
  const operation = message.operation;
  switch (operation?.kind) {
    case "put":
      writer.nested(10, writeKvPutRequest, operation.value);
      break;
    case "putIfAbsent":
      writer.nested(18, writeKvPutRequest, operation.value);
      break;
    case "compareAndSwap":
      writer.nested(26, writeKvCompareAndSwapRequest, operation.value);
      break;
    case "delete":
      writer.nested(34, writeKvDeleteRequest, operation.value);
      break;
    case undefined:
      break;
  }
}

export function readKvBatchOperation(reader: Reader, end: number): KvBatchOperation {
  let operation: KvBatchOperationOperation | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        operation = { kind: "put", value: reader.nested(readKvPutRequest) };
        break;
      case 18:
        operation = { kind: "putIfAbsent", value: reader.nested(readKvPutRequest) };
        break;
      case 26:
        operation = { kind: "compareAndSwap", value: reader.nested(readKvCompareAndSwapRequest) };
        break;
      case 34:
        operation = { kind: "delete", value: reader.nested(readKvDeleteRequest) };
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { operation };
}

export interface KvBatchResponse {
  readonly index: number;
  readonly results: readonly KvBatchResult[];
  readonly refusal: ErrorDetail | null;
}

export function writeKvBatchResponse(writer: Writer, message: Init<KvBatchResponse>): void {
  if (message.index) writer.uint(8, message.index);
  for (const item of message.results ?? []) writer.nested(18, writeKvBatchResult, item);
  if (message.refusal !== undefined && message.refusal !== null) writer.nested(26, writeErrorDetail, message.refusal);
}

export function readKvBatchResponse(reader: Reader, end: number): KvBatchResponse {
  let index: number = 0;
  let results: KvBatchResult[] | undefined;
  let refusal: ErrorDetail | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        (results ??= []).push(reader.nested(readKvBatchResult));
        break;
      case 26:
        refusal = reader.nested(readErrorDetail);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, results: results ?? none, refusal };
}

export interface KvBatchResult {
  readonly outcome: string;
  readonly version: number;
  readonly code: string;
  readonly message: string;
}

export function writeKvBatchResult(writer: Writer, message: Init<KvBatchResult>): void {
  if (message.outcome) writer.string(10, message.outcome);
  if (message.version) writer.uint(16, message.version);
  if (message.code) writer.string(26, message.code);
  if (message.message) writer.string(34, message.message);
}

export function readKvBatchResult(reader: Reader, end: number): KvBatchResult {
  let outcome: string = "";
  let version: number = 0;
  let code: string = "";
  let message: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        outcome = reader.string();
        break;
      case 16:
        version = reader.uint();
        break;
      case 26:
        code = reader.string();
        break;
      case 34:
        message = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { outcome, version, code, message };
}

export interface KvWatchRequest {
  readonly prefix: string;
  readonly since: number | null;
  readonly follow: boolean;
  readonly epoch: number;
}

export function writeKvWatchRequest(writer: Writer, message: Init<KvWatchRequest>): void {
  if (message.prefix) writer.string(10, message.prefix);
  if (message.since !== undefined && message.since !== null) writer.uint(16, message.since);
  if (message.follow) writer.bool(24, message.follow);
  if (message.epoch) writer.uint(32, message.epoch);
}

export function readKvWatchRequest(reader: Reader, end: number): KvWatchRequest {
  let prefix: string = "";
  let since: number | null = null;
  let follow: boolean = false;
  let epoch: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        prefix = reader.string();
        break;
      case 16:
        since = reader.uint();
        break;
      case 24:
        follow = reader.bool();
        break;
      case 32:
        epoch = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { prefix, since, follow, epoch };
}

export interface KvWatchResponse {
  readonly index: number;
  readonly changes: readonly KvChange[];
  readonly epoch: number;
  readonly nodeId: string;
}

export function writeKvWatchResponse(writer: Writer, message: Init<KvWatchResponse>): void {
  if (message.index) writer.uint(8, message.index);
  for (const item of message.changes ?? []) writer.nested(18, writeKvChange, item);
  if (message.epoch) writer.uint(24, message.epoch);
  if (message.nodeId) writer.string(34, message.nodeId);
}

export function readKvWatchResponse(reader: Reader, end: number): KvWatchResponse {
  let index: number = 0;
  let changes: KvChange[] | undefined;
  let epoch: number = 0;
  let nodeId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        (changes ??= []).push(reader.nested(readKvChange));
        break;
      case 24:
        epoch = reader.uint();
        break;
      case 34:
        nodeId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, changes: changes ?? none, epoch, nodeId };
}

export interface KvChange {
  readonly key: string;
  readonly version: number;
  readonly value: string | null;
  readonly createdIndex: number;
}

export function writeKvChange(writer: Writer, message: Init<KvChange>): void {
  if (message.key) writer.string(10, message.key);
  if (message.version) writer.uint(16, message.version);
  if (message.value !== undefined && message.value !== null) writer.string(26, message.value);
  if (message.createdIndex) writer.uint(32, message.createdIndex);
}

export function readKvChange(reader: Reader, end: number): KvChange {
  let key: string = "";
  let version: number = 0;
  let value: string | null = null;
  let createdIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        key = reader.string();
        break;
      case 16:
        version = reader.uint();
        break;
      case 26:
        value = reader.string();
        break;
      case 32:
        createdIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { key, version, value, createdIndex };
}

export type SessionRequestOperation =
  | { readonly kind: "open"; readonly value: string }
  | { readonly kind: "put"; readonly value: KvPutRequest }
  | { readonly kind: "putIfAbsent"; readonly value: KvPutRequest }
  | { readonly kind: "compareAndSwap"; readonly value: KvCompareAndSwapRequest }
  | { readonly kind: "delete"; readonly value: KvDeleteRequest }
  | { readonly kind: "get"; readonly value: KvGetRequest };

export interface SessionRequest {
  readonly sequence: number;
  readonly acknowledged: number;
  readonly more: readonly SessionRequest[];
  readonly opened: number | null;
  readonly operation: SessionRequestOperation | null;
}

export function writeSessionRequest(writer: Writer, message: Init<SessionRequest>): void {
  if (message.sequence) writer.uint(8, message.sequence);
  if (message.acknowledged) writer.uint(16, message.acknowledged);
  for (const item of message.more ?? []) writer.nested(74, writeSessionRequest, item);
  if (message.opened !== undefined && message.opened !== null) writer.uint(80, message.opened);
  const operation = message.operation;
  switch (operation?.kind) {
    case "open":
      writer.string(26, operation.value);
      break;
    case "put":
      writer.nested(34, writeKvPutRequest, operation.value);
      break;
    case "putIfAbsent":
      writer.nested(42, writeKvPutRequest, operation.value);
      break;
    case "compareAndSwap":
      writer.nested(50, writeKvCompareAndSwapRequest, operation.value);
      break;
    case "delete":
      writer.nested(58, writeKvDeleteRequest, operation.value);
      break;
    case "get":
      writer.nested(66, writeKvGetRequest, operation.value);
      break;
    case undefined:
      break;
  }
}

export function readSessionRequest(reader: Reader, end: number): SessionRequest {
  let sequence: number = 0;
  let acknowledged: number = 0;
  let more: SessionRequest[] | undefined;
  let opened: number | null = null;
  let operation: SessionRequestOperation | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        sequence = reader.uint();
        break;
      case 16:
        acknowledged = reader.uint();
        break;
      case 26:
        operation = { kind: "open", value: reader.string() };
        break;
      case 34:
        operation = { kind: "put", value: reader.nested(readKvPutRequest) };
        break;
      case 42:
        operation = { kind: "putIfAbsent", value: reader.nested(readKvPutRequest) };
        break;
      case 50:
        operation = { kind: "compareAndSwap", value: reader.nested(readKvCompareAndSwapRequest) };
        break;
      case 58:
        operation = { kind: "delete", value: reader.nested(readKvDeleteRequest) };
        break;
      case 66:
        operation = { kind: "get", value: reader.nested(readKvGetRequest) };
        break;
      case 74:
        (more ??= []).push(reader.nested(readSessionRequest));
        break;
      case 80:
        opened = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { sequence, acknowledged, more: more ?? none, opened, operation };
}

export type SessionResponseResult =
  | { readonly kind: "write"; readonly value: KvWriteResponse }
  | { readonly kind: "get"; readonly value: KvGetResponse }
  | { readonly kind: "error"; readonly value: ErrorDetail }
  | { readonly kind: "opened"; readonly value: string };

export interface SessionResponse {
  readonly sequence: number;
  readonly more: readonly SessionResponse[];
  readonly appliedIndex: number;
  readonly result: SessionResponseResult | null;
}

export function writeSessionResponse(writer: Writer, message: Init<SessionResponse>): void {
  if (message.sequence) writer.uint(8, message.sequence);
  for (const item of message.more ?? []) writer.nested(50, writeSessionResponse, item);
  if (message.appliedIndex) writer.uint(56, message.appliedIndex);
  const result = message.result;
  switch (result?.kind) {
    case "write":
      writer.nested(18, writeKvWriteResponse, result.value);
      break;
    case "get":
      writer.nested(26, writeKvGetResponse, result.value);
      break;
    case "error":
      writer.nested(34, writeErrorDetail, result.value);
      break;
    case "opened":
      writer.string(42, result.value);
      break;
    case undefined:
      break;
  }
}

export function readSessionResponse(reader: Reader, end: number): SessionResponse {
  let sequence: number = 0;
  let more: SessionResponse[] | undefined;
  let appliedIndex: number = 0;
  let result: SessionResponseResult | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        sequence = reader.uint();
        break;
      case 18:
        result = { kind: "write", value: reader.nested(readKvWriteResponse) };
        break;
      case 26:
        result = { kind: "get", value: reader.nested(readKvGetResponse) };
        break;
      case 34:
        result = { kind: "error", value: reader.nested(readErrorDetail) };
        break;
      case 42:
        result = { kind: "opened", value: reader.string() };
        break;
      case 50:
        (more ??= []).push(reader.nested(readSessionResponse));
        break;
      case 56:
        appliedIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { sequence, more: more ?? none, appliedIndex, result };
}

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly node: string;
  readonly group: string;
  readonly leader: string;
  readonly next: string;
}

export function writeErrorDetail(writer: Writer, message: Init<ErrorDetail>): void {
  if (message.code) writer.string(10, message.code);
  if (message.message) writer.string(18, message.message);
  if (message.node) writer.string(26, message.node);
  if (message.group) writer.string(34, message.group);
  if (message.leader) writer.string(42, message.leader);
  if (message.next) writer.string(50, message.next);
}

export function readErrorDetail(reader: Reader, end: number): ErrorDetail {
  let code: string = "";
  let message: string = "";
  let node: string = "";
  let group: string = "";
  let leader: string = "";
  let next: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        code = reader.string();
        break;
      case 18:
        message = reader.string();
        break;
      case 26:
        node = reader.string();
        break;
      case 34:
        group = reader.string();
        break;
      case 42:
        leader = reader.string();
        break;
      case 50:
        next = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { code, message, node, group, leader, next };
}

export interface VmCreateRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly driver: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly image: string;
  readonly node: string;
  readonly start: boolean;
  readonly publish: readonly PublishedPort[];
  readonly restart: string;
  readonly restartLimit: number;
  readonly restartBackoffMs: number;
  readonly bootDeadlineMs: number;
  readonly health: HealthCheck | null;
  readonly labels: readonly string[];
  readonly place: PlacementWish | null;
  readonly run: Program | null;
  readonly imageDigest: string;
  readonly taskTimeoutMs: number;
  readonly network: VmNetwork | null;
  readonly priority: number;
  readonly preempt: boolean;
  readonly startWithinMs: number;
}

export function writeVmCreateRequest(writer: Writer, message: Init<VmCreateRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.driver) writer.string(26, message.driver);
  if (message.cpus) writer.uint(32, message.cpus);
  if (message.memoryMib) writer.uint(40, message.memoryMib);
  if (message.diskMib) writer.uint(48, message.diskMib);
  if (message.image) writer.string(58, message.image);
  if (message.node) writer.string(66, message.node);
  if (message.start) writer.bool(72, message.start);
  for (const item of message.publish ?? []) writer.nested(82, writePublishedPort, item);
  if (message.restart) writer.string(90, message.restart);
  if (message.restartLimit) writer.uint(96, message.restartLimit);
  if (message.restartBackoffMs) writer.uint(104, message.restartBackoffMs);
  if (message.bootDeadlineMs) writer.uint(112, message.bootDeadlineMs);
  if (message.health !== undefined && message.health !== null) writer.nested(122, writeHealthCheck, message.health);
  for (const item of message.labels ?? []) writer.string(170, item);
  if (message.place !== undefined && message.place !== null) writer.nested(178, writePlacementWish, message.place);
  if (message.run !== undefined && message.run !== null) writer.nested(322, writeProgram, message.run);
  if (message.imageDigest) writer.string(330, message.imageDigest);
  if (message.taskTimeoutMs) writer.uint(344, message.taskTimeoutMs);
  if (message.network !== undefined && message.network !== null) writer.nested(338, writeVmNetwork, message.network);
  if (message.priority) writer.uint(352, message.priority);
  if (message.preempt) writer.bool(360, message.preempt);
  if (message.startWithinMs) writer.uint(368, message.startWithinMs);
}

export function readVmCreateRequest(reader: Reader, end: number): VmCreateRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let driver: string = "";
  let cpus: number = 0;
  let memoryMib: number = 0;
  let diskMib: number = 0;
  let image: string = "";
  let node: string = "";
  let start: boolean = false;
  let publish: PublishedPort[] | undefined;
  let restart: string = "";
  let restartLimit: number = 0;
  let restartBackoffMs: number = 0;
  let bootDeadlineMs: number = 0;
  let health: HealthCheck | null = null;
  let labels: string[] | undefined;
  let place: PlacementWish | null = null;
  let run: Program | null = null;
  let imageDigest: string = "";
  let taskTimeoutMs: number = 0;
  let network: VmNetwork | null = null;
  let priority: number = 0;
  let preempt: boolean = false;
  let startWithinMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        driver = reader.string();
        break;
      case 32:
        cpus = reader.uint();
        break;
      case 40:
        memoryMib = reader.uint();
        break;
      case 48:
        diskMib = reader.uint();
        break;
      case 58:
        image = reader.string();
        break;
      case 66:
        node = reader.string();
        break;
      case 72:
        start = reader.bool();
        break;
      case 82:
        (publish ??= []).push(reader.nested(readPublishedPort));
        break;
      case 90:
        restart = reader.string();
        break;
      case 96:
        restartLimit = reader.uint();
        break;
      case 104:
        restartBackoffMs = reader.uint();
        break;
      case 112:
        bootDeadlineMs = reader.uint();
        break;
      case 122:
        health = reader.nested(readHealthCheck);
        break;
      case 170:
        (labels ??= []).push(reader.string());
        break;
      case 178:
        place = reader.nested(readPlacementWish);
        break;
      case 322:
        run = reader.nested(readProgram);
        break;
      case 330:
        imageDigest = reader.string();
        break;
      case 344:
        taskTimeoutMs = reader.uint();
        break;
      case 338:
        network = reader.nested(readVmNetwork);
        break;
      case 352:
        priority = reader.uint();
        break;
      case 360:
        preempt = reader.bool();
        break;
      case 368:
        startWithinMs = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, driver, cpus, memoryMib, diskMib, image, node, start, publish: publish ?? none, restart, restartLimit, restartBackoffMs, bootDeadlineMs, health, labels: labels ?? none, place, run, imageDigest, taskTimeoutMs, network, priority, preempt, startWithinMs };
}

export interface VmNetwork {
  readonly bridge: string;
  readonly address: string;
  readonly gateway: string;
}

export function writeVmNetwork(writer: Writer, message: Init<VmNetwork>): void {
  if (message.bridge) writer.string(10, message.bridge);
  if (message.address) writer.string(18, message.address);
  if (message.gateway) writer.string(26, message.gateway);
}

export function readVmNetwork(reader: Reader, end: number): VmNetwork {
  let bridge: string = "";
  let address: string = "";
  let gateway: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        bridge = reader.string();
        break;
      case 18:
        address = reader.string();
        break;
      case 26:
        gateway = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { bridge, address, gateway };
}

export interface HealthCheck {
  readonly kind: string;
  readonly text: string;
  readonly port: number;
  readonly path: string;
  readonly argv: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly threshold: number;
}

export function writeHealthCheck(writer: Writer, message: Init<HealthCheck>): void {
  if (message.kind) writer.string(10, message.kind);
  if (message.text) writer.string(18, message.text);
  if (message.port) writer.uint(24, message.port);
  if (message.path) writer.string(34, message.path);
  for (const item of message.argv ?? []) writer.string(42, item);
  if (message.intervalMs) writer.uint(48, message.intervalMs);
  if (message.timeoutMs) writer.uint(56, message.timeoutMs);
  if (message.threshold) writer.uint(64, message.threshold);
}

export function readHealthCheck(reader: Reader, end: number): HealthCheck {
  let kind: string = "";
  let text: string = "";
  let port: number = 0;
  let path: string = "";
  let argv: string[] | undefined;
  let intervalMs: number = 0;
  let timeoutMs: number = 0;
  let threshold: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        kind = reader.string();
        break;
      case 18:
        text = reader.string();
        break;
      case 24:
        port = reader.uint();
        break;
      case 34:
        path = reader.string();
        break;
      case 42:
        (argv ??= []).push(reader.string());
        break;
      case 48:
        intervalMs = reader.uint();
        break;
      case 56:
        timeoutMs = reader.uint();
        break;
      case 64:
        threshold = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { kind, text, port, path, argv: argv ?? none, intervalMs, timeoutMs, threshold };
}

export interface PlacementWish {
  readonly strategy: string;
  readonly label: string;
  readonly near: readonly string[];
  readonly apart: readonly string[];
  readonly preferNear: readonly string[];
  readonly preferApart: readonly string[];
}

export function writePlacementWish(writer: Writer, message: Init<PlacementWish>): void {
  if (message.strategy) writer.string(10, message.strategy);
  if (message.label) writer.string(18, message.label);
  for (const item of message.near ?? []) writer.string(26, item);
  for (const item of message.apart ?? []) writer.string(34, item);
  for (const item of message.preferNear ?? []) writer.string(42, item);
  for (const item of message.preferApart ?? []) writer.string(50, item);
}

export function readPlacementWish(reader: Reader, end: number): PlacementWish {
  let strategy: string = "";
  let label: string = "";
  let near: string[] | undefined;
  let apart: string[] | undefined;
  let preferNear: string[] | undefined;
  let preferApart: string[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        strategy = reader.string();
        break;
      case 18:
        label = reader.string();
        break;
      case 26:
        (near ??= []).push(reader.string());
        break;
      case 34:
        (apart ??= []).push(reader.string());
        break;
      case 42:
        (preferNear ??= []).push(reader.string());
        break;
      case 50:
        (preferApart ??= []).push(reader.string());
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { strategy, label, near: near ?? none, apart: apart ?? none, preferNear: preferNear ?? none, preferApart: preferApart ?? none };
}

export interface VmPlanResponse {
  readonly freshness: Freshness | null;
  readonly plan: string;
}

export function writeVmPlanResponse(writer: Writer, message: Init<VmPlanResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  if (message.plan) writer.string(18, message.plan);
}

export function readVmPlanResponse(reader: Reader, end: number): VmPlanResponse {
  let freshness: Freshness | null = null;
  let plan: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        plan = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, plan };
}

export interface PublishedPort {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly guestPort: number;
}

export function writePublishedPort(writer: Writer, message: Init<PublishedPort>): void {
  if (message.protocol) writer.string(10, message.protocol);
  if (message.address) writer.string(18, message.address);
  if (message.port) writer.uint(24, message.port);
  if (message.guestPort) writer.uint(32, message.guestPort);
}

export function readPublishedPort(reader: Reader, end: number): PublishedPort {
  let protocol: string = "";
  let address: string = "";
  let port: number = 0;
  let guestPort: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        protocol = reader.string();
        break;
      case 18:
        address = reader.string();
        break;
      case 24:
        port = reader.uint();
        break;
      case 32:
        guestPort = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { protocol, address, port, guestPort };
}

export interface VmNameRequest {
  readonly request: RequestId | null;
  readonly name: string;
}

export function writeVmNameRequest(writer: Writer, message: Init<VmNameRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
}

export function readVmNameRequest(reader: Reader, end: number): VmNameRequest {
  let request: RequestId | null = null;
  let name: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name };
}

export interface VmStopRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly force: boolean;
  readonly graceMs: number;
}

export function writeVmStopRequest(writer: Writer, message: Init<VmStopRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.force) writer.bool(24, message.force);
  if (message.graceMs) writer.uint(32, message.graceMs);
}

export function readVmStopRequest(reader: Reader, end: number): VmStopRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let force: boolean = false;
  let graceMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 24:
        force = reader.bool();
        break;
      case 32:
        graceMs = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, force, graceMs };
}

export interface VmMigrateRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly to: string;
  readonly live: boolean;
}

export function writeVmMigrateRequest(writer: Writer, message: Init<VmMigrateRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.to) writer.string(26, message.to);
  if (message.live) writer.bool(32, message.live);
}

export function readVmMigrateRequest(reader: Reader, end: number): VmMigrateRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let to: string = "";
  let live: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        to = reader.string();
        break;
      case 32:
        live = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, to, live };
}

export interface VmCarryRequest {
  readonly name: string;
  readonly uuid: string;
  readonly move: number;
  readonly clock: number;
}

export function writeVmCarryRequest(writer: Writer, message: Init<VmCarryRequest>): void {
  if (message.name) writer.string(10, message.name);
  if (message.uuid) writer.string(18, message.uuid);
  if (message.move) writer.uint(24, message.move);
  if (message.clock) writer.uint(32, message.clock);
}

export function readVmCarryRequest(reader: Reader, end: number): VmCarryRequest {
  let name: string = "";
  let uuid: string = "";
  let move: number = 0;
  let clock: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        uuid = reader.string();
        break;
      case 24:
        move = reader.uint();
        break;
      case 32:
        clock = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, uuid, move, clock };
}

export interface VmCarryChunk {
  readonly memory: Buffer;
  readonly sent: boolean;
  readonly clock: number;
  readonly stillMs: number;
}

export function writeVmCarryChunk(writer: Writer, message: Init<VmCarryChunk>): void {
  if (message.memory !== undefined && message.memory.length > 0) writer.bytes(10, message.memory);
  if (message.sent) writer.bool(16, message.sent);
  if (message.clock) writer.uint(24, message.clock);
  if (message.stillMs) writer.uint(32, message.stillMs);
}

export function readVmCarryChunk(reader: Reader, end: number): VmCarryChunk {
  let memory: Buffer = noBytes;
  let sent: boolean = false;
  let clock: number = 0;
  let stillMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        memory = reader.bytes();
        break;
      case 16:
        sent = reader.bool();
        break;
      case 24:
        clock = reader.uint();
        break;
      case 32:
        stillMs = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { memory, sent, clock, stillMs };
}

export interface VmTypeRequest {
  readonly name: string;
  readonly data: Buffer;
}

export function writeVmTypeRequest(writer: Writer, message: Init<VmTypeRequest>): void {
  if (message.name) writer.string(10, message.name);
  if (message.data !== undefined && message.data.length > 0) writer.bytes(18, message.data);
}

export function readVmTypeRequest(reader: Reader, end: number): VmTypeRequest {
  let name: string = "";
  let data: Buffer = noBytes;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        data = reader.bytes();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, data };
}

export type VmTypeResponse = Readonly<Record<string, never>>;

export function writeVmTypeResponse(_writer: Writer, _message: Init<VmTypeResponse>): void {
}

export function readVmTypeResponse(reader: Reader, end: number): VmTypeResponse {
  while (reader.at < end) {
    reader.unknown(reader.uint());
  }
  reader.ended(end);
  return {};
}

export interface VmInspectResponse {
  readonly freshness: Freshness | null;
  readonly vm: VmView | null;
  readonly record: string;
  readonly history: string;
  readonly run: string;
  readonly missing: string;
}

export function writeVmInspectResponse(writer: Writer, message: Init<VmInspectResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  if (message.vm !== undefined && message.vm !== null) writer.nested(18, writeVmView, message.vm);
  if (message.record) writer.string(26, message.record);
  if (message.history) writer.string(34, message.history);
  if (message.run) writer.string(42, message.run);
  if (message.missing) writer.string(50, message.missing);
}

export function readVmInspectResponse(reader: Reader, end: number): VmInspectResponse {
  let freshness: Freshness | null = null;
  let vm: VmView | null = null;
  let record: string = "";
  let history: string = "";
  let run: string = "";
  let missing: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        vm = reader.nested(readVmView);
        break;
      case 26:
        record = reader.string();
        break;
      case 34:
        history = reader.string();
        break;
      case 42:
        run = reader.string();
        break;
      case 50:
        missing = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, vm, record, history, run, missing };
}

export interface VmExecRequest {
  readonly name: string;
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  readonly session: string;
}

export function writeVmExecRequest(writer: Writer, message: Init<VmExecRequest>): void {
  if (message.name) writer.string(10, message.name);
  for (const item of message.argv ?? []) writer.string(18, item);
  if (message.timeoutMs) writer.uint(24, message.timeoutMs);
  if (message.session) writer.string(34, message.session);
}

export function readVmExecRequest(reader: Reader, end: number): VmExecRequest {
  let name: string = "";
  let argv: string[] | undefined;
  let timeoutMs: number = 0;
  let session: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        (argv ??= []).push(reader.string());
        break;
      case 24:
        timeoutMs = reader.uint();
        break;
      case 34:
        session = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, argv: argv ?? none, timeoutMs, session };
}

export interface VmFeedRequest {
  readonly session: string;
  readonly offset: number;
  readonly data: Buffer;
  readonly last: boolean;
}

export function writeVmFeedRequest(writer: Writer, message: Init<VmFeedRequest>): void {
  if (message.session) writer.string(10, message.session);
  if (message.offset) writer.uint(16, message.offset);
  if (message.data !== undefined && message.data.length > 0) writer.bytes(26, message.data);
  if (message.last) writer.bool(32, message.last);
}

export function readVmFeedRequest(reader: Reader, end: number): VmFeedRequest {
  let session: string = "";
  let offset: number = 0;
  let data: Buffer = noBytes;
  let last: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        session = reader.string();
        break;
      case 16:
        offset = reader.uint();
        break;
      case 26:
        data = reader.bytes();
        break;
      case 32:
        last = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { session, offset, data, last };
}

export interface VmFeedResponse {
  readonly received: number;
  readonly closed: boolean;
  readonly complete: boolean;
}

export function writeVmFeedResponse(writer: Writer, message: Init<VmFeedResponse>): void {
  if (message.received) writer.uint(8, message.received);
  if (message.closed) writer.bool(16, message.closed);
  if (message.complete) writer.bool(24, message.complete);
}

export function readVmFeedResponse(reader: Reader, end: number): VmFeedResponse {
  let received: number = 0;
  let closed: boolean = false;
  let complete: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        received = reader.uint();
        break;
      case 16:
        closed = reader.bool();
        break;
      case 24:
        complete = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { received, closed, complete };
}

export interface VmExecChunk {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly ended: boolean;
  readonly code: number;
  readonly feedable: boolean;
}

export function writeVmExecChunk(writer: Writer, message: Init<VmExecChunk>): void {
  if (message.stdout !== undefined && message.stdout.length > 0) writer.bytes(10, message.stdout);
  if (message.stderr !== undefined && message.stderr.length > 0) writer.bytes(18, message.stderr);
  if (message.ended) writer.bool(24, message.ended);
  if (message.code) writer.uint(32, message.code);
  if (message.feedable) writer.bool(40, message.feedable);
}

export function readVmExecChunk(reader: Reader, end: number): VmExecChunk {
  let stdout: Buffer = noBytes;
  let stderr: Buffer = noBytes;
  let ended: boolean = false;
  let code: number = 0;
  let feedable: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        stdout = reader.bytes();
        break;
      case 18:
        stderr = reader.bytes();
        break;
      case 24:
        ended = reader.bool();
        break;
      case 32:
        code = reader.uint();
        break;
      case 40:
        feedable = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { stdout, stderr, ended, code, feedable };
}

export interface VmGetRequest {
  readonly name: string;
  readonly read: Read | null;
}

export function writeVmGetRequest(writer: Writer, message: Init<VmGetRequest>): void {
  if (message.name) writer.string(10, message.name);
  if (message.read !== undefined && message.read !== null) writer.nested(18, writeRead, message.read);
}

export function readVmGetRequest(reader: Reader, end: number): VmGetRequest {
  let name: string = "";
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, read };
}

export interface VmListRequest {
  readonly read: Read | null;
}

export function writeVmListRequest(writer: Writer, message: Init<VmListRequest>): void {
  if (message.read !== undefined && message.read !== null) writer.nested(10, writeRead, message.read);
}

export function readVmListRequest(reader: Reader, end: number): VmListRequest {
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { read };
}

export interface VmListResponse {
  readonly freshness: Freshness | null;
  readonly vms: readonly VmView[];
}

export function writeVmListResponse(writer: Writer, message: Init<VmListResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  for (const item of message.vms ?? []) writer.nested(18, writeVmView, item);
}

export function readVmListResponse(reader: Reader, end: number): VmListResponse {
  let freshness: Freshness | null = null;
  let vms: VmView[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        (vms ??= []).push(reader.nested(readVmView));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, vms: vms ?? none };
}

export interface VmResponse {
  readonly index: number;
  readonly vm: VmView | null;
  readonly freshness: Freshness | null;
}

export function writeVmResponse(writer: Writer, message: Init<VmResponse>): void {
  if (message.index) writer.uint(8, message.index);
  if (message.vm !== undefined && message.vm !== null) writer.nested(18, writeVmView, message.vm);
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(26, writeFreshness, message.freshness);
}

export function readVmResponse(reader: Reader, end: number): VmResponse {
  let index: number = 0;
  let vm: VmView | null = null;
  let freshness: Freshness | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        vm = reader.nested(readVmView);
        break;
      case 26:
        freshness = reader.nested(readFreshness);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, vm, freshness };
}

export interface VmView {
  readonly name: string;
  readonly uuid: string;
  readonly driver: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly image: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly desired: string;
  readonly observed: string;
  readonly generation: number;
  readonly failure: string;
  readonly exit: string;
  readonly placement: string;
  readonly pid: number;
  readonly changedIndex: number;
  readonly details: string;
  readonly doing: string;
  readonly movingTo: string;
}

export function writeVmView(writer: Writer, message: Init<VmView>): void {
  if (message.name) writer.string(10, message.name);
  if (message.uuid) writer.string(18, message.uuid);
  if (message.driver) writer.string(26, message.driver);
  if (message.cpus) writer.uint(32, message.cpus);
  if (message.memoryMib) writer.uint(40, message.memoryMib);
  if (message.diskMib) writer.uint(48, message.diskMib);
  if (message.image) writer.string(58, message.image);
  if (message.ownerId) writer.string(66, message.ownerId);
  if (message.ownerName) writer.string(74, message.ownerName);
  if (message.desired) writer.string(82, message.desired);
  if (message.observed) writer.string(90, message.observed);
  if (message.generation) writer.uint(96, message.generation);
  if (message.failure) writer.string(106, message.failure);
  if (message.exit) writer.string(114, message.exit);
  if (message.placement) writer.string(122, message.placement);
  if (message.pid) writer.uint(128, message.pid);
  if (message.changedIndex) writer.uint(136, message.changedIndex);
  if (message.details) writer.string(146, message.details);
  if (message.doing) writer.string(322, message.doing);
  if (message.movingTo) writer.string(330, message.movingTo);
}

export function readVmView(reader: Reader, end: number): VmView {
  let name: string = "";
  let uuid: string = "";
  let driver: string = "";
  let cpus: number = 0;
  let memoryMib: number = 0;
  let diskMib: number = 0;
  let image: string = "";
  let ownerId: string = "";
  let ownerName: string = "";
  let desired: string = "";
  let observed: string = "";
  let generation: number = 0;
  let failure: string = "";
  let exit: string = "";
  let placement: string = "";
  let pid: number = 0;
  let changedIndex: number = 0;
  let details: string = "";
  let doing: string = "";
  let movingTo: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        uuid = reader.string();
        break;
      case 26:
        driver = reader.string();
        break;
      case 32:
        cpus = reader.uint();
        break;
      case 40:
        memoryMib = reader.uint();
        break;
      case 48:
        diskMib = reader.uint();
        break;
      case 58:
        image = reader.string();
        break;
      case 66:
        ownerId = reader.string();
        break;
      case 74:
        ownerName = reader.string();
        break;
      case 82:
        desired = reader.string();
        break;
      case 90:
        observed = reader.string();
        break;
      case 96:
        generation = reader.uint();
        break;
      case 106:
        failure = reader.string();
        break;
      case 114:
        exit = reader.string();
        break;
      case 122:
        placement = reader.string();
        break;
      case 128:
        pid = reader.uint();
        break;
      case 136:
        changedIndex = reader.uint();
        break;
      case 146:
        details = reader.string();
        break;
      case 322:
        doing = reader.string();
        break;
      case 330:
        movingTo = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, uuid, driver, cpus, memoryMib, diskMib, image, ownerId, ownerName, desired, observed, generation, failure, exit, placement, pid, changedIndex, details, doing, movingTo };
}

export interface VmLogsRequest {
  readonly name: string;
  readonly tail: number;
  readonly follow: boolean;
  readonly interactive: boolean;
}

export function writeVmLogsRequest(writer: Writer, message: Init<VmLogsRequest>): void {
  if (message.name) writer.string(10, message.name);
  if (message.tail) writer.uint(16, message.tail);
  if (message.follow) writer.bool(24, message.follow);
  if (message.interactive) writer.bool(32, message.interactive);
}

export function readVmLogsRequest(reader: Reader, end: number): VmLogsRequest {
  let name: string = "";
  let tail: number = 0;
  let follow: boolean = false;
  let interactive: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 16:
        tail = reader.uint();
        break;
      case 24:
        follow = reader.bool();
        break;
      case 32:
        interactive = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, tail, follow, interactive };
}

export interface VmLogsChunk {
  readonly text: Buffer;
}

export function writeVmLogsChunk(writer: Writer, message: Init<VmLogsChunk>): void {
  if (message.text !== undefined && message.text.length > 0) writer.bytes(10, message.text);
}

export function readVmLogsChunk(reader: Reader, end: number): VmLogsChunk {
  let text: Buffer = noBytes;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        text = reader.bytes();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { text };
}

export interface Program {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
}

export function writeProgram(writer: Writer, message: Init<Program>): void {
  for (const item of message.argv ?? []) writer.string(10, item);
  for (const item of message.env ?? []) writer.string(18, item);
  if (message.cwd) writer.string(26, message.cwd);
}

export function readProgram(reader: Reader, end: number): Program {
  let argv: string[] | undefined;
  let env: string[] | undefined;
  let cwd: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        (argv ??= []).push(reader.string());
        break;
      case 18:
        (env ??= []).push(reader.string());
        break;
      case 26:
        cwd = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { argv: argv ?? none, env: env ?? none, cwd };
}

export interface ReservationListResponse {
  readonly freshness: Freshness | null;
  readonly reservations: readonly ReservationView[];
}

export function writeReservationListResponse(writer: Writer, message: Init<ReservationListResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  for (const item of message.reservations ?? []) writer.nested(18, writeReservationView, item);
}

export function readReservationListResponse(reader: Reader, end: number): ReservationListResponse {
  let freshness: Freshness | null = null;
  let reservations: ReservationView[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        (reservations ??= []).push(reader.nested(readReservationView));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, reservations: reservations ?? none };
}

export interface ReservationView {
  readonly vm: string;
  readonly uuid: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly toId: string;
  readonly generation: number;
  readonly state: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly sinceIndex: number;
  readonly deadlineMs: number;
  readonly ttlMs: number;
}

export function writeReservationView(writer: Writer, message: Init<ReservationView>): void {
  if (message.vm) writer.string(10, message.vm);
  if (message.uuid) writer.string(18, message.uuid);
  if (message.nodeId) writer.string(26, message.nodeId);
  if (message.nodeName) writer.string(34, message.nodeName);
  if (message.toId) writer.string(42, message.toId);
  if (message.generation) writer.uint(48, message.generation);
  if (message.state) writer.string(58, message.state);
  if (message.cpus) writer.uint(64, message.cpus);
  if (message.memoryMib) writer.uint(72, message.memoryMib);
  if (message.sinceIndex) writer.uint(80, message.sinceIndex);
  if (message.deadlineMs) writer.uint(88, message.deadlineMs);
  if (message.ttlMs) writer.uint(96, message.ttlMs);
}

export function readReservationView(reader: Reader, end: number): ReservationView {
  let vm: string = "";
  let uuid: string = "";
  let nodeId: string = "";
  let nodeName: string = "";
  let toId: string = "";
  let generation: number = 0;
  let state: string = "";
  let cpus: number = 0;
  let memoryMib: number = 0;
  let sinceIndex: number = 0;
  let deadlineMs: number = 0;
  let ttlMs: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        vm = reader.string();
        break;
      case 18:
        uuid = reader.string();
        break;
      case 26:
        nodeId = reader.string();
        break;
      case 34:
        nodeName = reader.string();
        break;
      case 42:
        toId = reader.string();
        break;
      case 48:
        generation = reader.uint();
        break;
      case 58:
        state = reader.string();
        break;
      case 64:
        cpus = reader.uint();
        break;
      case 72:
        memoryMib = reader.uint();
        break;
      case 80:
        sinceIndex = reader.uint();
        break;
      case 88:
        deadlineMs = reader.uint();
        break;
      case 96:
        ttlMs = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { vm, uuid, nodeId, nodeName, toId, generation, state, cpus, memoryMib, sinceIndex, deadlineMs, ttlMs };
}

export interface WorkerAdminRequest {
  readonly request: RequestId | null;
  readonly node: string;
  readonly admin: string;
  readonly asserted: string;
}

export function writeWorkerAdminRequest(writer: Writer, message: Init<WorkerAdminRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.node) writer.string(18, message.node);
  if (message.admin) writer.string(26, message.admin);
  if (message.asserted) writer.string(34, message.asserted);
}

export function readWorkerAdminRequest(reader: Reader, end: number): WorkerAdminRequest {
  let request: RequestId | null = null;
  let node: string = "";
  let admin: string = "";
  let asserted: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        node = reader.string();
        break;
      case 26:
        admin = reader.string();
        break;
      case 34:
        asserted = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, node, admin, asserted };
}

export interface WorkerRemoveRequest {
  readonly request: RequestId | null;
  readonly node: string;
}

export function writeWorkerRemoveRequest(writer: Writer, message: Init<WorkerRemoveRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.node) writer.string(18, message.node);
}

export function readWorkerRemoveRequest(reader: Reader, end: number): WorkerRemoveRequest {
  let request: RequestId | null = null;
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, node };
}

export interface WorkerRegisterRequest {
  readonly request: RequestId | null;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly node: string;
  readonly labels: readonly string[];
  readonly clearLabels: boolean;
}

export function writeWorkerRegisterRequest(writer: Writer, message: Init<WorkerRegisterRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.cpus) writer.uint(16, message.cpus);
  if (message.memoryMib) writer.uint(24, message.memoryMib);
  if (message.diskMib) writer.uint(32, message.diskMib);
  if (message.node) writer.string(42, message.node);
  for (const item of message.labels ?? []) writer.string(50, item);
  if (message.clearLabels) writer.bool(56, message.clearLabels);
}

export function readWorkerRegisterRequest(reader: Reader, end: number): WorkerRegisterRequest {
  let request: RequestId | null = null;
  let cpus: number = 0;
  let memoryMib: number = 0;
  let diskMib: number = 0;
  let node: string = "";
  let labels: string[] | undefined;
  let clearLabels: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 16:
        cpus = reader.uint();
        break;
      case 24:
        memoryMib = reader.uint();
        break;
      case 32:
        diskMib = reader.uint();
        break;
      case 42:
        node = reader.string();
        break;
      case 50:
        (labels ??= []).push(reader.string());
        break;
      case 56:
        clearLabels = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, cpus, memoryMib, diskMib, node, labels: labels ?? none, clearLabels };
}

export interface WorkerListRequest {
  readonly read: Read | null;
}

export function writeWorkerListRequest(writer: Writer, message: Init<WorkerListRequest>): void {
  if (message.read !== undefined && message.read !== null) writer.nested(10, writeRead, message.read);
}

export function readWorkerListRequest(reader: Reader, end: number): WorkerListRequest {
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { read };
}

export interface WorkerResponse {
  readonly index: number;
  readonly worker: WorkerView | null;
}

export function writeWorkerResponse(writer: Writer, message: Init<WorkerResponse>): void {
  if (message.index) writer.uint(8, message.index);
  if (message.worker !== undefined && message.worker !== null) writer.nested(18, writeWorkerView, message.worker);
}

export function readWorkerResponse(reader: Reader, end: number): WorkerResponse {
  let index: number = 0;
  let worker: WorkerView | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        worker = reader.nested(readWorkerView);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, worker };
}

export interface WorkerListResponse {
  readonly freshness: Freshness | null;
  readonly workers: readonly WorkerView[];
}

export function writeWorkerListResponse(writer: Writer, message: Init<WorkerListResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  for (const item of message.workers ?? []) writer.nested(18, writeWorkerView, item);
}

export function readWorkerListResponse(reader: Reader, end: number): WorkerListResponse {
  let freshness: Freshness | null = null;
  let workers: WorkerView[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        (workers ??= []).push(reader.nested(readWorkerView));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, workers: workers ?? none };
}

export interface WorkerView {
  readonly nodeId: string;
  readonly name: string;
  readonly admin: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly freeMemoryMib: number;
  readonly freeDiskMib: number;
  readonly freeCpus: number;
  readonly drivers: readonly string[];
  readonly vms: number;
  readonly health: string;
  readonly silentMs: number;
  readonly labels: readonly string[];
  readonly bridges: readonly string[];
}

export function writeWorkerView(writer: Writer, message: Init<WorkerView>): void {
  if (message.nodeId) writer.string(10, message.nodeId);
  if (message.name) writer.string(18, message.name);
  if (message.admin) writer.string(26, message.admin);
  if (message.cpus) writer.uint(32, message.cpus);
  if (message.memoryMib) writer.uint(40, message.memoryMib);
  if (message.diskMib) writer.uint(48, message.diskMib);
  if (message.freeMemoryMib) writer.uint(56, message.freeMemoryMib);
  if (message.freeDiskMib) writer.uint(64, message.freeDiskMib);
  if (message.freeCpus) writer.uint(72, message.freeCpus);
  for (const item of message.drivers ?? []) writer.string(82, item);
  if (message.vms) writer.uint(88, message.vms);
  if (message.health) writer.string(98, message.health);
  if (message.silentMs) writer.uint(104, message.silentMs);
  for (const item of message.labels ?? []) writer.string(114, item);
  for (const item of message.bridges ?? []) writer.string(242, item);
}

export function readWorkerView(reader: Reader, end: number): WorkerView {
  let nodeId: string = "";
  let name: string = "";
  let admin: string = "";
  let cpus: number = 0;
  let memoryMib: number = 0;
  let diskMib: number = 0;
  let freeMemoryMib: number = 0;
  let freeDiskMib: number = 0;
  let freeCpus: number = 0;
  let drivers: string[] | undefined;
  let vms: number = 0;
  let health: string = "";
  let silentMs: number = 0;
  let labels: string[] | undefined;
  let bridges: string[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        nodeId = reader.string();
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        admin = reader.string();
        break;
      case 32:
        cpus = reader.uint();
        break;
      case 40:
        memoryMib = reader.uint();
        break;
      case 48:
        diskMib = reader.uint();
        break;
      case 56:
        freeMemoryMib = reader.uint();
        break;
      case 64:
        freeDiskMib = reader.uint();
        break;
      case 72:
        freeCpus = reader.uint();
        break;
      case 82:
        (drivers ??= []).push(reader.string());
        break;
      case 88:
        vms = reader.uint();
        break;
      case 98:
        health = reader.string();
        break;
      case 104:
        silentMs = reader.uint();
        break;
      case 114:
        (labels ??= []).push(reader.string());
        break;
      case 242:
        (bridges ??= []).push(reader.string());
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { nodeId, name, admin, cpus, memoryMib, diskMib, freeMemoryMib, freeDiskMib, freeCpus, drivers: drivers ?? none, vms, health, silentMs, labels: labels ?? none, bridges: bridges ?? none };
}

export interface ImageListRequest {
  readonly read: Read | null;
}

export function writeImageListRequest(writer: Writer, message: Init<ImageListRequest>): void {
  if (message.read !== undefined && message.read !== null) writer.nested(10, writeRead, message.read);
}

export function readImageListRequest(reader: Reader, end: number): ImageListRequest {
  let read: Read | null = null;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        read = reader.nested(readRead);
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { read };
}

export interface ImageListResponse {
  readonly freshness: Freshness | null;
  readonly images: readonly ImageView[];
}

export function writeImageListResponse(writer: Writer, message: Init<ImageListResponse>): void {
  if (message.freshness !== undefined && message.freshness !== null) writer.nested(10, writeFreshness, message.freshness);
  for (const item of message.images ?? []) writer.nested(18, writeImageView, item);
}

export function readImageListResponse(reader: Reader, end: number): ImageListResponse {
  let freshness: Freshness | null = null;
  let images: ImageView[] | undefined;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        freshness = reader.nested(readFreshness);
        break;
      case 18:
        (images ??= []).push(reader.nested(readImageView));
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { freshness, images: images ?? none };
}

export interface ImageView {
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
  readonly manifest: string;
  readonly holderIds: readonly string[];
  readonly holderNames: readonly string[];
  readonly vms: readonly string[];
  readonly builtIn: boolean;
  readonly createdIndex: number;
}

export function writeImageView(writer: Writer, message: Init<ImageView>): void {
  if (message.name) writer.string(10, message.name);
  if (message.digest) writer.string(18, message.digest);
  if (message.bytes) writer.uint(24, message.bytes);
  if (message.manifest) writer.string(34, message.manifest);
  for (const item of message.holderIds ?? []) writer.string(42, item);
  for (const item of message.holderNames ?? []) writer.string(50, item);
  for (const item of message.vms ?? []) writer.string(58, item);
  if (message.builtIn) writer.bool(64, message.builtIn);
  if (message.createdIndex) writer.uint(72, message.createdIndex);
}

export function readImageView(reader: Reader, end: number): ImageView {
  let name: string = "";
  let digest: string = "";
  let bytes: number = 0;
  let manifest: string = "";
  let holderIds: string[] | undefined;
  let holderNames: string[] | undefined;
  let vms: string[] | undefined;
  let builtIn: boolean = false;
  let createdIndex: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        digest = reader.string();
        break;
      case 24:
        bytes = reader.uint();
        break;
      case 34:
        manifest = reader.string();
        break;
      case 42:
        (holderIds ??= []).push(reader.string());
        break;
      case 50:
        (holderNames ??= []).push(reader.string());
        break;
      case 58:
        (vms ??= []).push(reader.string());
        break;
      case 64:
        builtIn = reader.bool();
        break;
      case 72:
        createdIndex = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, digest, bytes, manifest, holderIds: holderIds ?? none, holderNames: holderNames ?? none, vms: vms ?? none, builtIn, createdIndex };
}

export interface ImageUploadRequest {
  readonly sha256: string;
  readonly bytes: number;
  readonly offset: number;
  readonly data: Buffer;
}

export function writeImageUploadRequest(writer: Writer, message: Init<ImageUploadRequest>): void {
  if (message.sha256) writer.string(10, message.sha256);
  if (message.bytes) writer.uint(16, message.bytes);
  if (message.offset) writer.uint(24, message.offset);
  if (message.data !== undefined && message.data.length > 0) writer.bytes(34, message.data);
}

export function readImageUploadRequest(reader: Reader, end: number): ImageUploadRequest {
  let sha256: string = "";
  let bytes: number = 0;
  let offset: number = 0;
  let data: Buffer = noBytes;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        sha256 = reader.string();
        break;
      case 16:
        bytes = reader.uint();
        break;
      case 24:
        offset = reader.uint();
        break;
      case 34:
        data = reader.bytes();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { sha256, bytes, offset, data };
}

export interface ImageUploadResponse {
  readonly received: number;
}

export function writeImageUploadResponse(writer: Writer, message: Init<ImageUploadResponse>): void {
  if (message.received) writer.uint(8, message.received);
}

export function readImageUploadResponse(reader: Reader, end: number): ImageUploadResponse {
  let received: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        received = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { received };
}

export interface ImageAddRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly manifest: string;
}

export function writeImageAddRequest(writer: Writer, message: Init<ImageAddRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.manifest) writer.string(26, message.manifest);
}

export function readImageAddRequest(reader: Reader, end: number): ImageAddRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let manifest: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 26:
        manifest = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, manifest };
}

export interface ImageRemoveRequest {
  readonly request: RequestId | null;
  readonly name: string;
  readonly force: boolean;
}

export function writeImageRemoveRequest(writer: Writer, message: Init<ImageRemoveRequest>): void {
  if (message.request !== undefined && message.request !== null) writer.nested(10, writeRequestId, message.request);
  if (message.name) writer.string(18, message.name);
  if (message.force) writer.bool(24, message.force);
}

export function readImageRemoveRequest(reader: Reader, end: number): ImageRemoveRequest {
  let request: RequestId | null = null;
  let name: string = "";
  let force: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        request = reader.nested(readRequestId);
        break;
      case 18:
        name = reader.string();
        break;
      case 24:
        force = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { request, name, force };
}

export interface ImageResponse {
  readonly index: number;
  readonly digest: string;
  readonly changed: boolean;
}

export function writeImageResponse(writer: Writer, message: Init<ImageResponse>): void {
  if (message.index) writer.uint(8, message.index);
  if (message.digest) writer.string(18, message.digest);
  if (message.changed) writer.bool(24, message.changed);
}

export function readImageResponse(reader: Reader, end: number): ImageResponse {
  let index: number = 0;
  let digest: string = "";
  let changed: boolean = false;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 8:
        index = reader.uint();
        break;
      case 18:
        digest = reader.string();
        break;
      case 24:
        changed = reader.bool();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { index, digest, changed };
}

export interface ImagePullRequest {
  readonly name: string;
  readonly node: string;
}

export function writeImagePullRequest(writer: Writer, message: Init<ImagePullRequest>): void {
  if (message.name) writer.string(10, message.name);
  if (message.node) writer.string(18, message.node);
}

export function readImagePullRequest(reader: Reader, end: number): ImagePullRequest {
  let name: string = "";
  let node: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        name = reader.string();
        break;
      case 18:
        node = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { name, node };
}

export interface ImageProgress {
  readonly part: string;
  readonly from: string;
  readonly bytes: number;
  readonly total: number;
  readonly done: boolean;
  readonly digest: string;
  readonly nodeId: string;
}

export function writeImageProgress(writer: Writer, message: Init<ImageProgress>): void {
  if (message.part) writer.string(10, message.part);
  if (message.from) writer.string(18, message.from);
  if (message.bytes) writer.uint(24, message.bytes);
  if (message.total) writer.uint(32, message.total);
  if (message.done) writer.bool(40, message.done);
  if (message.digest) writer.string(50, message.digest);
  if (message.nodeId) writer.string(58, message.nodeId);
}

export function readImageProgress(reader: Reader, end: number): ImageProgress {
  let part: string = "";
  let from: string = "";
  let bytes: number = 0;
  let total: number = 0;
  let done: boolean = false;
  let digest: string = "";
  let nodeId: string = "";
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        part = reader.string();
        break;
      case 18:
        from = reader.string();
        break;
      case 24:
        bytes = reader.uint();
        break;
      case 32:
        total = reader.uint();
        break;
      case 40:
        done = reader.bool();
        break;
      case 50:
        digest = reader.string();
        break;
      case 58:
        nodeId = reader.string();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { part, from, bytes, total, done, digest, nodeId };
}

export interface ImageFetchRequest {
  readonly sha256: string;
  readonly offset: number;
}

export function writeImageFetchRequest(writer: Writer, message: Init<ImageFetchRequest>): void {
  if (message.sha256) writer.string(10, message.sha256);
  if (message.offset) writer.uint(16, message.offset);
}

export function readImageFetchRequest(reader: Reader, end: number): ImageFetchRequest {
  let sha256: string = "";
  let offset: number = 0;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        sha256 = reader.string();
        break;
      case 16:
        offset = reader.uint();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { sha256, offset };
}

export interface ImagePiece {
  readonly data: Buffer;
}

export function writeImagePiece(writer: Writer, message: Init<ImagePiece>): void {
  if (message.data !== undefined && message.data.length > 0) writer.bytes(10, message.data);
}

export function readImagePiece(reader: Reader, end: number): ImagePiece {
  let data: Buffer = noBytes;
  while (reader.at < end) {
    const tag = reader.uint();
    switch (tag) {
      case 10:
        data = reader.bytes();
        break;
      default:
        reader.unknown(tag);
    }
  }
  reader.ended(end);
  return { data };
}

export const peerMethods = {
  connect: method(
    "/blixard.v1.Peer/Connect",
    [true, true] as const,
    [writePeerFrame, readPeerFrame],
    [writePeerFrame, readPeerFrame],
  ),
  pullSnapshot: method(
    "/blixard.v1.Peer/PullSnapshot",
    [false, true] as const,
    [writePullSnapshotRequest, readPullSnapshotRequest],
    [writeSnapshotChunk, readSnapshotChunk],
  ),
};

export const clusterMethods = {
  nodeStatus: method(
    "/blixard.v1.Cluster/NodeStatus",
    [false, false] as const,
    [writeNodeStatusRequest, readNodeStatusRequest],
    [writeNodeStatusResponse, readNodeStatusResponse],
  ),
  stopNode: method(
    "/blixard.v1.Cluster/StopNode",
    [false, false] as const,
    [writeStopNodeRequest, readStopNodeRequest],
    [writeStopNodeResponse, readStopNodeResponse],
  ),
  initialize: method(
    "/blixard.v1.Cluster/Initialize",
    [false, false] as const,
    [writeInitializeRequest, readInitializeRequest],
    [writeInitializeResponse, readInitializeResponse],
  ),
  createToken: method(
    "/blixard.v1.Cluster/CreateToken",
    [false, false] as const,
    [writeCreateTokenRequest, readCreateTokenRequest],
    [writeCreateTokenResponse, readCreateTokenResponse],
  ),
  joinCluster: method(
    "/blixard.v1.Cluster/JoinCluster",
    [false, false] as const,
    [writeJoinClusterRequest, readJoinClusterRequest],
    [writeJoinClusterResponse, readJoinClusterResponse],
  ),
  addMember: method(
    "/blixard.v1.Cluster/AddMember",
    [false, false] as const,
    [writeAddMemberRequest, readAddMemberRequest],
    [writeAddMemberResponse, readAddMemberResponse],
  ),
  removeMember: method(
    "/blixard.v1.Cluster/RemoveMember",
    [false, false] as const,
    [writeRemoveMemberRequest, readRemoveMemberRequest],
    [writeRemoveMemberResponse, readRemoveMemberResponse],
  ),
  replaceMembers: method(
    "/blixard.v1.Cluster/ReplaceMembers",
    [false, false] as const,
    [writeReplaceMembersRequest, readReplaceMembersRequest],
    [writeReplaceMembersResponse, readReplaceMembersResponse],
  ),
  promoteMember: method(
    "/blixard.v1.Cluster/PromoteMember",
    [false, false] as const,
    [writePromoteMemberRequest, readPromoteMemberRequest],
    [writePromoteMemberResponse, readPromoteMemberResponse],
  ),
  preferLeader: method(
    "/blixard.v1.Cluster/PreferLeader",
    [false, false] as const,
    [writePreferLeaderRequest, readPreferLeaderRequest],
    [writePreferLeaderResponse, readPreferLeaderResponse],
  ),
  transferLeadership: method(
    "/blixard.v1.Cluster/TransferLeadership",
    [false, false] as const,
    [writeTransferLeadershipRequest, readTransferLeadershipRequest],
    [writeTransferLeadershipResponse, readTransferLeadershipResponse],
  ),
  clusterStatus: method(
    "/blixard.v1.Cluster/ClusterStatus",
    [false, false] as const,
    [writeClusterStatusRequest, readClusterStatusRequest],
    [writeClusterStatusResponse, readClusterStatusResponse],
  ),
  identify: method(
    "/blixard.v1.Cluster/Identify",
    [false, false] as const,
    [writeIdentifyRequest, readIdentifyRequest],
    [writeIdentifyResponse, readIdentifyResponse],
  ),
  events: method(
    "/blixard.v1.Cluster/Events",
    [false, true] as const,
    [writeEventsRequest, readEventsRequest],
    [writeEventsResponse, readEventsResponse],
  ),
  backup: method(
    "/blixard.v1.Cluster/Backup",
    [false, true] as const,
    [writeBackupRequest, readBackupRequest],
    [writeBackupChunk, readBackupChunk],
  ),
};

export const kvMethods = {
  put: method(
    "/blixard.v1.Kv/Put",
    [false, false] as const,
    [writeKvPutRequest, readKvPutRequest],
    [writeKvWriteResponse, readKvWriteResponse],
  ),
  putIfAbsent: method(
    "/blixard.v1.Kv/PutIfAbsent",
    [false, false] as const,
    [writeKvPutRequest, readKvPutRequest],
    [writeKvWriteResponse, readKvWriteResponse],
  ),
  compareAndSwap: method(
    "/blixard.v1.Kv/CompareAndSwap",
    [false, false] as const,
    [writeKvCompareAndSwapRequest, readKvCompareAndSwapRequest],
    [writeKvWriteResponse, readKvWriteResponse],
  ),
  delete: method(
    "/blixard.v1.Kv/Delete",
    [false, false] as const,
    [writeKvDeleteRequest, readKvDeleteRequest],
    [writeKvWriteResponse, readKvWriteResponse],
  ),
  get: method(
    "/blixard.v1.Kv/Get",
    [false, false] as const,
    [writeKvGetRequest, readKvGetRequest],
    [writeKvGetResponse, readKvGetResponse],
  ),
  list: method(
    "/blixard.v1.Kv/List",
    [false, false] as const,
    [writeKvListRequest, readKvListRequest],
    [writeKvListResponse, readKvListResponse],
  ),
  batch: method(
    "/blixard.v1.Kv/Batch",
    [false, false] as const,
    [writeKvBatchRequest, readKvBatchRequest],
    [writeKvBatchResponse, readKvBatchResponse],
  ),
  watch: method(
    "/blixard.v1.Kv/Watch",
    [false, true] as const,
    [writeKvWatchRequest, readKvWatchRequest],
    [writeKvWatchResponse, readKvWatchResponse],
  ),
  session: method(
    "/blixard.v1.Kv/Session",
    [true, true] as const,
    [writeSessionRequest, readSessionRequest],
    [writeSessionResponse, readSessionResponse],
  ),
};

export const vmMethods = {
  create: method(
    "/blixard.v1.Vm/Create",
    [false, false] as const,
    [writeVmCreateRequest, readVmCreateRequest],
    [writeVmResponse, readVmResponse],
  ),
  start: method(
    "/blixard.v1.Vm/Start",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  stop: method(
    "/blixard.v1.Vm/Stop",
    [false, false] as const,
    [writeVmStopRequest, readVmStopRequest],
    [writeVmResponse, readVmResponse],
  ),
  delete: method(
    "/blixard.v1.Vm/Delete",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  list: method(
    "/blixard.v1.Vm/List",
    [false, false] as const,
    [writeVmListRequest, readVmListRequest],
    [writeVmListResponse, readVmListResponse],
  ),
  get: method(
    "/blixard.v1.Vm/Get",
    [false, false] as const,
    [writeVmGetRequest, readVmGetRequest],
    [writeVmResponse, readVmResponse],
  ),
  logs: method(
    "/blixard.v1.Vm/Logs",
    [false, true] as const,
    [writeVmLogsRequest, readVmLogsRequest],
    [writeVmLogsChunk, readVmLogsChunk],
  ),
  type: method(
    "/blixard.v1.Vm/Type",
    [false, false] as const,
    [writeVmTypeRequest, readVmTypeRequest],
    [writeVmTypeResponse, readVmTypeResponse],
  ),
  inspect: method(
    "/blixard.v1.Vm/Inspect",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmInspectResponse, readVmInspectResponse],
  ),
  exec: method(
    "/blixard.v1.Vm/Exec",
    [false, true] as const,
    [writeVmExecRequest, readVmExecRequest],
    [writeVmExecChunk, readVmExecChunk],
  ),
  feed: method(
    "/blixard.v1.Vm/Feed",
    [false, false] as const,
    [writeVmFeedRequest, readVmFeedRequest],
    [writeVmFeedResponse, readVmFeedResponse],
  ),
  pause: method(
    "/blixard.v1.Vm/Pause",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  resume: method(
    "/blixard.v1.Vm/Resume",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  restart: method(
    "/blixard.v1.Vm/Restart",
    [false, false] as const,
    [writeVmStopRequest, readVmStopRequest],
    [writeVmResponse, readVmResponse],
  ),
  migrate: method(
    "/blixard.v1.Vm/Migrate",
    [false, false] as const,
    [writeVmMigrateRequest, readVmMigrateRequest],
    [writeVmResponse, readVmResponse],
  ),
  carry: method(
    "/blixard.v1.Vm/Carry",
    [false, true] as const,
    [writeVmCarryRequest, readVmCarryRequest],
    [writeVmCarryChunk, readVmCarryChunk],
  ),
  plan: method(
    "/blixard.v1.Vm/Plan",
    [false, false] as const,
    [writeVmCreateRequest, readVmCreateRequest],
    [writeVmPlanResponse, readVmPlanResponse],
  ),
};

export const serviceMethods = {
  start: method(
    "/blixard.v1.Service/Start",
    [false, false] as const,
    [writeVmCreateRequest, readVmCreateRequest],
    [writeVmResponse, readVmResponse],
  ),
  stop: method(
    "/blixard.v1.Service/Stop",
    [false, false] as const,
    [writeVmStopRequest, readVmStopRequest],
    [writeVmResponse, readVmResponse],
  ),
  restart: method(
    "/blixard.v1.Service/Restart",
    [false, false] as const,
    [writeVmStopRequest, readVmStopRequest],
    [writeVmResponse, readVmResponse],
  ),
  remove: method(
    "/blixard.v1.Service/Remove",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  migrate: method(
    "/blixard.v1.Service/Migrate",
    [false, false] as const,
    [writeVmMigrateRequest, readVmMigrateRequest],
    [writeVmResponse, readVmResponse],
  ),
  list: method(
    "/blixard.v1.Service/List",
    [false, false] as const,
    [writeVmListRequest, readVmListRequest],
    [writeVmListResponse, readVmListResponse],
  ),
  get: method(
    "/blixard.v1.Service/Get",
    [false, false] as const,
    [writeVmGetRequest, readVmGetRequest],
    [writeVmResponse, readVmResponse],
  ),
  logs: method(
    "/blixard.v1.Service/Logs",
    [false, true] as const,
    [writeVmLogsRequest, readVmLogsRequest],
    [writeVmLogsChunk, readVmLogsChunk],
  ),
};

export const taskMethods = {
  submit: method(
    "/blixard.v1.Task/Submit",
    [false, false] as const,
    [writeVmCreateRequest, readVmCreateRequest],
    [writeVmResponse, readVmResponse],
  ),
  cancel: method(
    "/blixard.v1.Task/Cancel",
    [false, false] as const,
    [writeVmStopRequest, readVmStopRequest],
    [writeVmResponse, readVmResponse],
  ),
  remove: method(
    "/blixard.v1.Task/Remove",
    [false, false] as const,
    [writeVmNameRequest, readVmNameRequest],
    [writeVmResponse, readVmResponse],
  ),
  list: method(
    "/blixard.v1.Task/List",
    [false, false] as const,
    [writeVmListRequest, readVmListRequest],
    [writeVmListResponse, readVmListResponse],
  ),
  get: method(
    "/blixard.v1.Task/Get",
    [false, false] as const,
    [writeVmGetRequest, readVmGetRequest],
    [writeVmResponse, readVmResponse],
  ),
  logs: method(
    "/blixard.v1.Task/Logs",
    [false, true] as const,
    [writeVmLogsRequest, readVmLogsRequest],
    [writeVmLogsChunk, readVmLogsChunk],
  ),
};

export const workerMethods = {
  register: method(
    "/blixard.v1.Worker/Register",
    [false, false] as const,
    [writeWorkerRegisterRequest, readWorkerRegisterRequest],
    [writeWorkerResponse, readWorkerResponse],
  ),
  list: method(
    "/blixard.v1.Worker/List",
    [false, false] as const,
    [writeWorkerListRequest, readWorkerListRequest],
    [writeWorkerListResponse, readWorkerListResponse],
  ),
  setAdmin: method(
    "/blixard.v1.Worker/SetAdmin",
    [false, false] as const,
    [writeWorkerAdminRequest, readWorkerAdminRequest],
    [writeWorkerResponse, readWorkerResponse],
  ),
  remove: method(
    "/blixard.v1.Worker/Remove",
    [false, false] as const,
    [writeWorkerRemoveRequest, readWorkerRemoveRequest],
    [writeWorkerResponse, readWorkerResponse],
  ),
  reservations: method(
    "/blixard.v1.Worker/Reservations",
    [false, false] as const,
    [writeWorkerListRequest, readWorkerListRequest],
    [writeReservationListResponse, readReservationListResponse],
  ),
};

export const imageMethods = {
  list: method(
    "/blixard.v1.Image/List",
    [false, false] as const,
    [writeImageListRequest, readImageListRequest],
    [writeImageListResponse, readImageListResponse],
  ),
  upload: method(
    "/blixard.v1.Image/Upload",
    [false, false] as const,
    [writeImageUploadRequest, readImageUploadRequest],
    [writeImageUploadResponse, readImageUploadResponse],
  ),
  add: method(
    "/blixard.v1.Image/Add",
    [false, false] as const,
    [writeImageAddRequest, readImageAddRequest],
    [writeImageResponse, readImageResponse],
  ),
  remove: method(
    "/blixard.v1.Image/Remove",
    [false, false] as const,
    [writeImageRemoveRequest, readImageRemoveRequest],
    [writeImageResponse, readImageResponse],
  ),
  pull: method(
    "/blixard.v1.Image/Pull",
    [false, true] as const,
    [writeImagePullRequest, readImagePullRequest],
    [writeImageProgress, readImageProgress],
  ),
  fetch: method(
    "/blixard.v1.Image/Fetch",
    [false, true] as const,
    [writeImageFetchRequest, readImageFetchRequest],
    [writeImagePiece, readImagePiece],
  ),
};
