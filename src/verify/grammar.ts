import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";
import type { SyntaxNode, SyntaxParser } from "../tla/syntax.ts";

/**
 * How many characters the parser is given at a time. It goes back often, to see where a list of conjuncts ends, and is given the
 * rest of its text again each time: whole texts take ten times as long.
 */
const pieceSize = 256;

let loading: Promise<SyntaxParser> | undefined;

/** Loads the community's TLA+ grammar, once per process (about 20 ms). */
export function loadGrammar(): Promise<SyntaxParser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SyntaxParser> {
  const resolve = createRequire(import.meta.url).resolve;
  await Parser.init();
  const language = await Language.load(resolve("@tlaplus/tree-sitter-tlaplus/tree-sitter-tlaplus.wasm"));
  return (text) => {
    const parser = new Parser();
    parser.setLanguage(language);
    const tree = parser.parse((index) => text.slice(index, index + pieceSize));
    parser.delete();
    if (tree === null) throw new Error("the grammar gave no tree");
    return tree.rootNode satisfies SyntaxNode;
  };
}
