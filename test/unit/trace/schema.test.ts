import { expect, test } from "vitest";
import { lineProblem } from "../../../src/trace/schema.ts";
import { sampleLines, stamp } from "./sample-lines.ts";

test.each(sampleLines.map((line) => [line.event, line] as const))("%s: the schema accepts what the compiler accepts", (_, line) => {
  expect(lineProblem(line)).toBeNull();
});

test.each(sampleLines.map((line) => [line.event, line] as const))("%s: no field may be missing, of another type, or extra", (_, line) => {
  for (const damaged of damages(line)) expect(lineProblem(damaged.value), damaged.what).not.toBeNull();
});

test("the problem is said in one sentence that names the field", () => {
  const line = { ...stamp, event: "VmEnded", vm: "web-1", uuid: "u-1", how: "crash" };
  expect(lineProblem({ ...line, how: undefined })).toBe('the line lacks the field "how"');
  expect(lineProblem({ ...line, color: "red" })).toBe('the line has the field "color", which the schema does not know');
  expect(lineProblem({ ...line, event: "Explode" })).toBe('the line has the unknown event "Explode"');
  expect(lineProblem({ ...line, event: 7 })).toBe('the line needs the text field "event"');
  expect(lineProblem({ ...line, seq: "7" })).toBe('"seq" must be integer');
  expect(lineProblem([])).toBe("the line must be object");
  expect(lineProblem(null)).toBe("the line must be object");
});

test("names from a trace are checked like names from a user", () => {
  const line = { ...stamp, event: "VmEnded", vm: "web-1", uuid: "u-1", how: "crash" };
  for (const vm of ["", "../etc", "Web", "a,b", "a\nb", "-a", "a".repeat(64)]) expect(lineProblem({ ...line, vm }), vm).not.toBeNull();
  for (const seq of [0, -1, 1.5, 2 ** 53]) expect(lineProblem({ ...line, seq }), String(seq)).not.toBeNull();
});

test("who voted before is told of a joint configuration, and of no other", () => {
  const line = (outgoing?: unknown) => ({
    ...sampleLines.find(({ event }) => event === "ClientRequest"),
    entries: [{ kind: "configuration", term: 3, count: 1, voters: ["n1"], learners: [], ...(outgoing === undefined ? {} : { outgoing }) }],
  });
  expect(lineProblem(line())).toBeNull();
  expect(lineProblem(line(["n2", "n3"]))).toBeNull();
  for (const wrong of [[], "n2", [7], null, [""]]) expect(lineProblem(line(wrong)), JSON.stringify(wrong)).not.toBeNull();
});

interface Damaged {
  readonly what: string;
  readonly value: unknown;
}

/** `value` with one thing wrong, at every depth: a field away, a field of another type, a field too many. */
test("what is told of leases is whole, or not there", () => {
  const lease = { node: "n2", epoch: 63, held: true };
  const stamp = { group: "meta", node: "n1", incarnation: 1, seq: 9, clock: 12 };
  const apply = (leaseChanges?: unknown) => ({
    ...stamp, event: "Apply", index: 64, digests: [], vmChanges: [], configurations: [], ...(leaseChanges === undefined ? {} : { leaseChanges }),
  });
  for (const good of [undefined, [{ index: 63, ...lease }]]) expect(lineProblem(apply(good))).toBeNull();
  for (const bad of [[], [lease], [{ index: 63, ...lease, held: 1 }], [{ index: 63, ...lease, more: 1 }]]) expect(lineProblem(apply(bad))).not.toBeNull();
  const rows = (leases: unknown) => ({ ...stamp, event: "RestoreRows", index: 64, digest: "0000000000000000", vms: [], leases });
  expect(lineProblem(rows([lease]))).toBeNull();
  for (const bad of [[], [{ node: "n2" }], [{ ...lease, epoch: 0 }]]) expect(lineProblem(rows(bad))).not.toBeNull();
});

function* damages(value: unknown, path = ""): Generator<Damaged> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      for (const inner of [...damages(item, `${path}[${at}]`), { what: `${path}[${at}] of another type`, value: otherType(item) }]) {
        yield { what: inner.what, value: value.with(at, inner.value) };
      }
    }
  } else if (typeof value === "object" && value !== null) {
    yield { what: `${path} with a field too many`, value: { ...value, surplus: 1 } };
    for (const [field, inside] of Object.entries(value)) {
      const { [field]: _, ...without } = value as Record<string, unknown>;
      yield { what: `${path} without ${field}`, value: without };
      yield { what: `${path}.${field} of another type`, value: { ...value, [field]: otherType(inside) } };
      for (const inner of damages(inside, `${path}.${field}`)) yield { what: inner.what, value: { ...value, [field]: inner.value } };
    }
  }
}

function otherType(value: unknown): unknown {
  return typeof value === "string" ? 7 : typeof value === "number" ? "7" : typeof value === "boolean" ? 1 : null;
}
