import { closeSync } from "node:fs";
import type { CrateDifference } from "./compare-crate.ts";
import { ComparedDirectory } from "./compared-directory.ts";
import { FileDigest } from "./file-digest.ts";
import type { CrateFile, CrateSink } from "./read-crate.ts";
import type { UnpackedFile } from "./unpacked-file.ts";

/** A directory's copy of the file at hand: open, or the same inode as another directory's. */
interface Copy {
  readonly directory: ComparedDirectory;
  descriptor: number | undefined;
  /** The directory whose verdict holds for this one too. */
  readonly sameAs: ComparedDirectory | undefined;
}

const PERMISSIONS = 0o777;

/** Compares the entries of one crate with directories, entry by entry as they come. */
export class CrateComparer implements CrateSink {
  readonly files = new Map<string, UnpackedFile>();
  readonly #directories: readonly ComparedDirectory[];
  readonly #defaultMode: number;
  readonly #folders = new Set<string>();
  readonly #statedModes = new Map<string, number>();
  readonly #symlinks = new Set<string>();
  readonly #hardLinks = new Set<string>();
  readonly #digest = new FileDigest();
  #file: CrateFile | undefined;
  #copies: Copy[] = [];

  constructor(directories: readonly string[], umask: number) {
    this.#directories = directories.map((directory) => new ComparedDirectory(directory));
    this.#defaultMode = PERMISSIONS & ~umask;
  }

  directory(path: string): void {
    this.#folders.add(path);
    for (const directory of this.#directories) directory.directory(path);
  }

  directoryMode(path: string, mode: number): void {
    this.#statedModes.set(path, mode);
  }

  file(file: CrateFile): void {
    this.#file = file;
    this.#hardLinks.delete(file.path);
    const seen = new Map<string, ComparedDirectory>();
    for (const directory of this.#directories) {
      if (file.replaces) directory.verdicts.delete(file.path);
      this.#copies.push(this.#directories.length > 1 ? sharedCopy(directory, file, seen) : openCopy(directory, file));
    }
  }

  content(bytes: Buffer): void {
    const file = this.#begun();
    this.#digest.add(bytes, bytes.length === file.sizeBytes);
    for (const copy of this.#copies) {
      if (copy.descriptor === undefined) continue;
      if (copy.directory.matches(file.path, copy.descriptor, bytes)) continue;
      closeSync(copy.descriptor);
      copy.descriptor = undefined;
    }
  }

  fileEnd(): void {
    const { path, sizeBytes: size, mode, mtimeSeconds } = this.#begun();
    for (const { directory, sameAs } of this.#copies) {
      const verdict = sameAs?.verdicts.get(path);
      if (verdict !== undefined) directory.verdicts.set(path, verdict);
    }
    this.close();
    this.files.set(path, { path, size, mode, mtimeSeconds, sha256: this.#digest.take() });
  }

  symlink({ path, target }: { readonly path: string; readonly target: string }): void {
    this.#symlinks.add(path);
    for (const directory of this.#directories) directory.symlink(path, target);
  }

  hardLink(path: string, target: string): void {
    const file = this.files.get(target);
    if (file === undefined) throw new TypeError(`${target} was not read`);
    this.files.set(path, { ...file, path });
    this.#hardLinks.add(path);
  }

  /** Looks at what only the whole archive tells: hard links, stated modes, foreign paths. Gives all differences. */
  finish(): readonly CrateDifference[] {
    const expected = new Set([...this.files.keys(), ...this.#folders, ...this.#symlinks]);
    return this.#directories.flatMap((directory, index) => {
      for (const path of this.#hardLinks) {
        const file = this.files.get(path);
        if (file !== undefined) directory.expectDigest(path, file);
      }
      for (const path of this.#folders) {
        if (!this.#statedModes.has(path)) directory.expectMode(path, this.#defaultMode);
      }
      for (const [path, mode] of this.#statedModes) directory.expectMode(path, mode);
      directory.judgeModes();
      directory.findForeign(expected);
      return [...directory.verdicts].map(([path, verdict]) => ({ directory: index, path, ...verdict }));
    });
  }

  /** Closes what is open. */
  close(): void {
    for (const { descriptor } of this.#copies) if (descriptor !== undefined) closeSync(descriptor);
    this.#copies = [];
  }

  #begun(): CrateFile {
    if (this.#file === undefined) throw new TypeError("no file was begun");
    return this.#file;
  }
}

function openCopy(directory: ComparedDirectory, file: CrateFile): Copy {
  return { directory, descriptor: directory.open(file.path, file), sameAs: undefined };
}

/** Opens the file unless a directory before has the same inode. */
function sharedCopy(directory: ComparedDirectory, file: CrateFile, seen: Map<string, ComparedDirectory>): Copy {
  const stats = directory.look(file.path);
  if (stats === undefined) return { directory, descriptor: undefined, sameAs: undefined };
  const inode = `${stats.dev}:${stats.ino}`;
  const sameAs = stats.ino === 0n ? undefined : seen.get(inode); // some network file systems number nothing
  if (sameAs !== undefined) {
    directory.expectFileMode(file.path, Number(stats.mode & 0o7777n), file.mode);
    return { directory, descriptor: undefined, sameAs };
  }
  seen.set(inode, directory);
  return openCopy(directory, file);
}
