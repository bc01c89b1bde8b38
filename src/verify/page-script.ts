/**
 * What the page of a finding does: draws the rows that are in sight, and tells of the one that is clicked. Text comes
 * into the page by `textContent` alone, so that nothing in a trace can become HTML.
 */
export const pageScript = String.raw`"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, files, lines, failing, finding } = data;
const byId = (id) => document.getElementById(id);
const [plane, names, height, drawing, details, told, search] = ["plane", "names", "height", "drawing", "details", "told", "search"].map(byId);
const svgSpace = "http://www.w3.org/2000/svg";
const left = 96;
let rowHeight = 24;
let columnWidth = 250;
let chosen = -1;

const receivers = new Map();
lines.forEach((line, at) => {
  if (line.sender === undefined) return;
  if (!receivers.has(line.sender)) receivers.set(line.sender, []);
  receivers.get(line.sender).push(at);
});

function element(parent, name, attributes, text) {
  const made = parent.namespaceURI === svgSpace ? document.createElementNS(svgSpace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const xOf = (column) => left + column * columnWidth;
const yOf = (row) => row * rowHeight + rowHeight / 2;

function layOut() {
  columnWidth = Math.max(150, Math.min(270, (plane.clientWidth - left - 20) / Math.max(1, nodes.length))) * Math.max(0.6, Math.min(1.6, rowHeight / 24));
  height.style.height = lines.length * rowHeight + "px";
  height.style.width = xOf(nodes.length) + "px";
  names.style.width = height.style.width;
  names.replaceChildren();
  nodes.forEach((node, column) => (element(names, "span", { title: node.id }, node.name).style.left = xOf(column) - 6 + "px"));
}

/** Rows in sight, with some above and below. */
function span() {
  const top = Math.max(0, plane.scrollTop - 26);
  const first = Math.max(0, Math.floor(top / rowHeight) - 10);
  return [first, Math.min(lines.length, Math.ceil((top + plane.clientHeight) / rowHeight) + 10)];
}

function draw() {
  const [first, last] = span();
  drawing.replaceChildren();
  drawing.style.top = first * rowHeight + "px";
  drawing.setAttribute("width", xOf(nodes.length));
  drawing.setAttribute("height", (last - first) * rowHeight);
  drawing.setAttribute("viewBox", [0, first * rowHeight, xOf(nodes.length), (last - first) * rowHeight].join(" "));
  const backs = element(drawing, "g");
  nodes.forEach((node, column) => element(drawing, "line", { class: "life", x1: xOf(column), x2: xOf(column), y1: first * rowHeight, y2: last * rowHeight }));
  const drawn = new Set();
  for (let at = first; at < last; at++) {
    if (lines[at].sender !== undefined) drawArrow(lines[at].sender, at, drawn);
    for (const receiver of receivers.get(at) || []) drawArrow(at, receiver, drawn);
  }
  // Texts come over the arrows, what is clicked over all.
  for (let at = first; at < last; at++) drawRow(backs, element(drawing, "g"), at);
}

function drawRow(backs, front, at) {
  const line = lines[at];
  const kind = (at === failing ? " bad" : "") + (at === chosen ? " chosen" : "");
  const back = element(backs, "g", { class: "row" + kind, "data-at": at });
  element(back, "rect", { x: 0, y: at * rowHeight, width: xOf(nodes.length), height: rowHeight });
  const row = element(front, "g", { class: "row" + kind, "data-at": at });
  const x = xOf(line.column);
  if (rowHeight >= 12) element(row, "text", { class: "quiet", x: 8, y: yOf(at) + 4 }, String(line.event.clock));
  element(row, "circle", { class: "dot", cx: x, cy: yOf(at), r: at === failing ? 6 : Math.min(4, rowHeight / 4) });
  if (line.early) element(row, "line", { class: "stub", x1: x - 26, x2: x - 6, y1: yOf(at) - rowHeight / 3, y2: yOf(at) });
  if (rowHeight < 10) return;
  const text = element(row, "text", { x: x + 10, y: yOf(at) + 4 }, line.event.event);
  text.style.fontSize = Math.max(8, Math.min(14, rowHeight / 2)) + "px";
}

function drawArrow(from, to, drawn) {
  const name = from + " " + to;
  if (drawn.has(name)) return;
  drawn.add(name);
  const [x1, x2] = [xOf(lines[from].column), xOf(lines[to].column)];
  const [y1, y2] = [yOf(from), yOf(to)];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [hx, hy] = [x2 - dx * 5, y2 - dy * 5];
  const near = from === chosen || to === chosen ? " chosen" : "";
  element(drawing, "line", { class: "arrow" + near, x1: x1 + dx * 5, y1: y1 + dy * 5, x2: hx, y2: hy });
  const points = [[hx, hy], [hx - dx * 9 - dy * 4, hy - dy * 9 + dx * 4], [hx - dx * 9 + dy * 4, hy - dy * 9 - dx * 4]];
  element(drawing, "polygon", { class: "head", points: points.map((point) => point.join(",")).join(" ") });
}

function table(title, rows) {
  if (rows.length === 0) return;
  element(details, "h2", {}, title);
  const body = element(element(details, "table"), "tbody");
  for (const [name, value] of rows) {
    const row = element(body, "tr");
    element(row, "td", {}, name);
    element(row, "td", {}, withNames(String(value)));
  }
}

function withNames(text) {
  for (const { id, name } of nodes) text = text.split(id).join(name);
  return text;
}

function showWhy() {
  element(details, "h2", {}, "Why it does not fit");
  element(details, "p", {}, finding.what + ".");
  if (finding.law) element(details, "p", {}, "Law: " + finding.law);
  if (finding.next) element(details, "p", {}, finding.next);
  for (const { at, conjunct, within, values } of finding.differences) {
    element(details, "p", { class: "quiet" }, at + (within.length ? "   in " + within.join(" > ") : ""));
    element(details, "pre", { class: "bad" }, conjunct + values.map(({ expression, value }) => "\n    " + withNames(expression + (value === "TRUE" || value === "FALSE" ? " is " : " = ") + value)).join(""));
  }
  table("What the step makes of the state", finding.stateAfter.map(({ name, value, atNode }) => [name, atNode === undefined ? value : atNode]));
}

/** What the trace itself last said of the node. */
function toldBefore(at) {
  const { column, event } = lines[at];
  for (let k = at - 1; k >= 0; k--) {
    const other = lines[k];
    if (other.column === column && other.event.group === event.group && other.event.role !== undefined) return [k, other.event];
  }
  return undefined;
}

function showState(at) {
  const { state, event } = lines[at];
  const exact = at === failing ? finding.stateBefore.map(({ name, value, atNode }) => [name, atNode === undefined ? value : atNode]) : state && state.map(({ name, value }) => [name, value]);
  if (exact && exact.length > 0) return table("State of " + nodes[lines[at].column].name + " before it, as the specification has it", exact);
  const before = toldBefore(at);
  if (before === undefined || event.event === "Header") return;
  const { role, term, lastLogIndex, commitIndex, clock } = before[1];
  table("State of " + nodes[lines[at].column].name + " before it, as its line of clock " + clock + " tells", Object.entries({ role, term, lastLogIndex, commitIndex }));
}

function choose(at, scroll) {
  if (at < 0 || at >= lines.length) return;
  chosen = at;
  const { event, file, number, column, sender, early } = lines[at];
  details.replaceChildren();
  element(details, "h2", {}, event.event + " of " + nodes[column].name + ", clock " + event.clock);
  element(details, "p", { class: "quiet" }, files[file] + ":" + number);
  if (at === failing) showWhy();
  if (sender !== undefined) element(details, "p", {}, "It received what " + nodes[lines[sender].column].name + " sent at clock " + lines[sender].event.clock + ".");
  if (early) element(details, "p", {}, "What it received was sent before the lines shown here.");
  if (sender === undefined && !early && event.from !== undefined) element(details, "p", {}, "No line is known that sent what it received.");
  const heard = (receivers.get(at) || []).map((other) => nodes[lines[other].column].name + " at clock " + lines[other].event.clock);
  if (heard.length > 0) element(details, "p", {}, "Received by " + heard.join(", ") + ".");
  element(details, "h2", {}, "The line");
  element(details, "pre", {}, JSON.stringify(event, null, 2));
  showState(at);
  details.scrollTop = 0;
  if (scroll) plane.scrollTop = at * rowHeight - plane.clientHeight / 2 + 26;
  draw();
}

function zoom(factor, middle) {
  const at = (plane.scrollTop + middle - 26) / rowHeight;
  rowHeight = Math.max(4, Math.min(64, rowHeight * factor));
  layOut();
  plane.scrollTop = at * rowHeight - middle + 26;
  draw();
}

function find(text, from) {
  const wanted = text.toLowerCase();
  for (let step = 1; step <= lines.length; step++) {
    const at = (from + step) % lines.length;
    const { event, column } = lines[at];
    if ((nodes[column].name + " " + JSON.stringify(event)).toLowerCase().includes(wanted)) return at;
  }
  return -1;
}

drawing.addEventListener("click", (event) => {
  const row = event.target.closest("[data-at]");
  if (row) choose(Number(row.getAttribute("data-at")), false);
});
plane.addEventListener("scroll", () => requestAnimationFrame(draw));
plane.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientY - plane.getBoundingClientRect().top);
}, { passive: false });
addEventListener("resize", () => { layOut(); draw(); });
addEventListener("keydown", (event) => {
  if (event.target === search) return;
  const moves = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
  if (moves[event.key] !== undefined) { event.preventDefault(); choose(chosen + moves[event.key], true); }
  if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8, plane.clientHeight / 2);
});
byId("closer").onclick = () => zoom(1.25, plane.clientHeight / 2);
byId("wider").onclick = () => zoom(0.8, plane.clientHeight / 2);
byId("failure").onclick = () => choose(failing, true);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && search.value !== "") choose(find(search.value, chosen), true);
});
told.textContent = lines.length + " lines shown" + (data.left > 0 ? ", " + data.left + " before them" : "") + (data.more ? ", more behind them" : "") + "; arrow keys move, ctrl and wheel zoom";
layOut();
if (failing >= 0) choose(failing, true);
else { showWhy(); plane.scrollTop = lines.length * rowHeight; draw(); }
`;
