import { expect, test } from "vitest";
import { exploreLease, type Planted } from "./seeded-raft.ts";

/** What must never be false. */
const never = ["NeverTwo", "LapsedRunNothing"];

/** What makes two run, or one where nobody may think so. */
const mistakes: readonly (Planted & { readonly what: string; readonly time?: number })[] = [
  { what: "a worker is given up before its lease can have ended", file: "MCLease", from: "now - heard[w] >= FailoverAfter", to: "now - heard[w] >= LeaseTime" },
  { what: "the drift of clocks is ignored", file: "MCLease", from: "now - heard[w] >= FailoverAfter", to: "now - heard[w] >= LeaseTime + KillBudget" },
  { what: "the time that ending a VM takes is ignored", file: "MCLease", from: "now - heard[w] >= FailoverAfter", to: "now - heard[w] >= LeaseTime + Drift" },
  { what: "a lease is counted from when the answer came", file: "MCLease", from: "![w] = renewal.sent + LeaseTime + Drift]", to: "![w] = now + LeaseTime + Drift]", time: 5 },
  { what: "a lease that is known to have expired is renewed", file: "MCLease", from: "/\\ IsHeld(Known, w) /\\ Known[w].epoch = renewal.epoch", to: "", time: 5 },
  { what: "the leader renews what it has given up", file: "MCLease", from: "    /\\ w \\notin deciding\n", to: "", time: 5 },
  { what: "a new leader gives no time", file: "MCLease", from: "/\\ heard'    = [w \\in Server |-> now]", to: "/\\ heard'    = [w \\in Server |-> 0]", time: 5 },
  { what: "a VM goes to another before its owner's lease has expired", file: "Cluster", from: "/\\ IsExpired(held, vm.owner)\n", to: "/\\ TRUE\n" },
  { what: "a VM is started although the lease has run out", file: "MCLease", from: "holding[w] # 0 /\\ now < until[w]", to: "holding[w] # 0" },
];

function lawBroken({ violation, distinct }: ReturnType<typeof exploreLease>): string {
  if (violation === undefined) return `nothing in ${distinct} states`;
  return violation.kind === "error" ? violation.error.message : violation.kind === "deadlock" ? "deadlock" : violation.name;
}

test("leases in time, a leader replaced at will: no VM ever runs twice", () => {
  const result = exploreLease();
  expect(result.violation).toBeUndefined();
  expect(result.complete).toBe(true);
  expect(result.distinct).toBeGreaterThan(5_000);
}, 900_000);

test("the instance reaches what it is about: the other worker runs the VM", () => {
  expect(lawBroken(exploreLease({ file: "MCLease", from: "LapsedRunNothing ==", to: "LapsedRunNothing == ~(Runs(b)) /\\" }))).toBe("LapsedRunNothing");
}, 900_000);

test("times that break the inequality are refused", () => {
  const { violation } = exploreLease({ file: "MCLease", from: "ASSUME FailoverAfter >=", to: "ASSUME FailoverAfter >= 1 +" });
  expect(violation?.kind).not.toBeUndefined();
}, 300_000);

test.each(mistakes)("$what", ({ time = 4, ...mistake }) => {
  expect(never).toContain(lawBroken(exploreLease(mistake, time)));
}, 900_000);
