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
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
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
  readonly #needsChmod = new Map<number, boolean>();
  #directoriesNeedChmod: boolean | undefined;
  readonly #digest = new FileDigest();
  #file: CrateFile | undefined;
  #descriptor: number | undefined;
  #manifestParts: Buffer[] = [];

  constructor(into: string, umask: number) {
    this.#root = `${into}/`;
    this.#directoryMode = PERMISSIONS & ~umask;
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
    if (this.#directoriesNeedChmod) chmodSync(full, this.#directoryMode);
  }

  directoryMode(path: string, mode: number): void {
    this.current = path;
    chmodSync(this.#root + path, mode);
  }

  file(file: CrateFile): void {
    this.current = file.path;
    const path = this.#root + file.path;
    if (file.replaces) removeFile(path);
    this.#descriptor = openSync(path, CREATE, file.mode);
    this.#file = file;
  }

  content(bytes: Buffer): void {
    const { file, descriptor } = this.#open();
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
    this.#digest.add(bytes, bytes.length === file.sizeBytes);
    if (file.path === MANIFEST) this.#manifestParts.push(Buffer.from(bytes));
  }

  fileEnd(): void {
    const { file, descriptor } = this.#open();
    if (this.#modeIsOff(descriptor, file.mode)) fchmodSync(descriptor, file.mode);
    futimesSync(descriptor, file.mtimeSeconds, file.mtimeSeconds);
    this.close();
    const { path, sizeBytes: size, mode, mtimeSeconds } = file;
    this.files.set(path, { path, size, mode, mtimeSeconds, sha256: this.#digest.take() });
    if (path !== MANIFEST) return;
    this.manifest = Buffer.concat(this.#manifestParts);
    this.#manifestParts = [];
  }

  symlink({ path, target, mtimeSeconds, replaces }: Parameters<CrateSink["symlink"]>[0]): void {
    this.current = path;
    const full = this.#root + path;
    if (replaces) removeFile(full);
    symlinkSync(target, full);
    lutimesSync(full, mtimeSeconds, mtimeSeconds);
    this.symlinks.set(path, target);
  }

  hardLink(path: string, target: string): void {
    this.current = path;
    const file = this.files.get(target);
    if (file === undefined) throw new TypeError(`${target} was not written`);
    linkSync(this.#root + target, this.#root + path);
    this.files.set(path, { ...file, path });
  }

  /** Closes the file that is open, if any. */
  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #open(): { file: CrateFile; descriptor: number } {
    if (this.#file === undefined || this.#descriptor === undefined) throw new TypeError("no file was begun");
    return { file: this.#file, descriptor: this.#descriptor };
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

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
