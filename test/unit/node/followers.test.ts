import { expect, test } from "vitest";
import { Followers, type Feed } from "../../../src/node/followers.ts";
import type { Requests } from "../../../src/node/requests.ts";

type Message = number | `marker ${number}`;

/** A feed over numbers: each is the message of the entry with its index. */
class Numbers implements Feed<Message> {
  readonly all = new Set<number>();
  reached = 0;
  pages = 0;

  page(after: number) {
    this.pages += 1;
    const found = [...this.all].filter((index) => index > after).slice(0, 3);
    const more = (found.at(-1) ?? Infinity) < Math.max(...this.all);
    return { messages: found, reached: more ? (found.at(-1) ?? 0) : Math.max(after, this.reached), more };
  }

  marker(index: number): Message {
    return `marker ${index}`;
  }
}

class Bench {
  wake: () => void = () => undefined;
  nowMs = 0;
  readonly feed = new Numbers();
  readonly end = new AbortController();
  readonly followers: Followers;

  constructor(limits = { readers: 2, markerMs: 1_000, markerEntries: 50 }) {
    const requests = { onWake: (listener: () => void) => (this.wake = listener) } as unknown as Requests;
    this.followers = new Followers(requests, () => this.nowMs, limits);
  }

  applied(reached: number, ...indices: number[]): void {
    for (const index of indices) this.feed.all.add(index);
    this.feed.reached = reached;
    this.wake();
  }

  read(since: number, follow = true): AsyncGenerator<Message> {
    return this.followers.read(this.feed, { since, follow, signal: this.end.signal });
  }
}

async function take(from: AsyncGenerator<Message>, count: number): Promise<readonly Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) taken.push((await from.next()).value as Message);
  return taken;
}

test("tells all that is there, then a marker, then what comes", async () => {
  const bench = new Bench();
  bench.applied(9, 1, 2, 3, 4, 7);
  const reader = bench.read(1);
  expect(await take(reader, 5)).toEqual([2, 3, 4, 7, "marker 9"]);
  const next = take(reader, 2);
  bench.applied(11, 10, 11);
  expect(await next).toEqual([10, 11]);
  bench.end.abort();
  expect((await reader.next()).done).toBe(true);
});

test("without following it ends with a marker that says how far it told", async () => {
  const bench = new Bench();
  bench.applied(9, 1, 2, 3, 4, 7);
  const told: Message[] = [];
  for await (const message of bench.read(0, false)) told.push(message);
  expect(told).toEqual([1, 2, 3, 4, 7, "marker 9"]);
});

test("an idle reader learns how far the others came: after a while, or after many entries", async () => {
  const bench = new Bench();
  const reader = bench.read(0);
  expect(await take(reader, 1)).toEqual(["marker 0"]);
  const many = take(reader, 1);
  bench.applied(60);
  expect(await many).toEqual(["marker 60"]);
  const late = take(reader, 1);
  bench.applied(61);
  bench.nowMs = 2_000;
  bench.applied(62);
  expect(await late).toEqual(["marker 62"]);
  bench.end.abort();
});

test("nothing is read ahead of a reader that takes nothing", async () => {
  const bench = new Bench();
  bench.applied(9, ...Array.from({ length: 9 }, (_, at) => at + 1));
  const reader = bench.read(0);
  await reader.next();
  const { pages } = bench.feed;
  for (let index = 10; index < 200; index += 1) bench.applied(index, index);
  expect(bench.feed.pages).toBe(pages);
  await reader.return(undefined);
});

test("readers are counted, and who leaves makes room", async () => {
  const bench = new Bench();
  const [one, two] = [bench.read(0), bench.read(0)];
  await Promise.all([one.next(), two.next()]);
  await expect(bench.read(0).next()).rejects.toMatchObject({ code: "OVERLOADED" });
  await one.return(undefined);
  expect((await bench.read(0, false).next()).value).toBe("marker 0");
  bench.end.abort();
});
