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

/**
 * The paths that a pattern of `workspace.members` matches, in cargo's order, folded; files too.
 *
 * `?` is any character, `*` any number of them, `[…]` and `[!…]` one of a set, and `**`, alone between slashes, any number of
 * directories. Names that begin with a dot are no exception.
 *
 * @throws {GlobFault} with the reason.
 */
export function expandGlob(directory: string, pattern: string, list: ListDirectory): readonly GlobMatch[] {
  const parts = pattern.split("/").filter((part) => part !== "");
  const start = pattern.startsWith("/") ? "/" : directory;
  return matchesBelow({ path: start, isDirectory: true }, parts.map(matcherOf), list);
}

/** A path that a pattern matches. */
export interface GlobMatch {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** What one part of a pattern admits. */
type Matcher =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly pattern: RegExp }
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
        .filter(({ name }) => first.pattern.test(name))
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

function matcherOf(part: string): Matcher {
  if (part === "**") return { kind: "any-depth" };
  if (part.includes("**")) throw new GlobFault("`**` must stand alone between slashes");
  if (!/[*?[]/.test(part)) return { kind: "name", name: part };
  let source = "";
  for (let at = 0; at < part.length; at += 1) {
    const character = part[at] ?? "";
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      const end = setEnd(part, at);
      if (end === -1) throw new GlobFault("`[` is not closed");
      source += setSource(part.slice(at + 1, end));
      at = end;
    } else source += escaped(character);
  }
  return { kind: "pattern", pattern: new RegExp(`^${source}$`, "su") };
}

/** Where a set ends; its first character, after a `!`, may be a `]`. */
function setEnd(part: string, open: number): number {
  const first = part[open + 1] === "!" ? open + 2 : open + 1;
  return part.indexOf("]", first + 1);
}

function setSource(content: string): string {
  const negated = content.startsWith("!");
  const characters = negated ? content.slice(1) : content;
  return `[${negated ? "^" : ""}${characters.replaceAll(/[\\\]^[]/g, String.raw`\$&`)}]`;
}

function escaped(character: string): string {
  return character.replaceAll(/[\\^$.|+(){}\]]/g, String.raw`\$&`);
}
