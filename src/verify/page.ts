/** A finding as one page of HTML that needs nothing else: the lines around it in space and time, to scroll and to click. */

import { shortName } from "../trace/render.ts";
import type { TraceLine } from "../trace/event.ts";
import { TraceFault } from "../trace/fault.ts";
import { MessageMatcher } from "../trace/messages.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import type { RejectedVerdict, UndecidedVerdict } from "./verdict.ts";

type Found = RejectedVerdict | UndecidedVerdict;

/** A line as the reader gives it. */
interface Placed {
  readonly line: TraceLine;
  readonly file: string;
  readonly number: number;
}

export interface PageOptions {
  /** How many lines before the finding are shown at most, and how many behind it. */
  readonly before?: number;
  readonly after?: number;
}

interface Row extends Placed {
  /** Place in the run of the line that sent what this one received; undefined also where nothing is received. */
  readonly sender: number | undefined;
  readonly place: number;
}

/** `lines`: all of the run, merged; they are gone through once, up to the last that is shown. */
export function findingPage(verdict: Found, lines: Iterable<Placed>, { before = 12_000, after = 3_000 }: PageOptions = {}): string {
  const { rows, left, more } = around(verdict, lines, before, after);
  const names = new Map(verdict.nodes.map(({ node, name }) => [node, name]));
  const data = pageData(verdict, rows, left, more, names);
  const title = `blixard verify: ${verdict.kind} at ${verdict.file}:${verdict.line}`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title><style>${pageStyle}</style></head><body>`,
    `<header><h1>${escaped(titleOf(verdict))}</h1><p>${escaped(named(verdict.what, names))}.</p></header>`,
    '<nav><button id="failure">to the failing line</button><button id="closer" title="zoom in">+</button><button id="wider" title="zoom out">−</button>',
    '<input id="search" type="search" placeholder="find an event, a node, a value"><span id="told"></span></nav>',
    '<main><div id="plane"><div id="names"></div><div id="height"><svg id="drawing" xmlns="http://www.w3.org/2000/svg"></svg></div></div><aside id="details"></aside></main>',
    `<script type="application/json" id="data">${scriptSafe(JSON.stringify(data))}</script>`,
    `<script>${pageScript}</script></body></html>`,
    "",
  ].join("\n");
}

function titleOf(verdict: Found): string {
  const code = verdict.kind === "undecided" ? "UNDECIDED" : verdict.code;
  return `${code} at ${verdict.file}${verdict.line === 0 ? "" : `:${verdict.line}`}`;
}

/** The rows to show, how many lines come before them, and whether there are more behind. */
function around(verdict: Found, lines: Iterable<Placed>, before: number, after: number): { rows: readonly Row[]; left: number; more: boolean } {
  const matcher = new MessageMatcher();
  let rows: Row[] = [];
  let place = 0;
  let failing = -1;
  let more = false;
  for (const { line, file, number } of readable(lines)) {
    more = failing >= 0 && place > failing + after;
    if (more) break;
    rows.push({ line, file, number, place, sender: matcher.take(line, place) });
    if (file === verdict.file && number === verdict.line) failing = place;
    place++;
    if (failing < 0 && rows.length > 2 * before + 1) rows = rows.slice(-before);
  }
  const first = (failing < 0 ? place : failing) - before;
  const shown = rows.filter((row) => row.place >= first);
  return { rows: shown, left: shown[0]?.place ?? 0, more };
}

/** The lines as far as they can be read: where they cannot, that is what the finding says. */
function* readable(lines: Iterable<Placed>): Generator<Placed> {
  try {
    yield* lines;
  } catch (error) {
    if (!(error instanceof TraceFault)) throw error;
  }
}

function pageData(verdict: Found, rows: readonly Row[], left: number, more: boolean, names: ReadonlyMap<string, string>): unknown {
  const nodes = [...verdict.nodes].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ node }) => node);
  const files = [...new Set(rows.map(({ file }) => file))];
  const states = new Map(verdict.states.map(({ file, line, state }) => [`${file}:${line}`, state]));
  const lines = rows.map(({ line, file, number, sender }) => ({
    column: nodes.indexOf(line.node),
    file: files.indexOf(file),
    number,
    ...(sender === undefined || sender < left ? {} : { sender: sender - left }),
    ...(sender !== undefined && sender < left ? { early: true } : {}),
    ...(states.has(`${file}:${number}`) ? { state: states.get(`${file}:${number}`) } : {}),
    event: line,
  }));
  const failing = rows.findIndex(({ file, number }) => file === verdict.file && number === verdict.line);
  const { what, law, next, differences, stateBefore, stateAfter } = verdict;
  // What the node has for itself first: what all share is long.
  const own = stateBefore.filter(({ atNode }) => atNode !== undefined);
  const shared = stateBefore.filter(({ atNode }) => atNode === undefined);
  const finding = { what: named(what, names), law, next, differences, stateBefore: [...own, ...shared], stateAfter };
  return { nodes: nodes.map((node) => ({ id: node, name: shortName(node, names) })), files, lines, failing, left, more, finding };
}

/** The text with names in place of ids. */
function named(text: string, names: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [node, name] of names) if (name !== "" && name !== node) result = result.replaceAll(node, name);
  return result;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON inside of a script element: nothing in it may end the element or begin a comment. */
function scriptSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
