/** How a symbol binds: its range of precedence, and whether it may be repeated without parentheses. */
export interface OperatorSymbol {
  readonly symbol: string;
  readonly low: number;
  readonly high: number;
  readonly associative: boolean;
}

/** Specifying Systems, p. 271, as amended by the reference parser: node type of the grammar, symbol, range, a = associative. */
const rows = `
implies => 1 1|plus_arrow -+-> 2 2|equiv \\equiv 2 2|iff \\equiv 2 2|leads_to ~> 2 2|land /\\ 3 3 a|lor \\/ 3 3 a
assign := 5 5|bnf_rule ::= 5 5|eq = 5 5|neq # 5 5|lt < 5 5|gt > 5 5|leq \\leq 5 5|geq \\geq 5 5|approx \\approx 5 5
rs_ttile |- 5 5|rd_ttile |= 5 5|ls_ttile -| 5 5|ld_ttile =| 5 5|asymp \\asymp 5 5|cong \\cong 5 5|doteq \\doteq 5 5
gg \\gg 5 5|ll \\ll 5 5|in \\in 5 5|notin \\notin 5 5|prec \\prec 5 5|succ \\succ 5 5|preceq \\preceq 5 5
succeq \\succeq 5 5|propto \\propto 5 5|sim \\sim 5 5|simeq \\simeq 5 5|sqsubset \\sqsubset 5 5|sqsupset \\sqsupset 5 5
sqsubseteq \\sqsubseteq 5 5|sqsupseteq \\sqsupseteq 5 5|subset \\subset 5 5|supset \\supset 5 5|subseteq \\subseteq 5 5
supseteq \\supseteq 5 5|compose @@ 6 6 a|map_to :> 7 7|map_from <: 7 7|setminus \\ 8 8|cap \\cap 8 8 a|cup \\cup 8 8 a
dots_2 .. 9 9|dots_3 ... 9 9|plus + 10 10 a|plusplus ++ 10 10 a|oplus \\oplus 10 10 a|ominus \\ominus 11 11 a|mod % 10 11
modmod %% 10 11 a|vert | 10 11 a|vertvert || 10 11 a|minus - 11 11 a|minusminus -- 11 11 a|amp & 13 13 a|ampamp && 13 13 a
odot \\odot 13 13 a|oslash \\oslash 13 13|otimes \\otimes 13 13 a|mul * 13 13 a|mulmul ** 13 13 a|slash / 13 13
slashslash // 13 13|bigcirc \\bigcirc 13 13 a|bullet \\bullet 13 13 a|div \\div 13 13|circ \\o 13 13 a|star \\star 13 13 a
excl !! 9 13|hashhash ## 9 13 a|dol $ 9 13 a|doldol $$ 9 13 a|qq ?? 9 13 a|sqcap \\sqcap 9 13 a|sqcup \\sqcup 9 13 a
uplus \\uplus 9 13 a|times \\X 10 13 a|wr \\wr 9 14|cdot \\cdot 5 14 a|pow ^ 14 14|powpow ^^ 14 14
`;

const prefixRows = `lnot ~ 4 4|union UNION 10 13|powerset SUBSET 10 13|domain DOMAIN 10 13|negative -. 12 12
enabled ENABLED 4 15|unchanged UNCHANGED 4 15|always [] 4 15|eventually <> 4 15`;

const postfixRows = `sup_plus ^+ 15 15|asterisk ^* 15 15|sup_hash ^# 15 15|prime ' 15 15`;

function table(text: string): ReadonlyMap<string, OperatorSymbol> {
  const result = new Map<string, OperatorSymbol>();
  for (const row of text.trim().split(/\n|\|(?=[a-z_0-9]+ )/)) {
    const [type = "", symbol = "", low = "", high = "", associative] = row.trim().split(" ");
    result.set(type, { symbol, low: Number(low), high: Number(high), associative: associative === "a" });
  }
  return result;
}

/** Infix operators by the grammar's name for the symbol. `<=` and `=<` and `\leq` are one operator. */
export const infixOperators = table(rows);
export const prefixOperators = table(prefixRows);
export const postfixOperators = table(postfixRows);

/** Whether `child` may stand, without parentheses, at the left of `operator`. */
export function bindsAtLeft(child: OperatorSymbol, operator: OperatorSymbol): boolean {
  if (child.low > operator.high) return true;
  return child.symbol === operator.symbol && operator.associative;
}

/** Whether `child` may stand, without parentheses, at the right of `operator`. */
export function bindsAtRight(child: OperatorSymbol, operator: OperatorSymbol): boolean {
  return child.low > operator.high;
}
