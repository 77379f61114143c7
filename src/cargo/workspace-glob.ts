import { joinPath } from "./slash-path.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** What stands in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** True for a symbolic link to a directory too. */
  readonly isDirectory: boolean;
  readonly isLink: boolean;
}

/** Lists a directory by its absolute path, in any order; `undefined` when there is none. */
export type ListDirectory = (absolutePath: string) => readonly DirectoryEntry[] | undefined;

/** A pattern that cargo refuses. */
export class GlobFault extends Error {}

/** A path that a pattern matches. */
export interface GlobMatch {
  readonly path: string;
  readonly isDirectory: boolean;
}

/**
 * The paths that a pattern of `workspace.members` matches, in cargo's order, folded; files too.
 *
 * `?` is any character, `*` any number of them, `[…]` and `[!…]` one of a set, and `**`, alone between slashes, any number of
 * directories. Names that begin with a dot are no exception. (`include` and `exclude` of a package have another grammar.)
 *
 * @throws {GlobFault} with the reason.
 */
export function expandGlob(directory: string, pattern: string, list: ListDirectory): readonly GlobMatch[] {
  const parts = pattern.split("/").filter((part) => part !== "");
  const start = pattern.startsWith("/") ? "/" : directory;
  return matchesBelow({ path: start, isDirectory: true }, parts.map(matcherOf), list);
}

/** One character of a name, or several. */
type Piece = { readonly kind: "any" | "star" } | { readonly kind: "set"; readonly has: (character: string) => boolean };

/** What one part of a pattern admits. */
type Matcher =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly pieces: readonly Piece[] }
  | { readonly kind: "any-depth" };

function matchesBelow(at: GlobMatch, matchers: readonly Matcher[], list: ListDirectory): GlobMatch[] {
  const [first, ...rest] = matchers;
  if (first === undefined) return [at];
  if (!at.isDirectory) return [];
  const entries = [...(list(at.path) ?? [])].sort((a, b) => compareUtf8(a.name, b.name));
  const below = (entry: DirectoryEntry): GlobMatch => ({
    path: joinPath(at.path, entry.name),
    isDirectory: entry.isDirectory,
  });
  switch (first.kind) {
    case "name": {
      if (first.name === "." || first.name === "..") {
        return matchesBelow({ path: joinPath(at.path, first.name), isDirectory: true }, rest, list);
      }
      const named = entries.find(({ name }) => name === first.name);
      return named === undefined ? [] : matchesBelow(below(named), rest, list);
    }
    case "pattern":
      return entries
        .filter(({ name }) => isMatch(Array.from(name), first.pieces))
        .flatMap((entry) => matchesBelow(below(entry), rest, list));
    case "any-depth":
      return [
        ...matchesBelow(at, rest, list),
        ...entries
          .filter(({ isDirectory, isLink }) => isDirectory && !isLink)
          .flatMap((entry) => matchesBelow(below(entry), matchers, list)),
      ];
  }
}

/** Takes time in proportion to the product of both lengths: a star that failed need not be tried again before a later one. */
function isMatch(name: readonly string[], pieces: readonly Piece[]): boolean {
  let at = 0;
  let piece = 0;
  let star = -1;
  let afterStar = 0;
  while (at < name.length) {
    const next = pieces[piece];
    const character = name[at] ?? "";
    if (next?.kind === "star") {
      star = piece;
      afterStar = at;
      piece += 1;
    } else if (next?.kind === "any" || (next?.kind === "set" && next.has(character))) {
      at += 1;
      piece += 1;
    } else if (star !== -1) {
      afterStar += 1;
      at = afterStar;
      piece = star + 1;
    } else return false;
  }
  return pieces.slice(piece).every(({ kind }) => kind === "star");
}

function matcherOf(part: string): Matcher {
  if (part === "**") return { kind: "any-depth" };
  if (part.includes("**")) throw new GlobFault("`**` must stand alone between slashes");
  if (!/[*?[]/.test(part)) return { kind: "name", name: part };
  const characters = Array.from(part);
  const pieces: Piece[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    if (character === "*") pieces.push({ kind: "star" });
    else if (character === "?") pieces.push({ kind: "any" });
    else if (character === "[") {
      const end = setEnd(characters, at);
      if (end === -1) throw new GlobFault("`[` is not closed");
      pieces.push(setOf(characters.slice(at + 1, end)));
      at = end;
    } else pieces.push({ kind: "set", has: (other) => other === character });
  }
  return { kind: "pattern", pieces };
}

/** Where a set ends; its first character, after a `!`, may be a `]`. */
function setEnd(characters: readonly string[], open: number): number {
  const first = characters[open + 1] === "!" ? open + 2 : open + 1;
  return characters.indexOf("]", first + 1);
}

function setOf(content: readonly string[]): Piece {
  const isNegated = content[0] === "!";
  const members = isNegated ? content.slice(1) : content;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const first = members[at] ?? "";
    const last = members[at + 2];
    if (members[at + 1] === "-" && last !== undefined) {
      ranges.push([first, last]);
      at += 2;
    } else ranges.push([first, first]);
  }
  const isIn = (character: string): boolean =>
    ranges.some(([first, last]) => compareUtf8(first, character) <= 0 && compareUtf8(character, last) <= 0);
  return { kind: "set", has: (character) => isIn(character) !== isNegated };
}
