import { createHash } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statfsSync,
  statSync,
} from "node:fs";
import { sep } from "node:path";
import { foldName, modesCount } from "../system/index.ts";
import type { UnpackedFile } from "./unpacked-file.ts";

/** What is wrong at one path. */
export interface Verdict {
  /** `foreign`: the crate file does not hold it; a foreign directory stands for all it holds. */
  readonly kind: "missing" | "damaged" | "foreign";
  readonly reason: string;
}

/** A fifo in place of a file must not block us. Windows has neither fifos nor the flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const DIFFERS = "differs from the crate file";
const ALL_MODE_BITS = 0o7777;
const MARKERS: ReadonlySet<string> = new Set([".cargo-ok", ".cargo-checksum.json"]);

/** Large enough for nearly every file of a crate, small enough for a processor's cache. */
const READ_BYTES = 256 * 1024;
/** Read into by everyone; nobody keeps it across a call. */
let buffer: Buffer | undefined;

/** A directory that should hold an unpacked crate, and what was found wrong in it so far. */
export class ComparedDirectory {
  readonly verdicts = new Map<string, Verdict>();
  readonly #root: string;
  /** The directories below (and "" for this one) that are really directories, with their modes. */
  readonly #modes = new Map<string, number>();
  /** What is wrong with permission bits, if they count here. */
  readonly #modeFaults = new Map<string, string>();
  readonly #fileModes = new Set<number>();
  readonly #noFollow: number;

  /** @param noFollow The flag by which open(2) refuses links; 0 where the system has none. */
  constructor(root: string, noFollow: number = constants.O_NOFOLLOW ?? 0) {
    this.#root = `${root}/`;
    this.#noFollow = noFollow;
    const stats = attempt(() => statSync(root));
    if (stats instanceof Error) this.verdicts.set("", { kind: "missing", reason: reasonOf(stats) });
    else if (stats.isDirectory()) this.#modes.set("", stats.mode & ALL_MODE_BITS);
    else this.verdicts.set("", { kind: "damaged", reason: "is not a directory" });
  }

  /** Expects a directory. */
  directory(path: string): void {
    const stats = this.look(path);
    if (stats === undefined) return;
    if (stats.isDirectory()) this.#modes.set(path, Number(stats.mode) & ALL_MODE_BITS);
    else this.verdicts.set(path, { kind: "damaged", reason: `is ${kindOf(stats)}, not a directory` });
  }

  /** Expects the mode of a directory that is there. */
  expectMode(path: string, mode: number): void {
    const actual = this.#modes.get(path);
    if (actual === undefined || actual === mode) return;
    this.#modeFaults.set(path, modeReason(actual, mode));
  }

  /** Expects the mode of a file that was looked at. */
  expectFileMode(path: string, actual: number, mode: number): void {
    this.#fileModes.add(actual);
    if (actual === mode) this.#modeFaults.delete(path);
    else this.#modeFaults.set(path, modeReason(actual, mode));
  }

  /** Turns wrong permission bits into verdicts, when all that is expected was looked at and if they count on this file system. */
  judgeModes(): void {
    if (this.#modeFaults.size === 0) return;
    const type = attempt(() => statfsSync(this.#root).type);
    const fileSystemType = type instanceof Error ? 0 : type;
    if (!modesCount({ fileSystemType, fileModes: this.#fileModes })) return;
    for (const [path, reason] of this.#modeFaults)
      if (!this.verdicts.has(path)) this.verdicts.set(path, { kind: "damaged", reason });
  }

  /** Expects a symlink. */
  symlink(path: string, target: string): void {
    const stats = this.look(path);
    if (stats === undefined) return;
    if (!stats.isSymbolicLink()) {
      this.verdicts.set(path, { kind: "damaged", reason: `is ${kindOf(stats)}, not a symlink` });
      return;
    }
    const actual = readlinkSync(this.#root + path).replaceAll(sep, "/");
    if (actual === target) this.verdicts.delete(path);
    else this.verdicts.set(path, { kind: "damaged", reason: `is a symlink to ${actual}, not to ${target}` });
  }

  /** What lies at `path`, not following links; if it cannot be reached, the verdict says so. */
  look(path: string): BigIntStats | undefined {
    if (!this.#isInDirectory(path)) return undefined;
    const stats = attempt(() => lstatSync(this.#root + path, { bigint: true }));
    if (!(stats instanceof Error)) return stats;
    this.#unreachable(path, stats);
    return undefined;
  }

  /** Opens a file of the expected size. If there is none, the verdict says so and nothing stays open. */
  open(path: string, expected: { readonly sizeBytes: number; readonly mode: number }): number | undefined {
    if (!this.#isInDirectory(path)) return undefined;
    const full = this.#root + path;
    const descriptor = attempt(() => openSync(full, READ | this.#noFollow));
    if (descriptor instanceof Error) {
      this.#unreachable(path, descriptor);
      return undefined;
    }
    const isLink = this.#noFollow === 0 && lstatSync(full).isSymbolicLink();
    const stats = fstatSync(descriptor);
    const reason = isLink ? "is a symlink, not a file" : faultOf(stats, expected.sizeBytes);
    if (reason === undefined) {
      this.expectFileMode(path, stats.mode & ALL_MODE_BITS, expected.mode);
      return descriptor;
    }
    closeSync(descriptor);
    this.verdicts.set(path, { kind: "damaged", reason });
    return undefined;
  }

  /** Reads on in an open file and compares. `false` when it differs; then the verdict says so. */
  matches(path: string, descriptor: number, expected: Buffer): boolean {
    buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    for (let at = 0; at < expected.length; ) {
      const wanted = Math.min(buffer.length, expected.length - at);
      const into = buffer;
      const count = attempt(() => readSync(descriptor, into, 0, wanted, null));
      if (count instanceof Error || count === 0 || expected.compare(buffer, 0, count, at, at + count) !== 0) {
        const reason = count instanceof Error ? `cannot be read: ${count.message}` : DIFFERS;
        this.verdicts.set(path, { kind: "damaged", reason });
        return false;
      }
      at += count;
    }
    return true;
  }

  /** Expects a file whose content is known only by its digest. */
  expectDigest(path: string, expected: Pick<UnpackedFile, "size" | "mode" | "sha256">): void {
    const descriptor = this.open(path, { sizeBytes: expected.size, mode: expected.mode });
    if (descriptor === undefined) return;
    const digest = createHash("sha256");
    const into = (buffer ??= Buffer.allocUnsafeSlow(READ_BYTES));
    const end = attempt(() => {
      for (;;) {
        const count = readSync(descriptor, into, 0, into.length, null);
        if (count === 0) return undefined;
        digest.update(into.subarray(0, count));
      }
    });
    closeSync(descriptor);
    if (end instanceof Error) this.verdicts.set(path, { kind: "damaged", reason: reasonOf(end) });
    else if (digest.digest("hex") !== expected.sha256) this.verdicts.set(path, { kind: "damaged", reason: DIFFERS });
  }

  /** Finds what is there and not expected. Foreign directories are not entered. */
  findForeign(expected: ReadonlySet<string>): void {
    const spellings = new Map<string, string[]>();
    const isOtherSpelling = (path: string): boolean => {
      if (spellings.size === 0) for (const known of expected) spelled(spellings, known).push(known);
      return spelled(spellings, path).some((known) => this.#isOneEntry(known, path));
    };
    for (const directory of this.#directoriesOnce()) {
      const names = attempt(() => readdirSync(this.#root + directory));
      if (names instanceof Error) {
        this.verdicts.set(directory, { kind: "damaged", reason: `cannot be read: ${names.message}` });
        continue;
      }
      const prefix = directory === "" ? "" : `${directory}/`;
      for (const name of names) {
        const path = prefix + name;
        if (expected.has(path) || MARKERS.has(path) || isOtherSpelling(path)) continue;
        this.verdicts.set(path, { kind: "foreign", reason: "is not in the crate file" });
      }
    }
  }

  /** The directories, each in one spelling only, where the file system takes several for one. */
  #directoriesOnce(): readonly string[] {
    const all = [...this.#modes.keys()];
    const hasTwins = new Set(all.map(foldName)).size < all.length;
    return hasTwins ? all.filter((path) => path === "" || this.#isListed(path)) : all;
  }

  /** Whether two paths lead to one file or directory, because the file system takes one name for the other. A hard link is not that. */
  #isOneEntry(one: string, other: string): boolean {
    const a = attempt(() => lstatSync(this.#root + one, { bigint: true }));
    const b = attempt(() => lstatSync(this.#root + other, { bigint: true }));
    if (a instanceof Error || b instanceof Error) return false;
    return a.ino === b.ino && a.dev === b.dev && !this.#isListed(one);
  }

  /** Whether the directories on the way list just these names. */
  #isListed(path: string): boolean {
    const names = path.split("/");
    return names.every((name, index) => {
      const listed = attempt(() => readdirSync(this.#root + names.slice(0, index).join("/")));
      return !(listed instanceof Error) && listed.includes(name);
    });
  }

  #isInDirectory(path: string): boolean {
    const slash = path.lastIndexOf("/");
    if (this.#modes.has(slash === -1 ? "" : path.slice(0, slash))) return true;
    this.verdicts.set(path, { kind: "missing", reason: "its directory is not there" });
    return false;
  }

  #unreachable(path: string, error: Error): void {
    const isMissing = errnoOf(error) === "ENOENT";
    this.verdicts.set(path, { kind: isMissing ? "missing" : "damaged", reason: reasonOf(error) });
  }
}

function faultOf(stats: Stats, sizeBytes: number): string | undefined {
  if (!stats.isFile()) return `is ${kindOf(stats)}, not a file`;
  return stats.size === sizeBytes ? undefined : `has ${stats.size} bytes, not ${sizeBytes}`;
}

function spelled(spellings: Map<string, string[]>, path: string): string[] {
  const folded = foldName(path);
  const found = spellings.get(folded) ?? [];
  spellings.set(folded, found);
  return found;
}

function modeReason(actual: number, expected: number): string {
  return `has mode ${actual.toString(8)}, not ${expected.toString(8)}`;
}

function kindOf(stats: Stats | BigIntStats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isSymbolicLink()) return "a symlink";
  return stats.isFile() ? "a file" : "a special file";
}

function reasonOf(error: Error): string {
  const errno = errnoOf(error);
  if (errno === "ENOENT") return "is not there";
  return errno === "ELOOP" ? "is a symlink, not a file" : `cannot be read: ${error.message}`;
}

function errnoOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}

/** The result or the error of the file system; other errors pass. */
function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return error;
    throw error;
  }
}
