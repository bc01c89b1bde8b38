/** What goes on inside of a VM that runs: it stands still and goes on, and it runs commands. */

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { readConsole } from "../../../src/vm/console-log.ts";
import type { VmHandle } from "../../../src/vm/driver.ts";
import type { GuestInput } from "../../../src/vm/guest-agent.ts";
import { adopt, forced, graceful, start } from "./driver-contract.ts";
import { bootMs, type Fixture, until } from "./fixture.ts";

export function describePause(fixture: Fixture): void {
  test("paused it stands still, also for the next daemon; resumed it goes on; what stands still can be stopped", async () => {
    const vm = fixture.vm();
    const first = await start(fixture.driver(), vm);
    await first.ready(bootMs);
    await first.pause(bootMs);
    await first.pause(bootMs);
    expect(await first.status(5_000)).toBe("paused");
    first.close();
    const second = await adopt(fixture.driver(), vm);
    expect(await second.status(5_000)).toBe("paused");
    await second.resume(bootMs);
    await second.resume(bootMs);
    expect(await second.status(5_000)).toBe("running");
    expect(second.identity).toEqual(first.identity);
    await second.pause(bootMs);
    expect(await second.stop(graceful)).toMatchObject({ how: "host-stop" });
    await expect(second.pause(200)).rejects.toMatchObject({ code: "DRIVER_FAILED" });
  });
}

export function describeExec(fixture: Fixture): void {
  test("a command in the guest: its outputs apart, its exit code, its arguments as they were given, two at once, ended", async () => {
    const vm = fixture.vm();
    const handle = await start(fixture.driver(), vm);
    await handle.ready(bootMs);
    const odd = ["a b", "", "'$HOME;#", "two\nlines\n", "ü"];
    const [echo, failed] = await Promise.all([
      exec(handle, ["sh", "-c", 'for i in "$@"; do echo "[$i]"; done; cat', "sh", ...odd]),
      exec(handle, ["sh", "-c", "echo told >&2; echo said; exit 7"]),
    ]);
    expect(echo).toEqual({ stdout: odd.map((it) => `[${it}]\n`).join(""), stderr: "", code: 0 });
    expect(failed).toEqual({ stdout: "said\n", stderr: "told\n", code: 7 });
    expect((await exec(handle, ["sh", "-c", "kill -9 $$"])).code).toBe(137);
    expect((await exec(handle, ["/no/such/program"])).code).toBe(127);
    expect((await exec(handle, ["sh", "-c", "head -c 60000 /dev/zero | tr '\\0' x"])).stdout).toBe("x".repeat(60_000));
    const bytes = randomBytes(100_000);
    const [through, unread, none] = await Promise.all([
      exec(handle, ["sh", "-c", "base64; exit 3"], undefined, inputOf(bytes)),
      exec(handle, ["sh", "-c", "head -c 5; exec <&-; echo; exit 4"], undefined, inputOf(Buffer.alloc(300_000, "abcde"))),
      exec(handle, ["wc", "-c"], undefined, inputOf(Buffer.alloc(0))),
    ]);
    expect({ ...through, stdout: Buffer.from(through.stdout, "base64").equals(bytes) }).toEqual({ stdout: true, stderr: "", code: 3 });
    expect(unread).toMatchObject({ stdout: "abcde\n", code: 4 });
    expect(none).toMatchObject({ stdout: expect.stringMatching(/^\s*0\n$/), code: 0 });
    await expect(exec(handle, ["x".repeat(70_000)])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });

    if (vm.spec.driver === "qemu") {
      // Enter brings a shell; what it answers stands in the console like all else.
      await handle.type(Buffer.from("\n"));
      await until(async () => (await readConsole(vm.dir)).text.includes("# "), bootMs, "a shell prompts");
      await handle.type(Buffer.from("echo $((40 + 2)) ü\n"));
      await until(async () => /^42 ü\r?$/m.test((await readConsole(vm.dir)).text), bootMs, "it answers");
    } else {
      await expect(handle.type(Buffer.from("x"))).rejects.toMatchObject({ code: "WRONG_STATE" });
    }

    const late = new AbortController();
    const seconds = `${600 + (handle.identity.pid % 100)}.5`;
    const sleeping = (): Promise<string> => exec(handle, ["sh", "-c", `ps ax 2>/dev/null || ps; true`]).then(({ stdout }) => stdout);
    const slow = exec(handle, ["sh", "-c", `echo begun; sleep ${seconds}; true`], late.signal);
    await until(async () => (await sleeping()).includes(`sleep ${seconds}`), bootMs, "the command runs");
    late.abort();
    await expect(slow).rejects.toThrow();
    await until(async () => !(await sleeping()).includes(`sleep ${seconds}`), bootMs, "the command was ended");

    handle.close();
    const adopted = await adopt(fixture.driver(), vm);
    expect(await exec(adopted, ["echo", "again"])).toMatchObject({ stdout: "again\n", code: 0 });
    const cut = exec(adopted, ["sleep", "600"]);
    const ended = expect(cut).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    await adopted.stop(forced);
    await ended;
  });
}

/** Stdin in pieces of 16 KiB, as the daemon gives them. */
function inputOf(bytes: Buffer): GuestInput {
  let at = 0;
  return { next: async () => (at >= bytes.length ? null : bytes.subarray(at, (at += 16 * 1024))) };
}

async function exec(handle: VmHandle, argv: readonly string[], signal = new AbortController().signal, input?: GuestInput) {
  const result = { stdout: [] as Buffer[], stderr: [] as Buffer[], code: -1 };
  for await (const piece of handle.exec(argv, signal, input)) {
    if (piece.kind === "exit") result.code = piece.code;
    else result[piece.kind].push(piece.data);
  }
  return { stdout: Buffer.concat(result.stdout).toString(), stderr: Buffer.concat(result.stderr).toString(), code: result.code };
}

/** A driver that cannot pause says so, and the VM goes on. */
export function describeNoPause(fixture: Fixture): void {
  test("it cannot be paused, which is told, and it goes on", async () => {
    const handle = await start(fixture.driver(), fixture.vm());
    await handle.ready(bootMs);
    await expect(handle.pause(200)).rejects.toMatchObject({ code: "DRIVER_FAILED" });
    expect(await handle.status(5_000)).toBe("running");
    await handle.stop(forced);
  });
}
