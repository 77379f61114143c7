import { quote } from "../errors/index.ts";
import { type CommitPack, readBlob, readTree } from "./commit-pack.ts";
import { parseGitConfig } from "./git-config.ts";
import { GitError, located } from "./git-error.ts";
import { type GitUrl, parseGitUrl, submoduleUrl } from "./git-url.ts";
import { GITMODULES_BYTES, SUBMODULES } from "./limits.ts";
import { findEntry } from "./pack-files.ts";
import { nameText } from "./snapshot.ts";

/** A submodule that cargo would check out. */
export interface Submodule {
  /** Its directory in the repository. */
  readonly path: string;
  /** Resolved as cargo does; checked. */
  readonly url: GitUrl;
  readonly commit: string;
}

/**
 * The submodules of a commit, as cargo would fetch them: those that stand in the tree, except where `.gitmodules` says `update = none`.
 *
 * @param url The URL the commit was, or would be, fetched from. Relative ones are resolved against it.
 * @returns In the order of the tree.
 * @throws {GitError} `git/submodule-refused` where cargo would fail, `git/url-refused`.
 */
export function listSubmodules(pack: CommitPack, url: string | GitUrl): Submodule[] {
  const above = typeof url === "string" ? parseGitUrl(url) : url;
  try {
    return submodulesOf(pack, above);
  } catch (error) {
    throw located(error, above.shown);
  }
}

function submodulesOf(pack: CommitPack, above: GitUrl): Submodule[] {
  const links: Gitlink[] = [];
  for (const link of gitlinks(pack)) {
    links.push(link);
    if (links.length > SUBMODULES) throw refused(pack, `it has more than ${SUBMODULES} submodules`);
  }
  if (links.length === 0) return [];
  const settings = readGitmodules(pack);
  return links.flatMap(({ path, id }) => {
    const setting = settings.get(path);
    if (setting?.url === undefined) throw refused(pack, `.gitmodules has no URL for the submodule ${quote(path)}`);
    if (setting.update === "none") return [];
    return [{ path, url: submoduleUrl(above, setting.url), commit: id }];
  });
}

type Gitlink = Pick<Submodule, "path"> & { readonly id: string };

/** Depth first; a tree without submodules below it is looked into once only. Names of files may be of any kind. */
function* gitlinks(pack: CommitPack): Generator<Gitlink, void> {
  const barren = new Set<string>();
  yield* linksBelow({ pack, barren }, pack.tree, "");
}

interface Walk {
  readonly pack: CommitPack;
  readonly barren: Set<string>;
}

function* linksBelow(walk: Walk, tree: string, above: string): Generator<Gitlink, void> {
  let found = 0;
  for (const { name, kind, id } of readTree(walk.pack, tree)) {
    if (kind === "submodule") {
      found += 1;
      yield { path: above + nameText(name, tree), id };
    } else if (kind === "tree" && !walk.barren.has(id)) {
      yield* linksBelow(walk, id, `${above}${name.toString("utf8")}/`);
      if (!walk.barren.has(id)) found += 1;
    }
  }
  if (found === 0) walk.barren.add(tree);
}

interface Settings {
  readonly url: string | undefined;
  readonly update: string | undefined;
}

/** Path of a submodule → what `.gitmodules` says of it. */
function readGitmodules(pack: CommitPack): Map<string, Settings> {
  const file = findEntry(pack, ".gitmodules");
  if (file === undefined) return new Map();
  if (file.kind !== "file" && file.kind !== "executable") throw refused(pack, ".gitmodules is no file");
  if (file.sizeBytes > GITMODULES_BYTES)
    throw refused(pack, `.gitmodules has ${file.sizeBytes} bytes, more than ${GITMODULES_BYTES}`);
  const entries = parseGitConfig(readBlob(pack, file.id).toString("utf8"));
  if (entries === undefined) throw refused(pack, ".gitmodules is no configuration file of git's");
  const byName = new Map<string, Map<string, string | undefined>>();
  for (const { section, subsection, key, value } of entries) {
    if (section !== "submodule" || subsection === undefined) continue;
    const keys = byName.get(subsection) ?? new Map<string, string | undefined>();
    byName.set(subsection, keys.set(key, value));
  }
  const byPath = new Map<string, Settings>();
  for (const keys of byName.values()) {
    const path = keys.get("path");
    if (path !== undefined) byPath.set(path.replace(/\/+$/, ""), { url: keys.get("url"), update: keys.get("update") });
  }
  return byPath;
}

function refused(pack: CommitPack, reason: string): GitError {
  return new GitError({
    code: "git/submodule-refused",
    what: `the submodules of commit ${pack.commit} can not be told: ${reason}`,
    help: "depend on another commit; cargo can not check this one out either",
    object: pack.commit,
  });
}
