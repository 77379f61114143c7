const TOKEN = / *(?:(\(|\)|,|=)|"([^"]*)"|(r#)?([A-Za-z_][A-Za-z0-9_]*))/y;
const NOT_IN_A_TRIPLE = /[^\p{Alphabetic}\p{N}_.-]/u;

/** An identifier's text is its name, without the `r#` that keeps `r#all` from being an operator. */
type Token =
  | { readonly kind: "sign"; readonly text: string }
  | { readonly kind: "string" }
  | { readonly kind: "identifier"; readonly text: string; readonly raw: boolean };

/**
 * True for what may stand in `[target.'…']`: a target triple, or a `cfg(…)` expression that cargo can read.
 *
 * @see The Cargo Book, "Platform specific dependencies".
 */
export function isPlatform(text: string): boolean {
  if (!text.startsWith("cfg(") || !text.endsWith(")")) return !NOT_IN_A_TRIPLE.test(text);
  const tokens = tokensOf(text.slice("cfg(".length, -1));
  return tokens !== undefined && expressionEnd(tokens, 0) === tokens.length;
}

/** `undefined` when a character can not begin a token. Blanks between tokens are spaces only. */
function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const end = text.replace(/ +$/, "").length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, sign, string, raw, name] = match;
    if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else if (string !== undefined) tokens.push({ kind: "string" });
    else if (name !== undefined) tokens.push({ kind: "identifier", text: name, raw: raw !== undefined });
  }
  return tokens;
}

/** Depth of nesting that is followed; cargo would overflow its stack somewhere beyond. */
const DEEPEST = 128;

/** Where the expression that begins at `at` ends, or -1 when there is none. */
function expressionEnd(tokens: readonly Token[], at: number, depth = 0): number {
  const token = tokens[at];
  if (token?.kind !== "identifier" || depth > DEEPEST) return -1;
  if (!token.raw && (token.text === "all" || token.text === "any")) return listEnd(tokens, at + 1, depth);
  if (!token.raw && token.text === "not") {
    if (!isSign(tokens[at + 1], "(")) return -1;
    const end = expressionEnd(tokens, at + 2, depth + 1);
    return end !== -1 && isSign(tokens[end], ")") ? end + 1 : -1;
  }
  if (!isSign(tokens[at + 1], "=")) return at + 1;
  return tokens[at + 2]?.kind === "string" ? at + 3 : -1;
}

function listEnd(tokens: readonly Token[], open: number, depth: number): number {
  if (!isSign(tokens[open], "(")) return -1;
  for (let at = open + 1; ; ) {
    if (isSign(tokens[at], ")")) return at + 1;
    at = expressionEnd(tokens, at, depth + 1);
    if (at === -1) return -1;
    if (isSign(tokens[at], ",")) at += 1;
    else return isSign(tokens[at], ")") ? at + 1 : -1;
  }
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "sign" && token.text === text;
}
