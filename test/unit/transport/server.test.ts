import { Client, Metadata, type MethodDefinition, type ServiceError, credentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { service as healthService } from "grpc-health-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { present } from "../../../src/assert.ts";
import { UserError } from "../../../src/errors.ts";
import { connectClient, type Connection } from "../../../src/transport/client.ts";
import type { ServiceHandlers } from "../../../src/transport/service.ts";
import { protoPath } from "../../../src/transport/wire.ts";
import { errorOf, handlersOf, startRelay, startServer, until } from "./loopback.ts";

function clientOf(address: string, timeoutMs = 25_000): Connection {
  const client = connectClient(address, { timeoutMs });
  onTestFinished(() => client.close());
  return client;
}

async function served(given: Parameters<typeof handlersOf>[0], timeoutMs?: number): Promise<Connection> {
  return clientOf((await startServer(handlersOf(given))).address, timeoutMs);
}

test("a call carries its request and deadline, and brings back the response", async () => {
  const get = vi.fn<ServiceHandlers["kv"]["get"]>((request) =>
    Promise.resolve({ item: { key: request.key, value: "v", version: 2 ** 40 }, freshness: { nodeId: "a", stale: true } }),
  );
  const client = await served({ kv: { get } }, 20_000);
  const response = await client.kv.get({ key: "k", read: { consistent: true } });
  expect(response).toEqual({
    freshness: { nodeId: "a", appliedIndex: 0, stale: true },
    item: { key: "k", value: "v", version: 2 ** 40, createdIndex: 0, changedIndex: 0 },
  });
  const [request, context] = get.mock.calls[0] ?? [];
  expect(request).toEqual({ key: "k", read: { consistent: true } });
  expect(context?.deadlineMs).toBeGreaterThan(0);
  expect(context?.deadlineMs).toBeLessThanOrEqual(20_000);
});

test("fields that are left out read as zero, optional ones as null", async () => {
  const compareAndSwap = vi.fn<ServiceHandlers["kv"]["compareAndSwap"]>(() => Promise.resolve({}));
  const client = await served({ kv: { compareAndSwap } });
  expect(await client.kv.compareAndSwap({ key: "k", ifVersion: 0 })).toEqual({ index: 0, version: 0 });
  expect(compareAndSwap.mock.calls[0]?.[0]).toEqual({ request: null, key: "k", value: "", ifVersion: 0, ifValue: null });
});

test("a UserError comes back as it was thrown", async () => {
  const place = { node: "n1", group: "meta", leader: "127.0.0.1:7", next: "Ask ünser leader." };
  const client = await served({ vm: { create: () => Promise.reject(new UserError("NOT_LEADER", "nicht hier: ü", place)) } });
  const error = await errorOf(client.vm.create({ name: "vm" }));
  expect([error.code, error.message, error.place]).toEqual(["NOT_LEADER", "nicht hier: ü", place]);
});

test("a bug of a handler is reported with its stack and told in general words", async () => {
  const { address, reports } = await startServer(handlersOf({ worker: { list: () => Promise.reject(new Error("secret detail")) } }));
  const error = await errorOf(clientOf(address).worker.list({}));
  expect(error.code).toBe("FAILED");
  expect(error.message).not.toContain("secret");
  expect(reports).toMatchObject([{ method: "/blixard.v1.Worker/List", error: { message: "secret detail" } }]);
});

test("a method that the daemon does not have is NOT_IMPLEMENTED", async () => {
  expect((await errorOf((await served({})).vm.list({}))).code).toBe("NOT_IMPLEMENTED");
});

test("nobody listens: UNREACHABLE, at once, naming the address", async () => {
  const { address, close } = await startServer(handlersOf({}));
  await close();
  const error = await errorOf(clientOf(address).vm.list({}));
  expect([error.code, error.message]).toEqual(["UNREACHABLE", `no daemon can be reached at ${address}: the connection was refused`]);
});

test("no answer in time: TIMEOUT; for a write the outcome is unknown", async () => {
  const never = (): Promise<never> => new Promise(() => {});
  const client = await served({ kv: { put: never, get: never } });
  const write = await errorOf(client.kv.put({ key: "k" }, { timeoutMs: 50 }));
  expect([write.code, write.message]).toEqual(["TIMEOUT", expect.stringMatching(/within 50 ms: outcome unknown$/)]);
  const read = await errorOf(client.kv.get({ key: "k" }, { timeoutMs: 50 }));
  expect([read.code, read.message]).toEqual(["TIMEOUT", expect.stringMatching(/within 50 ms$/)]);
});

test("the daemon stops with calls under way: they end at once, the outcome unknown", async () => {
  let calls = 0;
  const never = (): Promise<never> => {
    calls += 1;
    return new Promise(() => {});
  };
  const { address, close } = await startServer(handlersOf({ kv: { put: never, get: never } }));
  const client = clientOf(address);
  const both = [errorOf(client.kv.put({ key: "k" })), errorOf(client.kv.get({ key: "k" }))];
  await until(() => expect(calls).toBe(2));
  await close();
  // Long before their own deadline, which would be a TIMEOUT.
  expect((await Promise.all(both)).map(({ code }) => code)).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
});

test("the connection breaks with calls under way: a write's outcome is unknown, a read was just not reached", async () => {
  let calls = 0;
  const never = (): Promise<never> => {
    calls += 1;
    return new Promise(() => {});
  };
  const { address } = await startServer(handlersOf({ kv: { put: never, get: never } }));
  const relay = await startRelay(address);
  const client = clientOf(relay.address);
  const both = [errorOf(client.kv.put({ key: "k" })), errorOf(client.kv.get({ key: "k" }))];
  await until(() => expect(calls).toBe(2));
  relay.cut();
  expect((await Promise.all(both)).map(({ code }) => code)).toEqual(["OUTCOME_UNKNOWN", "UNREACHABLE"]);
});

test("a daemon that stands still for two seconds, as on a busy machine, answers behind them", async () => {
  const get: ServiceHandlers["kv"]["get"] = async () => ({ item: { key: "k", value: "v" } });
  const put: ServiceHandlers["kv"]["put"] = async () => ({ index: 7, version: 1 });
  const relay = await startRelay((await startServer(handlersOf({ kv: { get, put } }))).address);
  const client = clientOf(relay.address, 60_000);
  await client.kv.get({ key: "k" });
  const release = relay.hold();
  const written = client.kv.put({ key: "k", value: "v" });
  setTimeout(release, 2_000);
  expect(await written).toMatchObject({ index: 7 });
});

test("a call whose client is gone is told so by its signal", async () => {
  let came = false;
  let aborted = false;
  const get: ServiceHandlers["kv"]["get"] = (_, { signal }) => {
    came = true;
    return new Promise(() => signal.addEventListener("abort", () => (aborted = true)));
  };
  const relay = await startRelay((await startServer(handlersOf({ kv: { get } }))).address);
  const call = errorOf(clientOf(relay.address).kv.get({ key: "k" }));
  await until(() => expect(came).toBe(true));
  expect(aborted).toBe(false);
  relay.cut();
  await call;
  await until(() => expect(aborted).toBe(true));
});

test("a call whose deadline passes while it is answered is told so by its signal", async () => {
  const came: AbortSignal[] = [];
  const get: ServiceHandlers["kv"]["get"] = (_, { signal }) => {
    came.push(signal);
    return new Promise(() => {});
  };
  const client = await served({ kv: { get } });
  // On a slow machine a short deadline may pass before the call arrives: then a longer one is tried.
  for (let timeoutMs = 50; came.length === 0; timeoutMs *= 2) await errorOf(client.kv.get({ key: "k" }, { timeoutMs }));
  await until(() => expect(came.every(({ aborted }) => aborted)).toBe(true));
});

test("a request too large is refused by the client, an answer too large too", async () => {
  const client = await served({ kv: { put: () => Promise.resolve({}), get: () => Promise.resolve({ item: { value: "x".repeat(5e6) } }) } });
  expect((await errorOf(client.kv.put({ key: "k", value: "x".repeat(5e6) }))).code).toBe("MESSAGE_TOO_LARGE");
  expect((await errorOf(client.kv.get({ key: "k" }))).code).toBe("MESSAGE_TOO_LARGE");
});

/** Sends bytes to a method and returns the error that comes back. */
async function sendBytes(address: string, path: string, bytes: Buffer): Promise<ServiceError> {
  const client = new Client(`ipv4:${address}`, credentials.createInsecure(), { "grpc.max_send_message_length": -1 });
  onTestFinished(() => client.close());
  const asIs = (value: Buffer): Buffer => value;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, bytes, new Metadata(), { deadline: Date.now() + 25_000 }, (error) => {
      if (error === null) reject(new Error("an error was expected"));
      else resolve(error);
    });
  });
}

test("bytes that are no request, and more than 4 MiB of them, are refused with a clear error", async () => {
  const put = vi.fn<ServiceHandlers["kv"]["put"]>(() => Promise.resolve({}));
  const { address, reports } = await startServer(handlersOf({ kv: { put } }));
  const malformed = await sendBytes(address, "/blixard.v1.Kv/Put", Buffer.from([0xff, 0xff]));
  expect([malformed.code, malformed.details]).toEqual([3, "the request is malformed: a message is cut short"]);
  const large = await sendBytes(address, "/blixard.v1.Kv/Put", Buffer.alloc(5 * 1024 * 1024));
  expect([large.code, large.details]).toEqual([8, expect.stringContaining("larger than max")]);
  expect([put.mock.calls, reports]).toEqual([[], []]);
});

test("logs stream until they end, until the client stops, or until an error", async () => {
  let stopped = false;
  const client = await served({
    vm: {
      async *logs({ name, tail }, { signal }) {
        signal.addEventListener("abort", () => (stopped = true));
        if (name === "gone") throw new UserError("NOT_FOUND", "no such vm");
        for (let line = 0; line < tail; line++) yield { text: Buffer.from(`${line}\n`) };
        if (name === "endless") while (!signal.aborted) yield { text: Buffer.alloc(1000) };
      },
    },
  });
  let text = "";
  for await (const chunk of client.vm.logs({ name: "vm", tail: 100 })) text += chunk.text.toString();
  expect(text.split("\n")).toHaveLength(101);
  expect((await errorOf(client.vm.logs({ name: "gone" })[Symbol.asyncIterator]().next())).code).toBe("NOT_FOUND");
  for await (const chunk of client.vm.logs({ name: "endless" })) if (chunk.text.length > 0) break;
  await until(() => expect(stopped).toBe(true));
});

test.each([
  ["nonsense", "INVALID_ARGUMENT", "must have the form host:port"],
  ["127.0.0.1:99999", "INVALID_ARGUMENT", "the port must be"],
  ["192.0.2.1:7001", "INVALID_ARGUMENT", "no address of this machine"],
  ["no-such-host.invalid:7001", "INVALID_ARGUMENT", "no address of this machine"],
])("listening on %s is refused", async (address, code, message) => {
  const error = await errorOf(startServer(handlersOf({}), address));
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
});

test("a port in use is PORT_IN_USE and names the address", async () => {
  const { address } = await startServer(handlersOf({}));
  const error = await errorOf(startServer(handlersOf({}), address));
  expect([error.code, error.message]).toEqual(["PORT_IN_USE", `cannot listen on ${address}: another program uses this port`]);
});

test("IPv6 and localhost work", async () => {
  const vm = { list: () => Promise.resolve({}) };
  const six = await startServer(handlersOf({ vm }), "[::1]:0");
  expect(six.address).toMatch(/^\[::1\]:\d+$/);
  expect((await clientOf(six.address).vm.list({})).vms).toEqual([]);
  const local = await startServer(handlersOf({ vm }), "localhost:0");
  expect((await clientOf(local.address.replace("127.0.0.1", "localhost")).vm.list({})).vms).toEqual([]);
});

test("health says whether the daemon serves; reflection lists the services", async () => {
  const { address, server } = await startServer(handlersOf({}));
  const client = new Client(`ipv4:${address}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = present(healthService["Check"], "health has Check") as MethodDefinition<object, object>;
  const check = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "blixard.v1.Kv" }, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
  expect(await check()).toMatchObject({ status: "NOT_SERVING" });
  server.setServing(true);
  expect(await check()).toMatchObject({ status: "SERVING" });
  const asIs = (bytes: Buffer): Buffer => bytes;
  const reflection = client.makeBidiStreamRequest("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", asIs, asIs);
  const answer = new Promise<Buffer>((resolve) => reflection.once("data", resolve));
  // ServerReflectionRequest { list_services: "" }
  reflection.write(Buffer.from([(7 << 3) | 2, 0]));
  const services = (await answer).toString("latin1");
  for (const name of ["Peer", "Cluster", "Kv", "Vm", "Worker"]) expect(services).toContain(`blixard.v1.${name}`);
  reflection.end();
  expect(Object.keys(loadSync(protoPath))).toContain("blixard.v1.Kv");
});
