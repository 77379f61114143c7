import { relative, resolve, sep } from "node:path";
import { parseLockfile } from "../cargo/index.ts";
import { defaultHubToml, type HubToml, hubTomlVersion, parseHubToml } from "../formats/index.ts";
import { hubLayout, refuseCommitConflicts, wantedCrates } from "../plan/index.ts";
import { addToArray, removeFromArray } from "../toml/index.ts";
import { readText, replaceFile } from "./files.ts";
import type { FillOptions } from "./fill-scene.ts";
import { checkedGitPackages } from "./git/address.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { nothingToFill, startDirectory } from "./locate.ts";
import { projectsAmong } from "./projects.ts";
import { searchBelow } from "./search.ts";

/**
 * Lets hub.toml ask for the lockfiles of all projects at and below a directory.
 *
 * Nothing is written when the lockfiles contradict each other.
 *
 * @returns The directory whose hub is to be filled.
 * @throws {HubRoomError} hub/nothing-to-fill; hub/lock-outdated when `--locked` forbids the change; and what keeps a project from being read.
 */
export function askForUnion(options: FillOptions): string {
  const directory = resolve(startDirectory(options));
  const { roots, warnings, failed } = projectsAmong(searchBelow(directory));
  const [broken] = failed;
  if (broken !== undefined) throw broken.error;
  if (roots.length === 0) throw nothingToFill(directory);
  for (const message of warnings) options.onEvent({ kind: "warning", message });
  const lockfiles = roots.map((root) => relative(directory, resolve(root, "Cargo.lock")).split(sep).join("/"));
  const path = resolve(directory, ".cargo", hubLayout.hubToml);
  const before = readText(path);
  const asked = before === undefined ? defaultHubToml : parseHubToml(before, path);
  checkTogether(directory, lockfiles, asked);
  if (isSameSet(asked.lockfiles, lockfiles)) return directory;
  if (options.locked) throw outdated(path, asked, lockfiles);
  replaceFile(path, before === undefined ? newHubToml(lockfiles) : withLockfiles(before, lockfiles, { asked, path }));
  return directory;
}

/** Finds contradictions; a lockfile that is not there yet can have none. */
function checkTogether(directory: string, lockfiles: readonly string[], { mode }: HubToml): void {
  const placed = lockfiles.flatMap((lockfile) => {
    const path = resolve(directory, lockfile);
    const text = readText(path);
    return text === undefined ? [] : [{ path, lockfile: parseLockfile(text, path) }];
  });
  wantedCrates(placed);
  const packages = checkedGitPackages(placed);
  if (mode === "directory") refuseCommitConflicts(packages);
}

function newHubToml(lockfiles: readonly string[]): string {
  return `version = ${hubTomlVersion}\nlockfiles = [\n${lockfiles.map((path) => `  ${JSON.stringify(path)},\n`).join("")}]\n`;
}

/** Other bytes than those of the array's elements that come or go are kept. */
function withLockfiles(
  text: string,
  lockfiles: readonly string[],
  { asked, path }: { readonly asked: HubToml; readonly path: string },
): string {
  let edited = text;
  for (const value of lockfiles) edited = addToArray(edited, { path: ["lockfiles"], value }, path);
  for (const value of asked.lockfiles)
    if (!lockfiles.includes(value)) edited = removeFromArray(edited, { path: ["lockfiles"], value }, path);
  return edited;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

function outdated(where: string, { lockfiles: asked }: HubToml, found: readonly string[]): HubRoomError {
  const more = found.filter((path) => !asked.includes(path));
  const less = asked.filter((path) => !found.includes(path));
  const lists = [
    ...(more.length === 0 ? [] : [`it lacks ${more.join(", ")}`]),
    ...(less.length === 0 ? [] : [`it lists ${less.join(", ")}, which is not there`]),
  ];
  return new HubRoomError({
    code: "hub/lock-outdated",
    what: `${lists.join(" and ")}, and --locked forbids to change it`,
    where,
    help: "run `cargo-hub fill --union` without --locked and commit hub.toml and hub.lock",
  });
}
