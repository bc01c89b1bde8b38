/**
 * A gRPC client with as little in it as HTTP/2 allows, so that measuring costs the servers' processors little: frames are
 * made by hand, all that one turn wants to send goes in one write. Measured beside grpc-js in `README.md`.
 */

import { type Socket, connect } from "node:net";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const frame = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const;
const headBytes = 9;
/** What the server may send before it is told that more is welcome. */
const receiveWindow = 1 << 30;

/** Called with the answer's message, or undefined when the call failed. */
export type Answered = (message: Buffer | undefined) => void;

interface Call {
  readonly done: Answered;
  message: Buffer | undefined;
}

function head(length: number, type: number, flags: number, stream: number): Buffer {
  const bytes = Buffer.alloc(headBytes);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  return bytes;
}

function windowUpdate(bytes: number): Buffer {
  const update = Buffer.concat([head(4, frame.windowUpdate, 0, 0), Buffer.alloc(4)]);
  update.writeUInt32BE(bytes, headBytes);
  return update;
}

function literal(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

/** The header block of the first request, whose names and values the server keeps (RFC 7541, 6.2.1) … */
function firstHeaders(path: string, authority: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // :method POST, :scheme http
    Buffer.from([0x44]), literal(path),
    Buffer.from([0x41]), literal(authority),
    Buffer.from([0x5f]), literal("application/grpc"),
    Buffer.from([0x40]), literal("te"), literal("trailers"),
  ]);
}

/** … and of all later ones, which name what it kept: the latest is 62. */
const laterHeaders = Buffer.from([0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe]);

/** One connection for unary calls of one method. */
export class Http2Connection {
  private readonly socket: Socket;
  private readonly first: Buffer;
  private readonly calls = new Map<number, Call>();
  private readonly over: (reason: string) => void;
  private nextStream = 1;
  private sendWindow = 65_535;
  /** Requests that wait for the window. */
  private readonly held: (readonly [Buffer, Answered])[] = [];
  private out: Buffer[] = [];
  private rest: Buffer | undefined;
  private received = 0;

  /** `over`: the connection broke, and no call on it will be answered. */
  constructor(port: number, path: string, over: (reason: string) => void) {
    this.first = firstHeaders(path, `127.0.0.1:${port}`);
    this.over = over;
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.socket.on("data", (bytes) => this.receive(bytes));
    this.socket.on("error", (error) => over(error.message));
    this.socket.on("close", () => over("the server closed the connection"));
    this.write(preface);
    this.write(head(0, frame.settings, 0, 0));
    this.write(windowUpdate(receiveWindow));
  }

  call(message: Buffer, done: Answered): void {
    if (message.length + 5 > this.sendWindow) {
      this.held.push([message, done]);
      return;
    }
    const stream = this.nextStream;
    this.nextStream += 2;
    this.sendWindow -= message.length + 5;
    this.calls.set(stream, { done, message: undefined });
    const headers = stream === 1 ? this.first : laterHeaders;
    const bytes = Buffer.allocUnsafe(headBytes * 2 + headers.length + 5 + message.length);
    head(headers.length, frame.headers, flag.endHeaders, stream).copy(bytes);
    headers.copy(bytes, headBytes);
    const at = headBytes + headers.length;
    head(message.length + 5, frame.data, flag.endStream, stream).copy(bytes, at);
    bytes[at + headBytes] = 0;
    bytes.writeUInt32BE(message.length, at + headBytes + 1);
    message.copy(bytes, at + headBytes + 5);
    this.write(bytes);
  }

  close(): void {
    this.socket.removeAllListeners("close");
    this.socket.on("close", () => undefined);
    this.socket.destroy();
  }

  private write(bytes: Buffer): void {
    this.out.push(bytes);
    if (this.out.length > 1) return;
    process.nextTick(() => {
      const { out } = this;
      this.out = [];
      this.socket.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
    });
  }

  private receive(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (at + headBytes <= bytes.length) {
      const end = at + headBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5);
      this.take(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes.subarray(at + headBytes, end));
      at = end;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  private take(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case frame.data:
        return this.takeData(flags, stream, payload);
      case frame.headers:
        if ((flags & flag.endStream) !== 0) this.finish(stream);
        return;
      case frame.reset:
        return this.finish(stream);
      case frame.settings:
        if ((flags & flag.ack) === 0) this.write(head(0, frame.settings, flag.ack, 0));
        return;
      case frame.ping:
        if ((flags & flag.ack) === 0) this.write(Buffer.concat([head(8, frame.ping, flag.ack, 0), payload]));
        return;
      case frame.goAway:
        return this.over("the server sent GOAWAY");
      case frame.windowUpdate:
        if (stream === 0) this.widen(payload.readUInt32BE(0));
        return;
      default:
        return;
    }
  }

  private takeData(flags: number, stream: number, payload: Buffer): void {
    const call = this.calls.get(stream);
    if (call !== undefined && payload.length > 5) call.message = payload.subarray(5);
    this.received += payload.length;
    if (this.received > receiveWindow / 2) {
      this.write(windowUpdate(this.received));
      this.received = 0;
    }
    if ((flags & flag.endStream) !== 0) this.finish(stream);
  }

  private widen(bytes: number): void {
    this.sendWindow += bytes;
    for (const [message, done] of this.held.splice(0)) this.call(message, done);
  }

  private finish(stream: number): void {
    const call = this.calls.get(stream);
    if (call === undefined) return;
    this.calls.delete(stream);
    call.done(call.message);
  }
}
