/** A chart of lines as SVG text, readable on light and on dark ground: the viewer's preference is asked by the SVG itself. */

import { type Scale, type ScaleKind, scaleOf } from "./scale.ts";

export interface Axis {
  /** What it is, with its unit. */
  readonly label: string;
  readonly scale: ScaleKind;
  /** Values that are written beside the axis; its own choice where there are none. */
  readonly ticks?: readonly number[];
  readonly format?: (value: number) => string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The least and the most that was measured there; drawn as a bar. */
  readonly low?: number;
  readonly high?: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly dashed?: boolean;
  /** Lines of one colour belong together. 0 to 3. */
  readonly colour: number;
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

const width = 560;
const height = 360;
const legendRow = 18;
const room = { left: 78, right: 24, bottom: 52 } as const;
/** Of light and of dark ground; told apart without colours by the marks. */
const colours = [["#0b5fa5", "#58a6ff"], ["#b3470b", "#ff9b5c"], ["#1a7f37", "#56d364"], ["#8250df", "#c297ff"]] as const;

/** A number for people: three digits that count, thousands set apart. */
export function plainNumber(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en", { maximumFractionDigits: 6 });
}

/** Characters that mean something in XML are written as what they are. */
export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character] as string);
}

/** The chart as one SVG document. Throws `RangeError` for a value that has no place on its axis. */
export function drawChart(chart: Chart): string {
  const points = chart.lines.flatMap((line) => line.points);
  const ys = points.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  const place = new Place(scaleOf(chart.x.scale, points.map(({ x }) => x), chart.x.ticks), scaleOf(chart.y.scale, ys, chart.y.ticks), chart.lines.length);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(chart.title)}</title>`,
    styleSheet(),
    `<rect class="ground" width="${width}" height="${height}"/>`,
    text(width / 2, 22, chart.title, "middle", "title"),
    ...horizontals(chart.y, place),
    ...verticals(chart.x, place),
    ...chart.lines.flatMap((line, at) => drawLine(line, at, place)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** Where values lie in the picture. */
class Place {
  readonly xs: Scale;
  readonly ys: Scale;
  readonly top: number;
  readonly bottom = height - room.bottom;

  constructor(xs: Scale, ys: Scale, lines: number) {
    this.xs = xs;
    this.ys = ys;
    this.top = 44 + legendRow * Math.ceil(lines / 2);
  }

  /** A little room beside the outermost values, so that no mark lies on the frame. */
  x(value: number): number {
    const inner = width - room.left - room.right - 32;
    return round(room.left + 16 + this.xs.at(value) * inner);
  }

  y(value: number): number {
    return round(this.bottom - this.ys.at(value) * (this.bottom - this.top));
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end", style = ""): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${style === "" ? "" : ` class="${style}"`}>${escapeXml(words)}</text>`;
}

function horizontals({ label, format = plainNumber }: Axis, place: Place): readonly string[] {
  const middle = round((place.top + place.bottom) / 2);
  const title = `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${escapeXml(label)}</text>`;
  const lines = place.ys.ticks.map((tick) => {
    const y = place.y(tick);
    return `<line class="grid" x1="${room.left}" y1="${y}" x2="${width - room.right}" y2="${y}"/>${text(room.left - 8, round(y + 4), format(tick), "end")}`;
  });
  return [...lines, title];
}

function verticals({ label, format = plainNumber }: Axis, place: Place): readonly string[] {
  const { bottom } = place;
  const marks = place.xs.ticks.map((tick) => {
    const x = place.x(tick);
    return `<line class="axis" x1="${x}" y1="${bottom}" x2="${x}" y2="${bottom + 5}"/>${text(x, bottom + 20, format(tick), "middle")}`;
  });
  const frame = `<line class="axis" x1="${room.left}" y1="${bottom}" x2="${width - room.right}" y2="${bottom}"/>`;
  return [frame, ...marks, text(round((room.left + width - room.right) / 2), height - 10, label, "middle")];
}

function drawLine({ name, points, dashed = false, colour }: Line, at: number, place: Place): readonly string[] {
  const style = `c${colour}${dashed ? " dashed" : ""}`;
  const path = points.map(({ x, y }) => `${place.x(x)},${place.y(y)}`).join(" ");
  const bars = points.flatMap(({ x, low, high }) => {
    if (low === undefined || high === undefined || place.y(low) === place.y(high)) return [];
    return [`<line class="${style} bar" x1="${place.x(x)}" y1="${place.y(low)}" x2="${place.x(x)}" y2="${place.y(high)}"/>`];
  });
  const marks = points.map(({ x, y }) => mark(place.x(x), place.y(y), colour, dashed));
  return [...legend(name, style, at, colour, dashed), ...bars, `<polyline class="${style}" points="${path}"/>`, ...marks];
}

/** Two names a row, above the picture. */
function legend(name: string, style: string, at: number, colour: number, dashed: boolean): readonly string[] {
  const x = room.left + (at % 2) * 236;
  const y = 42 + legendRow * Math.floor(at / 2);
  return [`<line class="${style}" x1="${x}" y1="${y}" x2="${x + 26}" y2="${y}"/>`, mark(x + 13, y, colour, dashed), text(x + 34, y + 4, name, "start")];
}

/** Round, square, a diamond or a triangle, by colour; hollow on a dashed line. */
function mark(x: number, y: number, colour: number, hollow: boolean): string {
  const style = `class="c${colour} ${hollow ? "hollow" : "full"}"`;
  if (colour === 0) return `<circle ${style} cx="${x}" cy="${y}" r="3.5"/>`;
  if (colour === 1) return `<rect ${style} x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>`;
  const shape = colour === 2 ? "M0-4.5 4.5 0 0 4.5-4.5 0z" : "M0-4.5 4.5 4-4.5 4z";
  return `<path ${style} transform="translate(${x} ${y})" d="${shape}"/>`;
}

function styleSheet(): string {
  const ground = (dark: 0 | 1): string => (dark === 0 ? "#ffffff" : "#0d1117");
  const rules = (dark: 0 | 1): string => {
    const [ink, grid] = dark === 0 ? ["#1f2328", "#d8dee4"] : ["#e6edf3", "#30363d"];
    const own = colours.map((colour, at) => `.c${at}{stroke:${colour[dark]}}.c${at}.full{fill:${colour[dark]}}`).join("");
    return `.ground{fill:${ground(dark)}}text{fill:${ink}}.axis{stroke:${ink}}.grid{stroke:${grid}}${own}.hollow{fill:${ground(dark)}}`;
  };
  const common = "text{font:12px system-ui,sans-serif}.title{font-size:14px;font-weight:600}polyline{fill:none;stroke-width:2}line{stroke-width:2}.axis,.grid{stroke-width:1}.bar{stroke-width:1;opacity:.6}.dashed{stroke-dasharray:6 4}.full,.hollow{stroke-width:1.5}";
  return `<style>${common}${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}</style>`;
}
