import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isCratesIo, type SourceId } from "../../cargo/index.ts";
import { indexRepository } from "../../git/index.ts";
import { configPlaces, indexDirectory, indexPlaces } from "../../plan/index.ts";
import { movePath, removePath } from "../../store/index.ts";
import type { Finding } from "../check-crate.ts";
import { makeDirectory, readBytesIfThere, writeError } from "../files.ts";
import { filesBelow } from "../files-below.ts";
import { type HubPlace, inHub } from "../locate.ts";
import { isInUse } from "./databases.ts";

/** Whether cargo reads a registry's index from a git repository. The public registry's lockfile name is that of one, but it is read otherwise. */
export function hasGitIndex(source: SourceId): boolean {
  return source.kind === "registry" && !isCratesIo(source);
}

/** The index of a registry in the hub: which names it has. */
export interface HeldIndex {
  readonly ident: string;
  readonly names: Iterable<string>;
}

/**
 * Where cargo opens the repository of an index. It is a bare one, beside the index files: a `.git` would make a repository inside of the
 * project's, whose files git does not take.
 */
function repositoryPath(place: HubPlace, ident: string): string {
  return inHub(place, indexDirectory(ident));
}

/** What is a repository's in that directory: ours, what cargo's fetches add, and the `.git` that cargo makes of its own accord. */
const repositoryNames = [
  "HEAD",
  ".git",
  "FETCH_HEAD",
  "ORIG_HEAD",
  "branches",
  "config",
  "description",
  "hooks",
  "info",
  "logs",
  "objects",
  "packed-refs",
  "refs",
  "shallow",
];

/** Whether a path below an index's directory is its repository's. */
export function isOfIndexRepository(relativePath: string): boolean {
  return repositoryNames.includes(relativePath.split(/[\\/]/)[0] ?? "");
}

/** Moves a repository away. `HEAD` goes first and comes last: without it there is no repository, so that half of one is never read. */
function moveAside(directory: string, aside: string): boolean {
  const there = repositoryNames.filter((name) => existsSync(join(directory, name)));
  if (there.length > 0) makeDirectory(aside);
  for (const name of there) movePath(join(directory, name), join(aside, name));
  return there.length > 0;
}

/** What cargo's repository of this index must hold, made from the index files that lie in the hub; undefined when one is missing. */
function expectedFiles(place: HubPlace, { ident, names }: HeldIndex): ReturnType<typeof indexRepository> | undefined {
  const root = indexDirectory(ident);
  const paths = [configPlaces(ident).config, ...[...names].map((name) => indexPlaces({ ident, name }).rawIndex)];
  const contents = new Map<string, Uint8Array>();
  for (const path of new Set(paths)) {
    const content = readBytesIfThere(inHub(place, path));
    if (content === undefined) return undefined;
    contents.set(path.slice(root.length + 1), content);
  }
  return indexRepository(contents);
}

/**
 * Makes the repository that cargo reads a git index from, for mode `cargo-home`. One into which cargo has fetched is replaced too: it
 * was fetched, and can be again.
 *
 * @param staged A private path on the hub's file system. @returns whether anything was written.
 */
export function writeIndexRepository(place: HubPlace, index: HeldIndex, staged: string): boolean {
  const expected = expectedFiles(place, index);
  const directory = repositoryPath(place, index.ident);
  if (expected === undefined || differences(directory, expected.files).length === 0) return false;
  try {
    for (const { path, content } of expected.files) {
      const target = join(staged, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    moveAside(directory, `${staged}-old`);
    makeDirectory(directory);
    const names = new Set(expected.files.map(({ path }) => path.split("/")[0] ?? ""));
    for (const name of [...[...names].filter((other) => other !== "HEAD"), "HEAD"])
      movePath(join(staged, name), join(directory, name));
    return true;
  } catch (error) {
    throw writeError(error, directory);
  }
}

/** Takes the repository of an index away. @returns whether there was one. */
export function removeIndexRepository(place: HubPlace, ident: string, aside: string): boolean {
  if (!moveAside(repositoryPath(place, ident), aside)) return false;
  removePath(aside, { recursive: true });
  return true;
}

type Difference = Pick<Finding, "kind" | "path" | "reason">;

function differences(
  directory: string,
  files: readonly { readonly path: string; readonly content: Uint8Array }[],
): Difference[] {
  const found: Difference[] = [];
  const known = new Set(files.map(({ path }) => path));
  for (const file of files) {
    const path = join(directory, file.path);
    if (!existsSync(path)) found.push({ kind: "missing", path, reason: "it is not there" });
    else if (!readFileSync(path).equals(file.content))
      found.push({ kind: "damaged", path, reason: "it is not what the pinned index lines give" });
  }
  for (const path of filesBelow(directory)) {
    if (known.has(path) || !isOfIndexRepository(path)) continue;
    found.push({ kind: "foreign", path: join(directory, path), reason: "hub.lock does not account for it" });
  }
  return found;
}

/** Checks the repository of an index, unless cargo has fetched into it: then it is cargo's. */
export function checkIndexRepository(place: HubPlace, index: HeldIndex, findings: Finding[]): void {
  const directory = repositoryPath(place, index.ident);
  if (isInUse(directory)) return;
  const expected = expectedFiles(place, index);
  if (expected === undefined) return; // what is missing is a finding of its own
  for (const difference of differences(directory, expected.files)) {
    findings.push({ ...difference, area: difference.kind === "foreign" ? "directory" : "index-repository" });
  }
}
