import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseHubToml } from "../formats/index.ts";
import { hubLayout } from "../plan/index.ts";
import { readText } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { workspaceRoot } from "./workspace-root.ts";

/** A hub's place on disk, absolute. */
export interface HubPlace {
  /** The directory that holds `.cargo`. */
  readonly root: string;
  /** `<root>/.cargo`. */
  readonly dotCargo: string;
}

/** Where a command looks from. */
export interface Standpoint {
  readonly cwd: string;
  /** As cargo's `--manifest-path`. */
  readonly manifestPath?: string | undefined;
}

function hubPlace(root: string): HubPlace {
  return { root, dotCargo: join(root, ".cargo") };
}

/** A path below the hub's `.cargo`; `relativePath` uses `/`. */
export function inHub(place: HubPlace, relativePath: string): string {
  return join(place.dotCargo, relativePath);
}

/**
 * The hub that belongs to a directory: the nearest `.cargo` upwards with a hub.lock (or hub.toml, hub.config.toml).
 *
 * @returns undefined when no directory upwards has one.
 */
export function nearestHub(from: string): HubPlace | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const place = hubPlace(directory);
    if (isHub(place)) return place;
    if (dirname(directory) === directory) return undefined;
  }
}

/** The next hub above this one, which applies when this one is off. */
export function outerHub(place: HubPlace): HubPlace | undefined {
  const above = dirname(place.root);
  return above === place.root ? undefined : nearestHub(above);
}

/** A hub.lock or hub.toml makes a hub; one whose hub.lock got lost is known by its hub.config.toml. */
function isHub(place: HubPlace): boolean {
  return [hubLayout.hubLock, hubLayout.hubToml, hubLayout.hubConfig].some((file) => existsSync(inHub(place, file)));
}

/** The hub of the standpoint. @throws {HubRoomError} hub/not-found. */
export function existingHub(standpoint: Standpoint): HubPlace {
  const from = startDirectory(standpoint);
  const place = nearestHub(from);
  if (place !== undefined) return place;
  throw new HubRoomError({
    code: "hub/not-found",
    what: "there is no hub here or in a directory above (no .cargo/hub.lock, no .cargo/hub.toml)",
    where: from,
    help: "run `cargo-hub fill` in the project",
  });
}

/**
 * The hub that `fill` is to fill: an existing one at or below the workspace's root, else one further up whose hub.toml lists the
 * workspace's lockfile, else a new one at the workspace's root.
 *
 * @throws {HubRoomError} hub/nothing-to-fill when there is no hub, no manifest and no lockfile.
 */
export function hubToFill(standpoint: Standpoint): HubPlace {
  const place = hubToFillIfAny(standpoint);
  if (place === undefined) throw nothingToFill(startDirectory(standpoint));
  return place;
}

/** {@link hubToFill}; undefined where it would find nothing to fill. */
export function hubToFillIfAny(standpoint: Standpoint): HubPlace | undefined {
  const from = startDirectory(standpoint);
  const near = nearestHub(from);
  const workspace = workspaceDirectory(from);
  if (workspace === undefined) return near;
  if (near === undefined) return hubPlace(workspace);
  if (near.root === workspace || isBelow(near.root, workspace)) return near;
  return listsLockfile(near, join(workspace, "Cargo.lock")) ? near : hubPlace(workspace);
}

/** The directory that a command means. @throws {HubRoomError} hub/nothing-to-fill when it names a manifest that is not there. */
export function startDirectory({ cwd, manifestPath }: Standpoint): string {
  if (manifestPath === undefined) return cwd;
  const path = resolve(cwd, manifestPath);
  if (existsSync(path)) return dirname(path);
  throw new HubRoomError({
    code: "hub/nothing-to-fill",
    what: "the manifest does not exist",
    where: path,
    help: "give `--manifest-path` the path of a Cargo.toml",
  });
}

/** The root of the workspace around `from`; where only a Cargo.lock stands, its directory. */
function workspaceDirectory(from: string): string | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const manifest = join(directory, "Cargo.toml");
    if (existsSync(manifest)) return workspaceRoot(manifest, readText);
    if (existsSync(join(directory, "Cargo.lock"))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

/** Whether a path lies below a directory; both absolute. */
export function isBelow(path: string, above: string): boolean {
  return path.startsWith(above.endsWith(sep) ? above : above + sep);
}

function listsLockfile(place: HubPlace, lockfile: string): boolean {
  const path = inHub(place, hubLayout.hubToml);
  const text = readText(path);
  if (text === undefined) return false;
  return parseHubToml(text, path).lockfiles.some((listed) => resolve(place.root, listed) === lockfile);
}

/** The error of a fill that finds no project. */
export function nothingToFill(from: string): HubRoomError {
  return new HubRoomError({
    code: "hub/nothing-to-fill",
    what: "there is no Cargo.toml, no Cargo.lock and no .cargo/hub.toml here, in a directory above or in one below",
    where: from,
    help: "run it inside a Rust project, or name one with `--manifest-path`",
  });
}

/** `path` for people: relative to the current directory when that is shorter. */
export function displayPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  if (near === "") return ".";
  return near.length < path.length ? near : path;
}
