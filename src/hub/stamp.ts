import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { movePath, removePath, uniqueName } from "../store/index.ts";

/**
 * What a fill saw and left behind, so that the next one can tell in milliseconds that nothing changed.
 *
 * A cache in the store: without it a fill takes the long way and comes to the same result.
 */
export interface Stamp {
  readonly stampVersion: 1;
  /** The directory from which the hub was looked for, or the manifest; older stamps do not say it. */
  readonly from?: string;
  /** The program and the environment it is valid for. */
  readonly key: string;
  /** Every file whose content mattered, with its digest; null: it did not exist. */
  readonly inputs: readonly (readonly [path: string, sha256: string | null])[];
  /** Every file that must be there, with its size in bytes. */
  readonly files: readonly (readonly [path: string, sizeBytes: number])[];
  /** Every directory in which nothing may come or go, with its modification time in milliseconds. */
  readonly directories: readonly (readonly [path: string, mtimeMs: number])[];
  /** What the long way would report. */
  readonly report: unknown;
}

/** What a stamp is looked up by. */
export interface StampKey {
  readonly storeRoot: string;
  /** The directory from which the hub was looked for. */
  readonly from: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @returns the report of the fill that left the stamp, when all is still as it left it. */
export function freshReport(place: StampKey): unknown {
  const stamp = loadStamp(place);
  if (stamp === undefined) return undefined;
  for (const [path, digest] of stamp.inputs) if (digestOf(path) !== digest) return undefined;
  return isAsListed(stamp) ? stamp.report : undefined;
}

function isAsListed({ directories, files }: Stamp): boolean {
  try {
    for (const [path, mtimeMs] of directories) {
      if (statSync(path, { throwIfNoEntry: false })?.mtimeMs !== mtimeMs) return false;
    }
    for (const [path, size] of files) {
      if (statSync(path, { throwIfNoEntry: false })?.size !== size) return false;
    }
    return true;
  } catch {
    return false; // a file where a directory was, a link in a circle: the long way says what is wrong
  }
}

/** Leaves a stamp. Paths are looked at now. A store that cannot be written gets none. */
export function leaveStamp(
  place: StampKey,
  seen: {
    readonly inputs: readonly string[];
    /** Digests of inputs as they were when they were read: they may have changed since. */
    readonly read: ReadonlyMap<string, string>;
    readonly files: readonly string[];
    readonly directories: readonly string[];
    readonly report: unknown;
  },
): void {
  const stamp: Stamp = {
    stampVersion: 1,
    from: resolve(place.from),
    key: keyText(place),
    inputs: [...new Set(seen.inputs)].map((path) => [path, seen.read.get(path) ?? digestOf(path)]),
    files: seen.files.map((path) => [path, statSync(path).size]),
    directories: seen.directories.map((path) => [path, statSync(path).mtimeMs]),
    report: seen.report,
  };
  const path = stampPath(place);
  // What a killed process leaves in partial/ is swept.
  const partial = join(place.storeRoot, "partial", uniqueName());
  try {
    for (const directory of [dirname(path), dirname(partial)]) mkdirSync(directory, { recursive: true });
    writeFileSync(partial, JSON.stringify(stamp));
    movePath(partial, path);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    removePath(partial);
  }
}

/** A stamp as gc sees it. */
export interface KeptStamp {
  readonly path: string;
  /** Whether it can be read and its directory is still there. */
  readonly isUseful: boolean;
  /** When it was written, milliseconds since 1970. */
  readonly lastUsedMs: number;
}

/** All stamps of a store. */
export function listStamps(storeRoot: string): KeptStamp[] {
  const directory = join(storeRoot, "stamps");
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const stamp = stat.isFile() ? parseStamp(readFileSync(path, "utf8")) : undefined;
    const isUseful = stamp?.from !== undefined && existsSync(stamp.from);
    return [{ path, isUseful, lastUsedMs: Math.max(stat.mtimeMs, stat.ctimeMs) }];
  });
}

function isUnwritable(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOSPC" || code === "EDQUOT";
}

function loadStamp(place: StampKey): Stamp | undefined {
  let text: string;
  try {
    text = readFileSync(stampPath(place), "utf8");
  } catch {
    return undefined; // no stamp, or none that can be read: the long way decides
  }
  const stamp = parseStamp(text);
  return stamp?.key === keyText(place) ? stamp : undefined;
}

function parseStamp(text: string): Stamp | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isStamp(value) ? value : undefined;
  } catch {
    return undefined; // a torn or foreign file: the long way decides
  }
}

function isStamp(value: unknown): value is Stamp {
  return typeof value === "object" && value !== null && "stampVersion" in value && value.stampVersion === 1;
}

function stampPath({ storeRoot, from }: StampKey): string {
  const id = createHash("sha256").update(resolve(from)).digest("hex").slice(0, 16);
  return join(storeRoot, "stamps", id);
}

function keyText({ program, env }: StampKey): string {
  const names = Object.keys(env).filter(decides);
  const hash = createHash("sha256").update(program);
  for (const name of names.toSorted()) hash.update(`\0${name}=${env[name] ?? ""}`);
  return hash.digest("hex");
}

/** Tokens decide nothing once the hub is filled, and not even their digest should lie anywhere. */
function decides(name: string): boolean {
  const isSecret = /_(?:TOKEN|SECRET_KEY)$/i.test(name); // Windows does not tell upper from lower case in names
  return /^(?:HOME|USERPROFILE)$/i.test(name) || (/^CARGO_/i.test(name) && !isSecret);
}

function digestOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return null;
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
