/** Text of others on our terminal: a value may hold anything, escape sequences too. */

// C0 and C1 controls, and what turns the direction of writing.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** `text` with every control character shown as an escape. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const short = JSON.stringify(character).slice(1, -1);
    return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
  });
}

/** As `printable`, at most `length` characters long. */
export function shortened(text: string, length: number): string {
  const characters = [...printable(text)];
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}
