import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type CommitPack,
  type CommitReference,
  databaseFiles,
  databaseReference,
  type RepositoryFile,
} from "../../git/index.ts";
import { repositoryPlaces, type WantedGitPackage } from "../../plan/index.ts";
import type { LinkMode } from "../../store/index.ts";
import { linkFile } from "./link-file.ts";
import { type OpenRepository, repositoryKey } from "./repositories.ts";

/** A bare repository as it is to stand in the hub. */
export interface Database {
  /** Relative to `.cargo`; `/` separates. */
  readonly path: string;
  readonly files: readonly RepositoryFile[];
  /** Commit → the file that holds its pack. */
  readonly packs: ReadonlyMap<string, string>;
}

/** What a database is made from: an open repository, or one whose pack `verify` has opened. */
type Held = Pick<OpenRepository, "url" | "commit" | "path"> & { readonly pack: CommitPack };

/** The databases that hold these repositories, one for each address. */
export function databasesOf(
  held: readonly Held[],
  wanted: readonly Pick<WantedGitPackage, "sourceId" | "commit">[],
): Database[] {
  const groups = new Map<string, Held[]>();
  for (const repository of held) {
    const { database } = repositoryPlaces(repository);
    const group = groups.get(database) ?? [];
    group.push(repository);
    groups.set(database, group);
  }
  return [...groups].map(([path, group]) => {
    const files = databaseFiles({ packs: group.map(({ pack }) => pack), references: referencesOf(group, wanted) });
    return { path, files, packs: new Map(group.map(({ commit, path: file }) => [commit, file])) };
  });
}

function referencesOf(
  group: readonly Held[],
  wanted: readonly Pick<WantedGitPackage, "sourceId" | "commit">[],
): CommitReference[] {
  const keys = new Set(group.map(repositoryKey));
  return wanted.flatMap(({ sourceId, commit }) => {
    if (!keys.has(repositoryKey({ url: sourceId.url, commit }))) return [];
    const reference = databaseReference(sourceId.reference, commit);
    return reference === undefined ? [] : [reference];
  });
}

/** Whether cargo has fetched into a database: then more is in it than a hub puts there. */
export function isInUse(database: string): boolean {
  return existsSync(join(database, "FETCH_HEAD"));
}

/** What cargo's own fetches into a database change, or its beginning anew. */
export const changedByUse: ReadonlySet<string> = new Set(["packed-refs", "config", "HEAD"]);

/** What of a database on disk is as it should be. */
function isRightFile(database: Database, file: RepositoryFile, directory: string): boolean {
  const path = join(directory, file.path);
  if (!existsSync(path)) return false;
  if (isInUse(directory) && changedByUse.has(file.path)) return true;
  return readFileSync(path).equals("content" in file ? file.content : readFileSync(packFile(database, file.packOf)));
}

/** The file that holds a commit's pack. */
function packFile({ packs }: Database, commit: string): string {
  const path = packs.get(commit);
  if (path === undefined) throw new TypeError(`no pack of ${commit} was given`);
  return path;
}

/** Writes what a database lacks into `staged`, for renames to their places in `directory`. */
export function stageDatabase(
  database: Database,
  { directory, staged, link }: { readonly directory: string; readonly staged: string; readonly link: LinkMode },
): { from: string; to: string }[] {
  return database.files.flatMap((file) => {
    if (isRightFile(database, file, directory)) return [];
    const from = join(staged, file.path);
    mkdirSync(dirname(from), { recursive: true });
    if ("packOf" in file) linkFile(packFile(database, file.packOf), from, link);
    else writeFileSync(from, file.content);
    return [{ from, to: join(directory, file.path) }];
  });
}
