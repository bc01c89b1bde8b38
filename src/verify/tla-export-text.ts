/** The texts of an exported trace. */

import { UserError } from "../errors.ts";

/** Lines in one definition: a parser need not hold a sequence of a million records at once. */
export const chunkSize = 500;

/** TLC's integers have 32 bits. */
const largest = 2 ** 31 - 1;

/** A line as a record of TLA+: objects become records, arrays sequences. */
export function recordText(json: unknown): string {
  if (typeof json === "string") return stringText(json);
  if (typeof json === "boolean") return json ? "TRUE" : "FALSE";
  if (typeof json === "number") {
    if (!Number.isInteger(json) || Math.abs(json) > largest) throw new UserError("INVALID_ARGUMENT", `${json} is more than an integer of TLC can hold`);
    return String(json);
  }
  if (Array.isArray(json)) return `<<${json.map(recordText).join(", ")}>>`;
  const fields = Object.entries(json as object).map(([field, value]) => `${field} |-> ${recordText(value)}`);
  return `[${fields.join(", ")}]`;
}

/** TLA+ knows few escapes, and its parser ASCII only: what is neither is told by its number. */
function stringText(text: string): string {
  const inside = text.replace(/["\\]/g, "\\$&").replace(/[^ -~]/g, (character) => `\\\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${inside}"`;
}

/** A line inside of a box of comments. */
const boxed = (text: string): string => `(* ${text.padEnd(72)}*)`;
const edge = `(${"*".repeat(75)})`;

export function head(module: string, group: string): string {
  return `${`-- MODULE ${module}File --`.padStart(44, "-").padEnd(77, "-")}
${edge}
${boxed(`A trace of group ${group}, as blixard wrote it: its lines in causal`)}
${boxed("order, headers left out.  Each must be a step that Step in")}
${boxed(`${module} allows; README.md says how to check that.`)}
${edge}
EXTENDS ${module}, Naturals, Sequences, TLC

VARIABLE line  \\* how many lines are behind
`;
}

export function chunkHead(chunk: number, first: number): string {
  return `\n(* From line ${first} on. *)\nLines${chunk} == <<\n`;
}

export const chunkTail = "\n>>\n";

export function foot(chunks: number): string {
  const all = Array.from({ length: chunks }, (_, at) => `Lines${at + 1}`).join(" \\o ");
  return `
Lines == ${all}

-----------------------------------------------------------------------------
FileInit == Init /\\ line = 0

FileNext ==
    /\\ line < Len(Lines)
    /\\ Step(Lines[line + 1])
    /\\ line' = line + 1

(* Afterwards: some behaviour of the specification consumed every line.    *)
AllLinesAreSteps ==
    LET reached == TLCGet("stats").diameter - 1
    IN  IF reached = Len(Lines) THEN TRUE
        ELSE Print(<<"No step:", Lines[reached + 1]>>, FALSE)

(* For versions of TLC without POSTCONDITION: as an invariant it is        *)
(* violated exactly when every line was consumed.                          *)
LinesRemain == line < Len(Lines)
=============================================================================
`;
}

/** The configuration of the specification, for the lines in the module. */
export function configurationText(configuration: string, servers: readonly string[]): string {
  const laws = configuration.replace(/^(?:INIT|NEXT|SPECIFICATION)\b.*\n/gm, "").replace(/^\\\*.*\n/gm, "").trimEnd();
  return `INIT FileInit
NEXT FileNext
CHECK_DEADLOCK FALSE
POSTCONDITION AllLinesAreSteps
CONSTANT Server = {${servers.map(stringText).join(", ")}}
${laws}
`;
}

export function readmeText(module: string, group: string, lines: number): string {
  return `# A trace of group ${group}: ${lines} lines

\`${module}File.tla\` holds the lines of all nodes in causal order, as records; \`trace.ndjson\` holds the same as JSON. Line
n must be a step of the specification beside it (\`Step\` in \`${module}.tla\`) from the state behind line n - 1, and the
invariants and properties that \`${module}File.cfg\` lists must hold in every state. To check that with TLC (1.8.0 or newer):

    java -XX:+UseParallelGC -cp tla2tools.jar tlc2.TLC -config ${module}File.cfg ${module}File.tla

The trace is accepted when TLC ends without an error, with ${lines + 1} distinct states on a path of that length (more only
where the trace leaves something open). A line that is no step is printed by \`AllLinesAreSteps\`; \`-dumpTrace\` and a
smaller \`Lines\` show the state before it. Versions of TLC that do not know POSTCONDITION: take that line out of the
configuration and add \`INVARIANT LinesRemain\`; the trace is accepted when TLC reports that *this* invariant is violated.

The same without Java, by blixard: \`blixard model ${module}File.tla --config ${module}File.cfg\` for this directory, or
\`blixard verify\` for the traces that it came from.
`;
}
