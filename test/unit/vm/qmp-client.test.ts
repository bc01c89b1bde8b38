import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { QmpClient } from "../../../src/vm/qmp-client.ts";

const greeting = '{"QMP": {"version": {}, "capabilities": ["oob"]}}\r\n';

describe("the QMP client", () => {
  let root: string;
  let dir: { path: string };
  let server: Server;
  let descriptor: number;
  let sockets: Socket[];

  /** A QEMU that answers by `answer`, one line for one line; null: no answer. */
  async function qemu(answer: (command: { execute: string; id: number }) => string | null, first = greeting): Promise<void> {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.write(first);
      let text = "";
      socket.setEncoding("utf8").on("data", (piece: string) => {
        const lines = (text + piece).split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) {
          const reply = answer(JSON.parse(line));
          if (reply !== null) socket.write(reply);
        }
      });
    });
    // As QEMU does: bound by a short path, found by a long one.
    server.listen(`/proc/self/fd/${descriptor}/qmp.sock`);
    await once(server, "listening");
  }

  const agreeable = ({ execute, id }: { execute: string; id: number }) =>
    execute === "qmp_capabilities" ? `{"return": {}, "id": ${id}}\r\n` : null;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "blixard-qmp-"));
    dir = { path: join(root, "deep".repeat(50)) };
    sockets = [];
    mkdirSync(dir.path);
    descriptor = openSync(dir.path, "r");
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
    closeSync(descriptor);
    rmSync(root, { recursive: true });
  });

  const connect = (deadlineMs = 5_000, onEnd = () => {}) => QmpClient.connect(dir, "qmp.sock", deadlineMs, onEnd);

  test("matches answers to commands, among events, in whatever pieces they come", async () => {
    await qemu(({ execute, id }) => `{"event": "RESUME"}\r\n{"return": "${execute}", "id": ${id}}\r\n`);
    const client = await connect();
    const answers = await Promise.all([client.execute("stop", {}, 5_000), client.execute("cont", {}, 5_000)]);
    expect(answers).toEqual(["stop", "cont"]);
    client.close();
  });

  test("a refusal is an error that says why", async () => {
    await qemu(({ execute, id }) =>
      execute === "qmp_capabilities" ? `{"return": {}, "id": ${id}}\n` : `{"error": {"class": "CommandNotFound"}, "id": ${id}}\n`,
    );
    const client = await connect();
    await expect(client.execute("dance", {}, 5_000)).rejects.toThrowError(/CommandNotFound/);
    client.close();
  });

  test("a command that is not answered ends at its deadline, and a late answer disturbs nothing", async () => {
    let late = 0;
    await qemu(({ execute, id }) => {
      if (execute === "query-status") return void (late = id), null;
      return execute === "stop" ? `{"return": "late", "id": ${late}}\n{"return": "now", "id": ${id}}\n` : agreeable({ execute, id });
    });
    const client = await connect();
    await expect(client.execute("query-status", {}, 50)).rejects.toThrowError(/within 50 ms/);
    expect(await client.execute("stop", {}, 5_000)).toBe("now");
    client.close();
  });

  test("no greeting, because another client is served: an error at the deadline", async () => {
    await qemu(agreeable, "");
    await expect(connect(50)).rejects.toThrowError(/greeting within 50 ms/);
  });

  test("what is no QMP is refused", async () => {
    await qemu(agreeable, "SSH-2.0-OpenSSH\r\n");
    await expect(connect()).rejects.toThrowError(/not a QMP message: SSH/);
  });

  test("a message without end is refused", async () => {
    await qemu(agreeable, "x".repeat(2 * 1024 * 1024));
    await expect(connect()).rejects.toThrowError(/too long/);
  });

  test("when QEMU goes away, what waits is told at once", async () => {
    await qemu(agreeable);
    let ended = 0;
    const client = await connect(5_000, () => ended++);
    const waiting = expect(client.execute("quit", {}, 60_000)).rejects.toThrowError(/closed|ECONNRESET/);
    for (const socket of sockets) socket.destroy();
    await waiting;
    await expect(client.execute("stop", {}, 60_000)).rejects.toThrowError();
    await expect.poll(() => ended).toBe(1);
  });

  test("no socket: an error at once", async () => {
    await expect(connect()).rejects.toThrowError(/ENOENT/);
  });
});
