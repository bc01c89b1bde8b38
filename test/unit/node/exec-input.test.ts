import { describe, expect, test } from "vitest";
import { ExecInput, ExecInputs } from "../../../src/node/exec-input.ts";

const text = (input: ExecInput): Promise<string | null> => input.next().then((piece) => piece?.toString() ?? null);

describe("stdin of a command in a guest", () => {
  test("comes in order, once, in pieces that the agent takes; its end is told when all was taken", async () => {
    const input = new ExecInput();
    const first = Buffer.alloc(40_000, "a");
    expect(await input.offer(0, first, false)).toEqual({ received: 40_000, closed: false, complete: false });
    const sizes: number[] = [];
    for (let left = 40_000; left > 0; left -= sizes.at(-1)!) sizes.push((await input.next())!.length);
    expect(sizes).toEqual([16_384, 16_384, 7_232]);
    expect(await input.offer(0, first, false)).toMatchObject({ received: 40_000 }); // the answer was lost: sent again
    expect(await input.offer(50_000, Buffer.from("gap"), false)).toMatchObject({ received: 40_000 });
    expect(await input.offer(40_000, Buffer.from("b"), true)).toEqual({ received: 40_001, closed: false, complete: true });
    expect([await text(input), await text(input), await text(input)]).toEqual(["b", null, null]);
    expect(await input.offer(40_001, Buffer.from("late"), false)).toMatchObject({ received: 40_001, complete: true });
  });

  test("waits for a command that reads slowly, holding one piece; and learns when it has ended", async () => {
    const input = new ExecInput();
    await input.offer(0, Buffer.from("one"), false);
    const second = input.offer(3, Buffer.from("two"), false);
    let isTaken = false;
    void second.then(() => (isTaken = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    expect(await text(input)).toBe("one");
    expect(await second).toMatchObject({ received: 6 });
    const third = input.offer(6, Buffer.from("three"), false);
    input.close();
    expect(await third).toMatchObject({ received: 6, closed: true });
    expect(await input.next()).toBeNull();
  });

  test("refuses more than it would hold", async () => {
    await expect(new ExecInput().offer(0, Buffer.alloc(70_000), false)).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
  });
});

test("a session is that of one command, from its beginning to its end", async () => {
  const inputs = new ExecInputs();
  const feed = (session: string) => inputs.feed({ session, offset: 0, data: Buffer.from("x"), last: true });
  expect(await feed("s")).toMatchObject({ closed: true });
  const run = async function* (input: ExecInput | undefined): AsyncGenerator<string> {
    yield "ready";
    yield (await input!.next())!.toString();
  };
  const serving = inputs.serve("s", run);
  expect((await serving.next()).value).toBe("ready");
  await expect(inputs.serve("s", run).next()).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  expect(await feed("s")).toMatchObject({ received: 1, complete: true, closed: false });
  expect((await serving.next()).value).toBe("x");
  expect((await serving.next()).done).toBe(true);
  expect(await feed("s")).toMatchObject({ closed: true });
  const without = inputs.serve("", async function* (input) { yield input === undefined; });
  expect((await without.next()).value).toBe(true);
});
