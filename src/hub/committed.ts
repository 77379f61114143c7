import { spawnSync } from "node:child_process";
import { existsSync, lstatSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { hubLayout } from "../plan/index.ts";
import { filesBelow } from "./files-below.ts";
import { isOfIndexRepository } from "./git/index-repository.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { programToStart } from "./programs.ts";
import type { Environment } from "./sources.ts";

/** What of a hub's content is meant for git because hub.toml says `commit = "crates"`. */
export interface CommittedContent {
  readonly files: number;
  readonly bytes: number;
  /** Files that git would not take, with the rule that hides each: `path/.gitignore:3: *.crate`. */
  readonly hidden: readonly HiddenFile[];
}

export interface HiddenFile {
  /** Relative to the directory that holds `.cargo`; `/` separates. */
  readonly path: string;
  readonly rule: string;
}

/** Looks at the crate files and index lines of a hub, and asks git which of the hub's files it ignores. */
export function committedContent(place: HubPlace, env: Environment): CommittedContent {
  const files = [...crateFiles(place), ...indexFiles(place)].map((path) => ({ path, size: lstatSync(path).size }));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const texts = ["hubToml", "hubLock", "stdLock", "hubConfig", "config", "gitignore", "gitattributes"] as const;
  const own = texts.map((name) => inHub(place, hubLayout[name])).filter((path) => existsSync(path));
  const paths = [...own, ...files.map(({ path }) => path)];
  return { files: files.length, bytes, hidden: hiddenFromGit(place, paths, env) };
}

/** `.crate` files and packs; not the index that a local registry has among them. */
function crateFiles(place: HubPlace): string[] {
  const root = inHub(place, "registry/cache");
  return [...filesBelow(root)].filter((path) => !/^[^/]+\/index(?:\/|$)/.test(path)).map((path) => join(root, path));
}

/** Index lines, config.json and its digest; not what is made from them. */
function indexFiles(place: HubPlace): string[] {
  const root = inHub(place, "registry/index");
  return [...filesBelow(root)].filter((path) => !isMade(path)).map((path) => join(root, path));
}

function isMade(path: string): boolean {
  const inside = path.slice(path.indexOf("/") + 1);
  return inside.startsWith(".cache/") || isOfIndexRepository(inside);
}

/** What git says to ignore; nothing where there is no git or no repository. What is tracked already is never ignored. */
function hiddenFromGit(place: HubPlace, paths: readonly string[], env: Environment): HiddenFile[] {
  // A repository can name programs to be run; asking what is ignored must run none.
  const safely = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];
  const asked = paths.map((path) => relative(place.root, path).split(sep).join("/"));
  const run = spawnSync(programToStart("git", env), [...safely, "check-ignore", "--verbose", "-z", "--stdin"], {
    cwd: place.root,
    env,
    input: asked.join("\0"),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.error !== undefined || run.status !== 0) return [];
  const fields = run.stdout.split("\0");
  const hidden: HiddenFile[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [file = "", line = "", pattern = "", path = ""] = fields.slice(at, at + 4);
    if (!pattern.startsWith("!")) hidden.push({ path, rule: `${file}:${line}: ${pattern}` });
  }
  return hidden;
}
