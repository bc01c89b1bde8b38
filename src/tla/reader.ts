import { TlaError, type Place, type Source } from "./fault.ts";
import type { SyntaxNode } from "./syntax.ts";

/** Reads the concrete tree of one module: gives nodes their text and place, and skips what carries no meaning. */
export class Reader {
  readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  place(node: SyntaxNode): Place {
    return {
      source: this.source,
      line: node.startPosition.row + 1,
      column: node.startPosition.column + 1,
      start: node.startIndex,
      end: node.endIndex,
    };
  }

  text(node: SyntaxNode): string {
    return this.source.text.slice(node.startIndex, node.endIndex);
  }

  /** The meaningful children: comments and punctuation left out. */
  parts(node: SyntaxNode): SyntaxNode[] {
    const result: SyntaxNode[] = [];
    for (const child of node.children) {
      if (child === null || !child.isNamed) continue;
      if (child.type === "comment" || child.type === "block_comment") continue;
      result.push(child);
    }
    return result;
  }

  part(node: SyntaxNode, index: number): SyntaxNode {
    const found = this.parts(node).at(index);
    if (found === undefined) throw this.fail(node, `incomplete ${node.type}`);
    return found;
  }

  fail(node: SyntaxNode, what: string): TlaError {
    return new TlaError(what, this.place(node));
  }

  /** The first place at which the text is not TLA+. */
  syntaxError(node: SyntaxNode): TlaError {
    for (const child of node.children) {
      if (child === null || !child.hasError) continue;
      if (child.isMissing) return this.fail(child, `syntax error: ${child.type} expected`);
      if (!child.isError) return this.syntaxError(child);
      const text = this.text(child).replace(/\s+/g, " ").trim().slice(0, 60);
      return this.fail(child, `syntax error near "${text}"`);
    }
    // Where nothing could be made of the whole text, the last thing that was recognised is nearest to the mistake.
    const last = node.isError ? this.parts(node).at(-1) : undefined;
    return this.fail(last ?? node, "syntax error");
  }
}

/** The text of a string literal, its escapes resolved. */
export function unescape(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_all, letter: string) => {
    const special: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f" };
    return special[letter] ?? letter;
  });
}
