/** What the load generator says to either system, as bytes. */

import { writeKvPutRequest } from "../src/transport/messages.generated.ts";
import { encode } from "../src/transport/wire.ts";

export const etcdRangePath = "/etcdserverpb.KV/Range";
export const etcdPutPath = "/etcdserverpb.KV/Put";
export const etcdStatusPath = "/etcdserverpb.Maintenance/Status";
export const blixardPutPath = "/blixard.v1.Kv/Put";

function varint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
  bytes[at++] = rest;
  return at;
}

/** etcd's PutRequest: key 1, value 2. Both ASCII. */
export function etcdPut(key: string, value: string): Buffer {
  const bytes = Buffer.allocUnsafe(12 + key.length + value.length);
  bytes[0] = 0x0a;
  let at = varint(bytes, 1, key.length);
  at += bytes.write(key, at, "latin1");
  bytes[at] = 0x12;
  at = varint(bytes, at + 1, value.length);
  at += bytes.write(value, at, "latin1");
  return bytes.subarray(0, at);
}

/** etcd's RangeRequest for one key (1), linearizable as it is by default. */
export function etcdRange(key: string): Buffer {
  const bytes = Buffer.allocUnsafe(6 + key.length);
  bytes[0] = 0x0a;
  const at = varint(bytes, 1, key.length);
  return bytes.subarray(0, at + bytes.write(key, at, "latin1"));
}

/** One client's request number `sequence`; all before it are answered. */
export function blixardPut(client: string, sequence: number, key: string, value: string): Buffer {
  return encode(writeKvPutRequest, { request: { client, sequence, acknowledged: sequence }, key, value });
}

/** Whether the member that answered a StatusRequest leads: header.member_id (1.2) is leader (4). */
export function etcdLeads(status: Buffer): boolean {
  const own = numberAt(bytesAt(status, 1) ?? Buffer.alloc(0), 2);
  return own !== undefined && own !== 0n && own === numberAt(status, 4);
}

/** The fields of a protobuf message: number, and bytes or unsigned number. */
function* fieldsOf(message: Buffer): Generator<readonly [number, Buffer | bigint]> {
  let at = 0;
  const read = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7n;
    }
  };
  while (at < message.length) {
    const tag = Number(read());
    if ((tag & 7) === 0) yield [tag >> 3, read()];
    else {
      const length = Number(read());
      yield [tag >> 3, message.subarray(at, (at += length))];
    }
  }
}

function bytesAt(message: Buffer, number: number): Buffer | undefined {
  for (const [found, value] of fieldsOf(message)) if (found === number && typeof value !== "bigint") return value;
  return undefined;
}

function numberAt(message: Buffer, number: number): bigint | undefined {
  for (const [found, value] of fieldsOf(message)) if (found === number && typeof value === "bigint") return value;
  return undefined;
}
