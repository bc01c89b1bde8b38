/** A space-time diagram in text: nodes as columns, time downwards, messages as arrows that end where they were received. */

import { shortName } from "../trace/render.ts";
import { MessageMatcher } from "../trace/messages.ts";
import type { ContextLine, Finding } from "./verdict.ts";

/** A column of text: the node's line of life, then what it does. */
const widest = 34;
const narrowest = 18;
const mostWidth = 132;
const margin = 13;

interface Row {
  readonly line: ContextLine;
  readonly column: number;
  /** Row of the line that sent what this one received. */
  readonly sender: number | undefined;
  readonly failing: boolean;
}

/** The lines around a finding as a diagram; empty when it is about no line. */
export function spaceTimeText(finding: Finding, names: ReadonlyMap<string, string>): readonly string[] {
  if (finding.event === undefined) return [];
  const failing: ContextLine = { file: finding.file, line: finding.line, event: finding.event };
  const lines = [...finding.context.filter(({ event }) => event.event !== "Header"), failing, ...finding.after];
  const nodes = [...new Set(lines.map(({ event }) => event.node))].sort((a, b) => (shortName(a, names) < shortName(b, names) ? -1 : 1));
  const width = Math.max(narrowest, Math.min(widest, Math.floor((mostWidth - margin) / nodes.length)));
  const matcher = new MessageMatcher();
  const rows = lines.map((line, at): Row => {
    const sender = matcher.take(line.event, at);
    return { line, column: nodes.indexOf(line.event.node), sender, failing: line === failing };
  });
  const heading = `${" ".repeat(margin)}${nodes.map((node) => shortName(node, names).padEnd(width)).join("")}`.trimEnd();
  return [heading, ...rows.map((row) => rowText(row, rows, nodes.length, width, names))];
}

function rowText(row: Row, rows: readonly Row[], columns: number, width: number, names: ReadonlyMap<string, string>): string {
  const { event } = row.line;
  const cells = Array.from<string>({ length: columns * width }).fill(" ");
  for (let column = 0; column < columns; column++) cells[column * width] = "│";
  const at = row.column * width;
  const label = ` ${fitted(titleOf(row, names), width - 3)}`;
  const sender = row.sender === undefined ? undefined : rows[row.sender];
  if (sender !== undefined && sender.column < row.column) arrow(cells, sender.column * width, at - 1, "├", "▶");
  put(cells, at, row.failing ? `✗${label}` : `●${label}`);
  if (sender !== undefined && sender.column > row.column) arrow(cells, sender.column * width, at + label.length + 2, "┤", "◀");
  const mark = row.failing ? ">>>" : "   ";
  return `${mark} ${String(event.clock).padStart(7)}  ${cells.join("")}`.trimEnd();
}

/** The event, and of a message whose line is not in the diagram the other end. */
function titleOf({ line: { event }, sender }: Row, names: ReadonlyMap<string, string>): string {
  if ("to" in event) return `${event.event} ▷${shortName(event.to, names)}`;
  return "from" in event && sender === undefined ? `${event.event} ◁${shortName(event.from, names)}` : event.event;
}

/** Where a column is narrow, what is common to many names goes first: an arrow says that something is handled. */
function fitted(title: string, width: number): string {
  return (title.length <= width ? title : title.replace(/^Handle/, "")).slice(0, width);
}

/** Draws from the sender's line of life at `from` to the arrow's head at `to`, over the lines between. */
function arrow(cells: string[], from: number, to: number, start: string, head: string): void {
  // A title that reaches the sender's line of life leaves no room for an arrow.
  if (from === to) return;
  const step = from < to ? 1 : -1;
  for (let at = from + step; at !== to; at += step) cells[at] = cells[at] === "│" ? "┼" : "─";
  cells[from] = start;
  cells[to] = head;
}

function put(cells: string[], at: number, text: string): void {
  for (const [offset, character] of [...text].entries()) cells[at + offset] = character;
}
