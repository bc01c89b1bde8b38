import { Client, Metadata, type ServiceError, credentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { type SessionRequest, kvMethods } from "../../../src/transport/messages.generated.ts";
import type { SessionHandler, SessionStream } from "../../../src/transport/service.ts";
import { type Session, type SessionOptions, openSession } from "../../../src/transport/session.ts";
import { encode } from "../../../src/transport/wire.ts";
import { writeSessionRequest } from "../../../src/transport/messages.generated.ts";
import { type ServerOfTest, errorOf, handlersOf, startServer, until } from "./loopback.ts";

type Answer = (request: SessionRequest, stream: SessionStream) => void;

interface Daemon extends ServerOfTest {
  /** What came, in order, of all streams. */
  readonly requests: SessionRequest[];
  readonly opened: string[];
  ended: number;
}

async function startDaemon(answer: Answer, address?: string, appliedIndex = 0): Promise<Daemon> {
  const requests: SessionRequest[] = [];
  const opened: string[] = [];
  const session = (stream: SessionStream): SessionHandler => ({
    request(request) {
      if (request.operation?.kind !== "open") {
        requests.push(request);
        answer(request, stream);
        return;
      }
      opened.push(request.operation.value);
      stream.respond({ sequence: 0, result: { kind: "opened", value: request.operation.value }, appliedIndex });
    },
    ended: () => (daemon.ended += 1),
  });
  const daemon: Daemon = { ...(await startServer(handlersOf({ kv: { session } }), address)), requests, opened, ended: 0 };
  return daemon;
}

function session(addresses: string | readonly string[], options: SessionOptions = {}): Session {
  const opened = openSession(addresses, { timeoutMs: 25_000, ...options });
  onTestFinished(() => opened.close());
  return opened;
}

const echo: Answer = ({ sequence, operation }, stream) => {
  if (operation?.kind === "get") stream.respond({ sequence, result: { kind: "get", value: { item: { key: operation.value.key } } } });
  else stream.respond({ sequence, result: { kind: "write", value: { index: sequence, version: 1 } } });
};

test("many requests at once go out in order and each gets its own answer", async () => {
  const daemon = await startDaemon(echo);
  const program = session(daemon.address, { maxInFlight: 64 });
  const writes = Array.from({ length: 1000 }, (_, i) => program.put(`k${i}`, "v"));
  expect((await Promise.all(writes)).map(({ index }) => index)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  expect(daemon.requests.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  expect(daemon.opened).toEqual([program.name]);
  // All before it were answered when the next goes.
  expect(await program.get("k")).toMatchObject({ item: { key: "k" } });
  expect(daemon.requests.at(-1)).toMatchObject({ sequence: 1001, acknowledged: 1001, operation: { kind: "get", value: { read: { consistent: true } } } });
});

test("every operation carries what it was given", async () => {
  const daemon = await startDaemon(echo);
  const program = session(daemon.address);
  await program.putIfAbsent("a", "1");
  await program.compareAndSwap("a", "2", { ifVersion: 0 });
  await program.compareAndSwap("a", "3", { ifValue: "2" });
  await program.delete("a");
  await program.delete("a", 7);
  await program.get("a", false);
  const request = null;
  expect(daemon.requests.map(({ operation }) => operation)).toEqual([
    { kind: "putIfAbsent", value: { request, key: "a", value: "1" } },
    { kind: "compareAndSwap", value: { request, key: "a", value: "2", ifVersion: 0, ifValue: null } },
    { kind: "compareAndSwap", value: { request, key: "a", value: "3", ifVersion: null, ifValue: "2" } },
    { kind: "delete", value: { request, key: "a", ifVersion: null } },
    { kind: "delete", value: { request, key: "a", ifVersion: 7 } },
    { kind: "get", value: { key: "a", read: { consistent: false } } },
  ]);
});

test("answers out of order find their request; acknowledged waits for the oldest", async () => {
  const held: (() => void)[] = [];
  const daemon = await startDaemon((request, stream) => {
    if (request.sequence === 1) held.push(() => echo(request, stream));
    else echo(request, stream);
  });
  const program = session(daemon.address);
  const first = program.put("a", "1");
  await program.put("b", "2");
  await program.put("c", "3");
  expect(daemon.requests.map(({ acknowledged }) => acknowledged)).toEqual([1, 1, 1]);
  held[0]?.();
  expect(await first).toEqual({ index: 1, version: 1 });
  await program.put("d", "4");
  expect(daemon.requests.at(-1)?.acknowledged).toBe(4);
});

test("a refusal rejects its request only; NO_LEADER and the like are tried again with the same sequence", async () => {
  let attempts = 0;
  const daemon = await startDaemon((request, stream) => {
    if (request.sequence === 1) throw new UserError("CONFLICT", "version is 3", { next: "Read it again." });
    attempts += 1;
    if (attempts < 3) stream.refuse(request.sequence, new UserError("NO_LEADER", "an election is on"));
    else echo(request, stream);
  });
  const program = session(daemon.address);
  const refused = await errorOf(program.put("a", "1"));
  expect([refused.code, refused.message, refused.place]).toEqual(["CONFLICT", "version is 3", { next: "Read it again." }]);
  expect(await program.put("b", "2")).toEqual({ index: 2, version: 1 });
  expect(daemon.requests.map(({ sequence }) => sequence)).toEqual([1, 2, 2, 2]);
});

test("when the daemon goes, the next is dialled and what is unanswered goes again with the same sequence", async () => {
  const first = await startDaemon((request, stream) => (request.sequence <= 10 ? echo(request, stream) : undefined), undefined, 33);
  const second = await startDaemon(echo, undefined, 99);
  const program = session([first.address, second.address]);
  const writes = Array.from({ length: 30 }, (_, i) => program.put(`k${i}`, "v"));
  await until(() => expect(first.requests).toHaveLength(30));
  await Promise.all(writes.slice(0, 10));
  await first.close();
  expect((await Promise.all(writes)).map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(second.requests.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i + 11));
  expect([first.opened, second.opened]).toEqual([[program.name], [program.name]]);
  // What may have been applied already is told from what is new, also when the session was forgotten meanwhile.
  expect(new Set(first.requests.map(({ opened }) => opened))).toEqual(new Set([null]));
  expect(new Set(second.requests.map(({ opened }) => opened))).toEqual(new Set([33]));
  await program.put("new", "v");
  expect(second.requests.at(-1)?.opened).toBe(null);
  await until(() => expect(first.ended).toBe(1));
});

test("the first daemon is dead from the start, the second serves", async () => {
  const dead = await startDaemon(echo);
  await dead.close();
  const daemon = await startDaemon(echo);
  expect(await session([dead.address, daemon.address]).put("a", "1")).toEqual({ index: 1, version: 1 });
});

test("a daemon that comes back is found again", async () => {
  const daemon = await startDaemon(echo);
  const program = session(daemon.address);
  await program.put("a", "1");
  await daemon.close();
  const again = program.put("b", "2");
  const revived = await startDaemon(echo, daemon.address);
  expect(await again).toEqual({ index: 2, version: 1 });
  expect(revived.requests.map(({ sequence }) => sequence)).toEqual([2]);
});

test("time runs out: never sent is UNREACHABLE, a lost read TIMEOUT, a lost write OUTCOME_UNKNOWN", async () => {
  const daemon = await startDaemon(() => {});
  // On a slow machine a short time may pass before anything is sent: then a longer one is tried.
  for (let timeoutMs = 150; ; timeoutMs *= 2) {
    const program = session(daemon.address, { timeoutMs });
    const both = [errorOf(program.put("a", "1")), errorOf(program.get("a"))];
    const codes = (await Promise.all(both)).map(({ code }) => code);
    if (daemon.requests.length === 0 && timeoutMs < 10_000) continue;
    expect(codes).toEqual(["OUTCOME_UNKNOWN", "TIMEOUT"]);
    break;
  }
  await daemon.close();
  expect((await errorOf(session(daemon.address, { timeoutMs: 50 }).put("a", "1"))).code).toBe("UNREACHABLE");
});

test("a closed session, an expired one, too many waiting, no or bad addresses", async () => {
  const daemon = await startDaemon(() => {});
  const program = session(daemon.address, { maxInFlight: 1, maxWaiting: 2 });
  const waiting = [errorOf(program.put("a", "1")), errorOf(program.put("b", "2"))];
  await until(() => expect(daemon.requests).toHaveLength(1));
  waiting.push(errorOf(program.put("c", "3")));
  expect((await errorOf(program.put("d", "4"))).code).toBe("OVERLOADED");
  program.close();
  expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
  expect((await errorOf(program.put("e", "5"))).code).toBe("OUTCOME_UNKNOWN");
  const gone = await startServer(
    handlersOf({
      kv: {
        session: (stream) => ({
          request: ({ sequence }) => stream.refuse(sequence, new UserError("SESSION_EXPIRED", "open another")),
          ended() {},
        }),
      },
    }),
  );
  expect((await errorOf(session(gone.address).put("a", "1"))).code).toBe("SESSION_EXPIRED");
  expect(() => openSession("nonsense")).toThrow(UserError);
  expect(() => openSession([])).toThrow(UserError);
});

test("a program that sends faster than it is answered is read no further than the bound", { timeout: 900_000 }, async () => {
  const held: (() => void)[] = [];
  const daemon = await startDaemon((request, stream) => held.push(() => echo(request, stream)));
  const program = session(daemon.address, { maxInFlight: 20_000, timeoutMs: 100_000 });
  // Large enough that a batch holds few requests.
  const value = "v".repeat(10_000);
  const writes = Array.from({ length: 5000 }, (_, i) => program.put(`k${i}`, value));
  let served = 0;
  let most = 0;
  await until(() => expect(held.length).toBeGreaterThanOrEqual(1024));
  while (served < writes.length) {
    await until(() => expect(held.length).toBeGreaterThan(served));
    most = Math.max(most, held.length - served);
    held[served++]?.();
  }
  await Promise.all(writes);
  expect(most).toBeLessThan(1024 + 17 * 110);
});

test("a value or an answer too large is refused alone; the stream goes on", async () => {
  const daemon = await startDaemon(({ sequence }, stream) => {
    stream.respond({ sequence, result: { kind: "get", value: { item: { value: "ü".repeat(sequence === 2 ? 2.2e6 : 1) } } } });
  });
  const program = session(daemon.address);
  expect((await errorOf(program.put("a", "ü".repeat(2.2e6)))).code).toBe("MESSAGE_TOO_LARGE");
  await program.get("a");
  expect((await errorOf(program.get("b"))).code).toBe("MESSAGE_TOO_LARGE");
  await program.get("c");
  expect([daemon.opened.length, daemon.requests.map(({ sequence }) => sequence)]).toEqual([1, [1, 2, 3]]);
});

test("a daemon that opens no session says why", async () => {
  const { address } = await startServer(
    handlersOf({
      kv: {
        session: () => {
          throw new UserError("SESSION_EXPIRED", "not here");
        },
      },
    }),
  );
  expect(await errorOf(session(address).put("a", "1"))).toMatchObject({ code: "SESSION_EXPIRED", message: "not here" });
});

test("bytes that are no request end the stream with a clear error, a bug with a general one", async () => {
  const daemon = await startDaemon(() => {
    throw new Error("bug");
  });
  const client = new Client(`ipv4:${daemon.address}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const asIs = (bytes: Buffer): Buffer => bytes;
  const send = (bytes: Buffer): Promise<ServiceError> => {
    const call = client.makeBidiStreamRequest(kvMethods.session.path, asIs, asIs, new Metadata(), {});
    call.on("data", () => {});
    call.write(bytes);
    return new Promise((resolve) => call.on("error", (error) => resolve(error as ServiceError)));
  };
  expect((await send(Buffer.from([0xff]))).details).toBe("a request is malformed: a message is cut short");
  expect((await send(Buffer.alloc(0))).details).toContain("it asks for nothing");
  expect((await send(encode(writeSessionRequest, { operation: { kind: "get", value: {} } }))).details).toContain("failed inside the daemon");
  expect(daemon.reports).toMatchObject([{ error: { message: "bug" } }]);
});
