import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { quote } from "../errors/index.ts";
import { foldName, isNotOffered } from "../system/index.ts";
import { type Complain } from "./archive-error.ts";
import { FileDigest } from "./file-digest.ts";
import type { CrateFile, CrateSink } from "./read-crate.ts";
import type { UnpackedFile } from "./unpacked-file.ts";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const PERMISSIONS = 0o777;
const MANIFEST = "Cargo.toml";

/**
 * Writes the entries of one crate below a directory.
 *
 * System calls per file: open, write, futimes, close. The mode is given to `open`; only the first file of each mode is
 * looked at to learn whether the process's own mask or an inherited access list spoils it, and only then it is set
 * again. (`process.umask()` can not be asked: it changes the mask for a moment, for all threads.)
 */
export class CrateWriter implements CrateSink {
  readonly files = new Map<string, UnpackedFile>();
  /** Path → target. */
  readonly symlinks = new Map<string, string>();
  manifest: Uint8Array | undefined;
  /** The path being worked on, for messages. */
  current = "";

  readonly #root: string;
  readonly #directoryMode: number;
  readonly #complain: Complain;
  readonly #needsChmod = new Map<number, boolean>();
  #directoriesNeedChmod: boolean | undefined;
  readonly #digest = new FileDigest();
  #file: CrateFile | undefined;
  #descriptor: number | undefined;
  /** The file at hand is only read, because the file system has one of another spelling in its place. */
  #isShadow = false;
  /** Folded names of files that have several spellings here. */
  readonly #shadowed = new Set<string>();
  #manifestParts: Buffer[] = [];

  constructor(into: string, umask: number, complain: Complain) {
    this.#root = `${into}/`;
    this.#directoryMode = PERMISSIONS & ~umask;
    this.#complain = complain;
  }

  directory(path: string): void {
    this.current = path;
    const full = this.#root + path;
    try {
      mkdirSync(full, this.#directoryMode);
    } catch (error) {
      // Where case does not count, another spelling of the same directory was made before.
      if (!isErrno(error, "EEXIST") || !lstatSync(full).isDirectory()) throw error;
    }
    this.#directoriesNeedChmod ??= (statSync(full).mode & PERMISSIONS) !== this.#directoryMode;
    if (this.#directoriesNeedChmod) setMode(() => chmodSync(full, this.#directoryMode));
  }

  directoryMode(path: string, mode: number): void {
    this.current = path;
    setMode(() => chmodSync(this.#root + path, mode));
  }

  file(file: CrateFile): void {
    this.current = file.path;
    const path = this.#root + file.path;
    this.#file = file;
    this.#isShadow = file.twin !== undefined && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (this.#isShadow) return;
    if (file.replaces) {
      if (this.#shadowed.has(foldName(file.path))) throw this.#clash(file.path);
      removeFile(path);
    }
    this.#descriptor = openSync(path, CREATE, file.mode);
  }

  content(bytes: Buffer): void {
    const file = this.#begun();
    if (this.#descriptor !== undefined)
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
    this.#digest.add(bytes, bytes.length === file.sizeBytes);
    if (file.path === MANIFEST) this.#manifestParts.push(Buffer.from(bytes));
  }

  fileEnd(): void {
    const file = this.#begun();
    if (this.#descriptor !== undefined) {
      const descriptor = this.#descriptor;
      if (this.#modeIsOff(descriptor, file.mode)) setMode(() => fchmodSync(descriptor, file.mode));
      futimesSync(descriptor, file.mtimeSeconds, file.mtimeSeconds);
      this.close();
    }
    const { path, sizeBytes: size, mode, mtimeSeconds } = file;
    const unpacked: UnpackedFile = { path, size, mode, mtimeSeconds, sha256: this.#digest.take() };
    if (this.#isShadow) this.#expectTwin(file.twin, unpacked);
    this.files.set(path, unpacked);
    if (path !== MANIFEST) return;
    this.manifest = Buffer.concat(this.#manifestParts);
    this.#manifestParts = [];
  }

  symlink({ path, target, mtimeSeconds, replaces }: Parameters<CrateSink["symlink"]>[0]): void {
    this.current = path;
    const full = this.#root + path;
    if (replaces) removeFile(full);
    try {
      symlinkSync(target, full);
    } catch (error) {
      if (!isNotOffered(errnoOf(error))) throw error;
      const what = `is a symlink, and the system lets this user make none here (${errnoOf(error) ?? ""})`;
      throw this.#complain({ code: "archive/bad-link", what, entry: path, cause: error });
    }
    lutimesSync(full, mtimeSeconds, mtimeSeconds);
    this.symlinks.set(path, target);
  }

  hardLink(path: string, target: string): void {
    this.current = path;
    const file = this.files.get(target);
    if (file === undefined) throw new TypeError(`${target} was not written`);
    try {
      linkSync(this.#root + target, this.#root + path);
    } catch (error) {
      if (!isNotOffered(errnoOf(error))) throw error;
      // Not by copyFile, which fails where modes can not be set.
      writeFileSync(this.#root + path, readFileSync(this.#root + target), { flag: "wx", mode: file.mode });
      utimesSync(this.#root + path, file.mtimeSeconds, file.mtimeSeconds);
    }
    this.files.set(path, { ...file, path });
  }

  /** Closes the file that is open, if any. */
  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #begun(): CrateFile {
    if (this.#file === undefined) throw new TypeError("no file was begun");
    return this.#file;
  }

  /** Of two spellings of one file only one can be written; when both say the same, nothing is lost. */
  #expectTwin(twin: string | undefined, file: UnpackedFile): void {
    const other = this.files.get(twin ?? "");
    if (other?.sha256 !== file.sha256) throw this.#clash(file.path, twin);
    this.#shadowed.add(foldName(file.path));
  }

  #clash(path: string, twin?: string): Error {
    const others = twin === undefined ? "other files" : quote(twin);
    const what = `differs only in case from ${others}, and this file system takes them for one; their content differs`;
    return this.#complain({ code: "archive/conflict", what, entry: path });
  }

  #modeIsOff(descriptor: number, mode: number): boolean {
    let isOff = this.#needsChmod.get(mode);
    if (isOff === undefined) {
      isOff = (fstatSync(descriptor).mode & PERMISSIONS) !== mode;
      this.#needsChmod.set(mode, isOff);
    }
    return isOff;
  }
}

/** What we just made is ours: then only a file system without permission bits refuses to change them. */
function setMode(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!isNotOffered(errnoOf(error))) throw error;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return errnoOf(error) === code;
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
