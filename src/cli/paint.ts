/** Colours, for a terminal only. chalk is loaded when it is needed: it costs a command's start some milliseconds. */

export type Tone = "good" | "bad" | "warning" | "quiet" | "heading";
export type Paint = (tone: Tone, text: string) => string;

export const plain: Paint = (_tone, text) => text;

/** Colours when `stream` is a terminal and nobody asked for none (https://no-color.org). */
export async function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Promise<Paint> {
  if (stream.isTTY !== true || environment["NO_COLOR"] || environment["TERM"] === "dumb") return plain;
  const { default: chalk } = await import("chalk");
  const tones = { good: chalk.green, bad: chalk.red, warning: chalk.yellow, quiet: chalk.dim, heading: chalk.bold };
  return (tone, text) => tones[tone](text);
}
