import { FiniteSet } from "./finite-set.ts";
import { ModelValue, type Value } from "./value-kinds.ts";

/** What a `.cfg` file of TLC says. */
export interface Configuration {
  readonly constants: Map<string, Value>;
  /** `Name <- Definition`. */
  readonly overrides: Map<string, string>;
  /** `Name <-[Module] Definition`. */
  readonly moduleOverrides: { readonly module: string; readonly name: string; readonly replacement: string }[];
  specification: string | undefined;
  init: string | undefined;
  next: string | undefined;
  readonly invariants: string[];
  readonly properties: string[];
  readonly constraints: string[];
  readonly actionConstraints: string[];
  readonly symmetry: string[];
  view: string | undefined;
  alias: string | undefined;
  postcondition: string | undefined;
  checkDeadlock: boolean;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

/** A mistake in a configuration, with its line. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly line: number;

  constructor(what: string, line: number) {
    super(`line ${line}: ${what}`);
    this.line = line;
  }
}

const tokenPattern = /\\\*[^\n]*|\(\*[\s\S]*?\*\)|"(?:[^"\\\n]|\\.)*"|<-|-?[0-9]+(?![A-Za-z_0-9])|[A-Za-z_0-9]+(?:![A-Za-z_0-9]+)*|[=,{}[\]]|\S/g;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let last = 0;
  for (const match of text.matchAll(tokenPattern)) {
    line += newlines(text.slice(last, match.index));
    last = match.index;
    const [token] = match;
    if (!token.startsWith("\\*") && !token.startsWith("(*")) tokens.push({ text: token, line });
  }
  return tokens;
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}

const keywords = new Set(
  `CONSTANT CONSTANTS SPECIFICATION INIT NEXT INVARIANT INVARIANTS PROPERTY PROPERTIES CONSTRAINT CONSTRAINTS
   ACTION_CONSTRAINT ACTION_CONSTRAINTS SYMMETRY VIEW ALIAS POSTCONDITION CHECK_DEADLOCK`.split(/\s+/),
);

/** Reads the text of a `.cfg` file as TLC does; throws `ConfigurationError`. */
export function parseConfiguration(text: string): Configuration {
  return new ConfigurationReader(tokenize(text)).read();
}

class ConfigurationReader {
  private readonly tokens: readonly Token[];
  private place = 0;
  private readonly result: Configuration = {
    constants: new Map(),
    overrides: new Map(),
    moduleOverrides: [],
    specification: undefined,
    init: undefined,
    next: undefined,
    invariants: [],
    properties: [],
    constraints: [],
    actionConstraints: [],
    symmetry: [],
    view: undefined,
    alias: undefined,
    postcondition: undefined,
    checkDeadlock: true,
  };

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  read(): Configuration {
    while (this.place < this.tokens.length) this.statement(this.take());
    return this.result;
  }

  private statement(keyword: Token): void {
    const { result } = this;
    switch (keyword.text) {
      case "CONSTANT":
      case "CONSTANTS":
        while (this.atName()) this.constant();
        return;
      case "SPECIFICATION":
        result.specification = this.name();
        return;
      case "INIT":
        result.init = this.name();
        return;
      case "NEXT":
        result.next = this.name();
        return;
      case "VIEW":
        result.view = this.name();
        return;
      case "ALIAS":
        result.alias = this.name();
        return;
      case "POSTCONDITION":
        result.postcondition = this.name();
        return;
      case "CHECK_DEADLOCK":
        result.checkDeadlock = this.truth();
        return;
      default:
        this.names(this.list(keyword));
    }
  }

  private list(keyword: Token): string[] {
    const { invariants, properties, constraints, actionConstraints, symmetry } = this.result;
    const lists: Readonly<Record<string, string[]>> = {
      INVARIANT: invariants,
      PROPERTY: properties,
      PROPERTIE: properties,
      CONSTRAINT: constraints,
      ACTION_CONSTRAINT: actionConstraints,
      SYMMETRY: symmetry,
    };
    const list = keywords.has(keyword.text) ? lists[keyword.text.replace(/S$/, "")] : undefined;
    if (list === undefined) throw new ConfigurationError(`${keyword.text} is not a statement of a configuration`, keyword.line);
    return list;
  }

  private names(into: string[]): void {
    while (this.atName()) {
      into.push(this.name());
      if (this.peek() === ",") this.take();
    }
  }

  private peek(): string | undefined {
    return this.tokens[this.place]?.text;
  }

  private take(): Token {
    const token = this.tokens[this.place];
    if (token === undefined) throw new ConfigurationError("the configuration ends in the middle of a statement", this.tokens.at(-1)?.line ?? 1);
    this.place += 1;
    return token;
  }

  private expect(text: string): void {
    const token = this.take();
    if (token.text !== text) throw new ConfigurationError(`${text} expected, but there is ${token.text}`, token.line);
  }

  private atName(): boolean {
    const text = this.peek();
    return text !== undefined && /^[A-Za-z_0-9!]*[A-Za-z][A-Za-z_0-9!]*$/.test(text) && !keywords.has(text);
  }

  private name(): string {
    if (!this.atName()) throw new ConfigurationError(`a name expected, but there is ${this.peek() ?? "nothing"}`, this.tokens[this.place]?.line ?? this.tokens.at(-1)!.line);
    return this.take().text;
  }

  private truth(): boolean {
    const token = this.take();
    if (token.text !== "TRUE" && token.text !== "FALSE") throw new ConfigurationError("TRUE or FALSE expected", token.line);
    return token.text === "TRUE";
  }

  private constant(): void {
    const name = this.name();
    if (this.peek() === "=") {
      this.take();
      this.result.constants.set(name, this.value());
    } else {
      this.expect("<-");
      if (this.peek() !== "[") {
        this.result.overrides.set(name, this.name());
      } else {
        this.take();
        const module = this.name();
        this.expect("]");
        this.result.moduleOverrides.push({ module, name, replacement: this.name() });
      }
    }
    if (this.peek() === ",") this.take();
  }

  /** A number, a string, TRUE or FALSE, a set of values; any other name is a model value. */
  private value(): Value {
    const { text, line } = this.take();
    if (/^-?[0-9]+$/.test(text)) return Number(text);
    if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/g, "$1");
    if (text === "TRUE" || text === "FALSE") return text === "TRUE";
    if (text === "{") return this.set();
    if (/^[A-Za-z_0-9]+$/.test(text)) return ModelValue.of(text);
    throw new ConfigurationError(`a value expected, but there is ${text}`, line);
  }

  private set(): Value {
    const items: Value[] = [];
    while (this.peek() !== "}") {
      items.push(this.value());
      if (this.peek() === ",") this.take();
      else break;
    }
    this.expect("}");
    return FiniteSet.of(items);
  }
}

