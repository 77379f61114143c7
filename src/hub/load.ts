import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Lockfile, lockedDependencies, parseLockfile, parseSourceId, type SourceKind } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import {
  defaultHubToml,
  FormatsError,
  type HubLock,
  type HubLockfile,
  type HubPackageId,
  type HubToml,
  hubLockVersion,
  parseHubLock,
  parseHubToml,
} from "../formats/index.ts";
import { hubLayout, isPackageId } from "../plan/index.ts";
import { readText, sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { programToStart } from "./programs.ts";

/** hub.lock as found: absent, readable, or damaged with the reason. */
export type PreviousLock =
  | { readonly kind: "absent" }
  | { readonly kind: "read"; readonly text: string; readonly lock: HubLock }
  | { readonly kind: "damaged"; readonly error: FormatsError };

/** hub.toml, or what holds without one. */
export function loadHubToml(place: HubPlace): HubToml {
  const path = inHub(place, hubLayout.hubToml);
  const text = readText(path);
  return text === undefined ? defaultHubToml : readHubToml(text, path);
}

/** Where the standard library's lockfile lies, as hub.lock lists it. */
export const stdLockfile: string = `.cargo/${hubLayout.stdLock}`;

/** hub.toml's text as this room goes by it: `std` is one lockfile more. */
export function readHubToml(text: string, path: string): HubToml {
  const hubToml = parseHubToml(text, path);
  return hubToml.std ? { ...hubToml, lockfiles: [...new Set([...hubToml.lockfiles, stdLockfile])] } : hubToml;
}

/** hub.lock. @throws {FormatsError} formats/hub-lock-version for one from a newer program. */
export function loadHubLock(place: HubPlace): PreviousLock {
  return readHubLock(inHub(place, hubLayout.hubLock));
}

/** What the last fill on this disk left behind; undefined when nothing says so and hub.lock has to be believed. */
export function loadHeld(place: HubPlace): HubLock | undefined {
  try {
    const held = readHubLock(inHub(place, hubLayout.held));
    return held.kind === "read" ? held.lock : undefined;
  } catch (error) {
    if (error instanceof FormatsError) return undefined; // a newer program's
    throw error;
  }
}

function readHubLock(path: string): PreviousLock {
  const text = readText(path);
  if (text === undefined) return { kind: "absent" };
  try {
    const lock = parseHubLock(text, path, sha256Hex);
    checkIds(lock, path);
    return { kind: "read", text, lock };
  } catch (error) {
    if (!(error instanceof FormatsError)) throw error;
    if (error.code === "formats/hub-lock-damaged") return { kind: "damaged", error };
    const version = error.code === "formats/hub-lock-version" ? versionBelow(text, path) : undefined;
    if (version !== undefined) return { kind: "damaged", error: versionDamaged(path, version, error) };
    throw error;
  }
}

/** The version whose checksum a file has when only the number of its version is wrong: one that really is newer has another checksum. */
function versionBelow(text: string, path: string): number | undefined {
  for (let version = 1; version <= hubLockVersion; version += 1) {
    try {
      parseHubLock(text.replace(/^version = \d+$/m, `version = ${version}`), path, sha256Hex);
      return version;
    } catch (error) {
      if (!(error instanceof FormatsError)) throw error;
    }
  }
  return undefined;
}

function versionDamaged(path: string, version: number, cause: FormatsError): FormatsError {
  return new FormatsError({
    code: "formats/hub-lock-damaged",
    what: `${cause.what}, and its checksum is that of version ${version}`,
    where: path,
    help: "run `cargo-hub fill`, which makes it anew",
    cause,
  });
}

/** hub.lock comes with a repository, so with anybody's text in it; what it lists becomes paths that a fill deletes. */
function checkIds(lock: HubLock, where: string): void {
  const kinds = new Map<string, SourceKind | undefined>();
  const kindOf = (source: string): SourceKind | undefined => {
    if (!kinds.has(source)) kinds.set(source, sourceKind(source));
    return kinds.get(source);
  };
  const isOf = (allowed: readonly SourceKind[]) => (crate: HubPackageId) => {
    const kind = kindOf(crate.source);
    return kind !== undefined && allowed.includes(kind) && isPackageId(crate);
  };
  const registries = isOf(["registry", "sparse"]);
  const wrong =
    [...lock.crates, ...lock.vendored].find((crate) => !registries(crate)) ??
    lock.packages.find((crate) => !isOf(["git"])(crate)) ??
    lock.quarantine.find((crate) => !registries(crate));
  const url = lock.repositories.find(
    (repository) => !URL.canParse(repository.url) || repository.commit.length !== 40,
  )?.url;
  if (wrong === undefined && url === undefined) return;
  throw new FormatsError({
    code: "formats/hub-lock-damaged",
    what:
      wrong === undefined
        ? `${JSON.stringify(url)} is not the address of a repository, or its commit is none that cargo could read`
        : `${JSON.stringify(wrong.name)} ${JSON.stringify(wrong.version)} of ${JSON.stringify(wrong.source)} is not a package of such a source`,
    where,
    help: "do not trust it: find out who wrote it, remove it and let `cargo-hub fill` make it anew",
  });
}

/** The kind of a source; undefined for text that names none, and for a git source without a commit that cargo could read. */
function sourceKind(source: string): SourceKind | undefined {
  try {
    const { kind, precise } = parseSourceId(source, hubLayout.hubLock);
    return kind === "git" && precise?.length !== 40 ? undefined : kind;
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}

/** A lockfile of the hub with its text. */
export interface LoadedLockfile extends HubLockfile {
  readonly absolute: string;
  readonly text: string;
}

/** Where lockfiles come from that do not simply lie there. */
export interface LockfileSupply {
  /** Called for a lockfile that does not exist; returns after making it, or throws. */
  readonly make: (absolute: string) => void;
  /** Texts by path, as hub.toml has it, that are taken in the place of what lies there. */
  readonly given?: ReadonlyMap<string, string>;
}

/** The texts of the hub's lockfiles. */
export function loadLockfiles(
  place: HubPlace,
  hubToml: HubToml,
  { make, given = new Map() }: LockfileSupply,
): LoadedLockfile[] {
  return hubToml.lockfiles.map((path) => {
    const absolute = resolve(place.root, path);
    let text = given.get(path) ?? readText(absolute);
    if (text === undefined) {
      make(absolute);
      text = readText(absolute);
    }
    if (text === undefined) throw lockfileMissing(absolute, "it does not exist");
    return { path, absolute, text, sha256: lockfileDigest(text) };
  });
}

/** SHA-256 of a lockfile's text with CRLF read as LF, so that a checkout on Windows has the same digest. */
export function lockfileDigest(text: string): string {
  return sha256Hex(text.includes("\r") ? text.replaceAll("\r\n", "\n") : text);
}

/** Parses what {@link loadLockfiles} read. */
export function parseLockfiles(lockfiles: readonly LoadedLockfile[]): { path: string; lockfile: Lockfile }[] {
  return lockfiles.map(({ absolute, text }) => {
    const lockfile = parseLockfile(text, absolute);
    lockedDependencies(lockfile, absolute); // notices a file that was cut between two packages
    return { path: absolute, lockfile };
  });
}

export function lockfileMissing(path: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/lockfile-missing",
    what,
    where: path,
    help: "run `cargo generate-lockfile` in the project, or correct `lockfiles` in .cargo/hub.toml",
  });
}

/** How a missing Cargo.lock may be made. */
export interface MakeLockfile {
  readonly locked: boolean;
  readonly offline: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Lets cargo write a missing Cargo.lock. @throws {HubRoomError} hub/lockfile-missing, hub/cargo-failed. */
export function makeLockfile(absolute: string, { locked, offline, env }: MakeLockfile): void {
  const directory = resolve(absolute, "..");
  const manifest = join(directory, "Cargo.toml");
  if (!existsSync(manifest))
    throw lockfileMissing(absolute, "it does not exist, and there is no Cargo.toml beside it to make it from");
  if (locked) throw lockfileMissing(absolute, "it does not exist and may not be made because --locked was given");
  const cargo = env["CARGO"] ?? "cargo";
  const run = spawnSync(programToStart(cargo, env), ["generate-lockfile", ...(offline ? ["--offline"] : [])], {
    cwd: directory,
    env,
    encoding: "utf8",
  });
  if (run.error !== undefined) {
    throw lockfileMissing(
      absolute,
      `it does not exist, and cargo, which would make it, cannot be started (${run.error.message})`,
    );
  }
  if (run.status === 0) return;
  throw new HubRoomError({
    code: "hub/cargo-failed",
    what: `\`cargo generate-lockfile\` ended with exit code ${run.status}:\n${run.stderr.trim()}`,
    where: manifest,
    help: "mend what cargo says, then run `cargo-hub fill` again",
  });
}
