import { expect, test } from "vitest";
import { ConfigurationError, parseConfiguration } from "../../../src/tla/configuration.ts";
import { printValue } from "../../../src/tla/values.ts";

test("all statements of a configuration", () => {
  const read = parseConfiguration(`\\* a comment
CONSTANTS
  Server = {s1, s2, s3}   (* model values
                             over two lines *)
  Nil = Nil  Max = 3, Low = -1
  Name = "n" Flag = TRUE
  Deep = {{1, 2}, {}}
  Nat <- SmallNat
  Seq <-[Inner] Bounded
SPECIFICATION Spec
INVARIANT TypeOK
INVARIANTS A B
PROPERTIES P
CONSTRAINT C
ACTION_CONSTRAINT D
SYMMETRY Symmetric
VIEW view
ALIAS alias
POSTCONDITION Post
CHECK_DEADLOCK FALSE
INIT Init NEXT Next
`);
  expect(Object.fromEntries([...read.constants].map(([name, value]) => [name, printValue(value)]))).toEqual({
    Server: "{s1, s2, s3}",
    Nil: "Nil",
    Max: "3",
    Low: "-1",
    Name: '"n"',
    Flag: "TRUE",
    Deep: "{{}, {1, 2}}",
  });
  expect([...read.overrides]).toEqual([["Nat", "SmallNat"]]);
  expect(read.moduleOverrides).toEqual([{ module: "Inner", name: "Seq", replacement: "Bounded" }]);
  expect(read).toMatchObject({ specification: "Spec", init: "Init", next: "Next", invariants: ["TypeOK", "A", "B"], properties: ["P"], constraints: ["C"] });
  expect(read).toMatchObject({ actionConstraints: ["D"], symmetry: ["Symmetric"], view: "view", alias: "alias", postcondition: "Post", checkDeadlock: false });
});

test("mistakes have their line", () => {
  const mistake = (text: string): unknown => {
    try {
      return parseConfiguration(text);
    } catch (error) {
      return error;
    }
  };
  expect(mistake("INIT\nInit\nWRONG Next")).toEqual(new ConfigurationError("WRONG is not a statement of a configuration", 3));
  expect(mistake("CONSTANT N\n= ]")).toEqual(new ConfigurationError("a value expected, but there is ]", 2));
  expect(mistake("CONSTANT S = {1, 2")).toEqual(new ConfigurationError("the configuration ends in the middle of a statement", 1));
  expect(mistake("INIT")).toEqual(new ConfigurationError("a name expected, but there is nothing", 1));
  expect(mistake("CHECK_DEADLOCK yes")).toEqual(new ConfigurationError("TRUE or FALSE expected", 1));
});
