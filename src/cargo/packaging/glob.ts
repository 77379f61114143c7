/** A piece of a glob. Texts are UTF-8 bytes, one character each, as cargo matches bytes. */
type Token =
  | { readonly is: "literal"; readonly byte: string }
  | { readonly is: "any" | "star" | "any-directories-first" | "any-directories" | "everything-below" }
  | { readonly is: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }
  | { readonly is: "alternatives"; readonly branches: readonly (readonly Token[])[] };

/** A compiled glob; see {@link compileGlob}. */
export interface Glob {
  matches(path: string): boolean;
}

/** A glob that cargo refuses too; the text says why. */
export class GlobProblem {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/**
 * Compiles a glob of the grammar that cargo's `include` and `exclude` know: `?`, `*`, `**`, `[a-z]`, `{a,b}` and `\` before
 * a character. `?` and `*` stop at slashes. Takes time in proportion to the lengths of glob and path, whatever they are.
 */
export function compileGlob(glob: string): Glob | GlobProblem {
  const parsed = parseTokens({ text: bytesOf(glob), at: 0, hasPlainBrackets: false }, 0);
  if (parsed instanceof GlobProblem) return parsed;
  const [only] = parsed;
  if (parsed.length === 1 && only?.is === "any-directories-first") return { matches: () => true };
  return {
    matches(path) {
      const bytes = bytesOf(path);
      return endsOf(parsed, new Set([0]), bytes).has(bytes.length);
    },
  };
}

/** UTF-8 as a text with one character for each byte. */
function bytesOf(text: string): string {
  return /^[\0-\x7f]*$/.test(text)
    ? text
    : Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

interface Reading {
  readonly text: string;
  at: number;
  /** Once a `[` was not closed, each is a plain character. */
  hasPlainBrackets: boolean;
}

const DEEPEST = 100;

/** Reads until the end or, within `{…}`, until the `}` or `,` that ends a branch. */
function parseTokens(reading: Reading, depth: number): readonly Token[] | GlobProblem {
  const tokens: Token[] = [];
  while (reading.at < reading.text.length) {
    const byte = reading.text.charAt(reading.at);
    if (depth > 0 && (byte === "}" || byte === ",")) return tokens;
    reading.at += 1;
    const token = tokenAt(byte, reading, { tokens, depth });
    if (token instanceof GlobProblem) return token;
    tokens.push(...token);
  }
  return depth === 0 ? tokens : new GlobProblem("a `{` is not closed");
}

interface Surroundings {
  /** What was read before in this branch; a `**` may take the last of it back. */
  readonly tokens: Token[];
  readonly depth: number;
}

function tokenAt(byte: string, reading: Reading, around: Surroundings): readonly Token[] | GlobProblem {
  switch (byte) {
    case "?":
      return [{ is: "any" }];
    case "*":
      return starsAt(reading, around);
    case "[":
      return reading.hasPlainBrackets ? [{ is: "literal", byte }] : classAt(reading);
    case "{":
      return alternativesAt(reading, around.depth);
    case "}":
      return new GlobProblem("a `}` was not opened");
    case "\\": {
      const escaped = reading.text.charAt(reading.at);
      reading.at += 1;
      return escaped === "" ? new GlobProblem("it ends in a backslash") : [{ is: "literal", byte: escaped }];
    }
    default:
      return [{ is: "literal", byte }];
  }
}

/** One `*`; or `**`, which means directories only where it is a whole component. */
function starsAt(reading: Reading, { tokens, depth }: Surroundings): readonly Token[] {
  if (reading.text[reading.at] !== "*") return [{ is: "star" }];
  const before = reading.at >= 2 ? reading.text[reading.at - 2] : undefined;
  reading.at += 1;
  const next = reading.text[reading.at];
  const twoStars: readonly Token[] = [{ is: "star" }, { is: "star" }];
  const startsBranch = depth > 0 && (before === "," || before === "{");
  if (tokens.length === 0) {
    if (next !== undefined && next !== "/") return twoStars;
    reading.at += next === undefined ? 0 : 1;
    return [{ is: "any-directories-first" }];
  }
  if (before !== "/" && !startsBranch) return twoStars;
  const isLast = next === undefined || (depth > 0 && (next === "," || next === "}"));
  if (!isLast && next !== "/") return twoStars;
  reading.at += isLast ? 0 : 1;
  const replaced = tokens.pop();
  if (replaced?.is === "any-directories-first" || replaced?.is === "everything-below") return [replaced];
  return [{ is: isLast ? "everything-below" : "any-directories" }];
}

function alternativesAt(reading: Reading, depth: number): readonly Token[] | GlobProblem {
  if (depth >= DEEPEST) return new GlobProblem("`{` is nested too deeply");
  const branches: (readonly Token[])[] = [];
  for (;;) {
    const branch = parseTokens(reading, depth + 1);
    if (branch instanceof GlobProblem) return branch;
    // An empty branch counts for nothing.
    if (branch.length > 0) branches.push(branch);
    reading.at += 1;
    if (reading.text[reading.at - 1] === "}") break;
  }
  return branches.length === 0 ? [] : [{ is: "alternatives", branches }];
}

function classAt(reading: Reading): readonly Token[] | GlobProblem {
  const { text } = reading;
  let at = reading.at;
  const negated = text[at] === "!" || text[at] === "^";
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  let inRange = false;
  for (let first = true; ; first = false) {
    const byte = text.charAt(at);
    at += 1;
    if (byte === "") {
      reading.hasPlainBrackets = true;
      return [{ is: "literal", byte: "[" }];
    }
    if (byte === "]" && !first) break;
    const last = ranges.at(-1);
    if (byte === "-" && !first && !inRange) {
      inRange = true;
    } else if (inRange && last !== undefined) {
      last[1] = byte;
      if (byte < last[0]) return new GlobProblem(`the range ${last[0]}-${byte} is empty`);
      inRange = false;
    } else {
      ranges.push([byte, byte]);
    }
  }
  if (inRange) ranges.push(["-", "-"]);
  reading.at = at;
  return [{ is: "class", negated, ranges }];
}

/** Where a match of all tokens may end, when it may begin at any of `starts`. */
function endsOf(tokens: readonly Token[], starts: ReadonlySet<number>, text: string): ReadonlySet<number> {
  let places = starts;
  for (const token of tokens) {
    if (places.size === 0) break;
    places = endsOfOne(token, places, text);
  }
  return places;
}

function endsOfOne(token: Token, starts: ReadonlySet<number>, text: string): ReadonlySet<number> {
  switch (token.is) {
    case "literal":
      return stepped(starts, text, (byte) => byte === token.byte);
    case "any":
      return stepped(starts, text, (byte) => byte !== "/");
    case "class":
      return stepped(starts, text, (byte) => isIn(byte, token));
    case "star":
      return spread(starts, text, (byte) => byte !== "/");
    case "any-directories-first":
      return new Set([...starts, ...behindSlashes(starts, text, 0)]);
    case "any-directories":
      return behindSlashes(
        stepped(starts, text, (byte) => byte === "/"),
        text,
        1,
      );
    case "everything-below":
      return spread(
        stepped(starts, text, (byte) => byte === "/"),
        text,
        () => true,
      );
    case "alternatives":
      return new Set(token.branches.flatMap((branch) => [...endsOf(branch, starts, text)]));
    default:
      return token satisfies never;
  }
}

function stepped(starts: ReadonlySet<number>, text: string, fits: (byte: string) => boolean): ReadonlySet<number> {
  const ends = new Set<number>();
  for (const start of starts) if (start < text.length && fits(text.charAt(start))) ends.add(start + 1);
  return ends;
}

function spread(starts: ReadonlySet<number>, text: string, fits: (byte: string) => boolean): ReadonlySet<number> {
  const ends = new Set(starts);
  for (let at = 0; at < text.length; at += 1) if (ends.has(at) && fits(text.charAt(at))) ends.add(at + 1);
  return ends;
}

/** The places behind each slash from the first start on; `back` also counts a start that is one already. */
function behindSlashes(starts: ReadonlySet<number>, text: string, back: 0 | 1): ReadonlySet<number> {
  const first = Math.min(...starts);
  const ends = new Set<number>();
  for (let at = first; at <= text.length; at += 1) {
    if ((back === 1 && starts.has(at)) || (at > first && text[at - 1] === "/")) ends.add(at);
  }
  return ends;
}

function isIn(byte: string, { negated, ranges }: Token & { is: "class" }): boolean {
  return ranges.some(([low, high]) => low <= byte && byte <= high) !== negated;
}
