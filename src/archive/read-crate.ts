import { quote } from "../errors/index.ts";
import { foldName, type System, systemOf } from "../system/index.ts";
import { type ArchiveErrorCode, type Complain } from "./archive-error.ts";
import { type CrateSource, complaintsForCrate, openCrate } from "./crate-bytes.ts";
import { CrateTree } from "./crate-tree.ts";
import { judgeName, symlinkFault } from "./entry-name.ts";
import { inflateCrate } from "./inflate-crate.ts";
import { streamLimit, type UnpackLimits } from "./limits.ts";
import { type TarEntry, type TarHandler, TarWalker } from "./tar-walker.ts";

/** A file of a crate as it has to be on disk. */
export interface CrateFile {
  /** Below the package's directory, separated by `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Permission bits after the mask. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** An earlier entry, or one whose name differs only in case, may have made this file already. */
  readonly replaces: boolean;
  /** The first file whose name differs from this one only in case. */
  readonly twin: string | undefined;
}

/** A name that works here but not on every system. */
export interface UnportableName {
  readonly path: string;
  readonly reason: string;
}

/**
 * Gets the entries of a crate, all of them checked: nothing leads outside or through a link. Directories come before
 * what they hold.
 */
export interface CrateSink {
  directory(path: string): void;
  /** The archive says the mode of a directory that came before; "" is the package's own. */
  directoryMode(path: string, mode: number): void;
  file(file: CrateFile): void;
  content(bytes: Buffer): void;
  fileEnd(): void;
  symlink(link: {
    readonly path: string;
    readonly target: string;
    readonly mtimeSeconds: number;
    readonly replaces: boolean;
  }): void;
  /** One more name for a file that came before. */
  hardLink(path: string, target: string): void;
}

/** What to read, and by which rules. */
export interface ReadJob {
  readonly crate: CrateSource;
  /** `<name>-<version>`. */
  readonly topDirectory: string;
  /** Permission bits to take away. */
  readonly umask: number;
  readonly limits: UnpackLimits;
  /** The system whose names are valid; the running one unless told. */
  readonly system?: System;
}

/**
 * Reads a crate file from front to back and hands every entry to `sink`.
 *
 * @returns The names that some systems do not take.
 * @throws {ArchiveError} for everything that is refused; errors of `sink` pass through.
 */
export async function readCrate(job: ReadJob, sink: CrateSink): Promise<readonly UnportableName[]> {
  const complain = complaintsForCrate(job.crate, job.topDirectory);
  const crate = openCrate(job.crate, complain);
  try {
    const streamBytes = streamLimit(job.limits, crate.sizeBytes);
    const entries = new CrateEntries(job, sink, complain);
    const walker = new TarWalker(entries, { pathBytes: job.limits.pathBytes, streamBytes, complain });
    await inflateCrate({ crate, limitBytes: streamBytes, complain }, (chunk) => walker.push(chunk));
    walker.finish();
    return entries.finish();
  } finally {
    crate.close();
  }
}

/** The moment that cargo stamps on the files it generates, whatever the archive says (2006-07-24T01:21:28Z). */
const GENERATED_MTIME_SECONDS = 1_153_704_088;
const generated: ReadonlySet<string> = new Set(["Cargo.toml", "Cargo.lock", ".cargo_vcs_info.json"]);
const PERMISSIONS = 0o777;
const OWNER_ALL = 0o700;
/** Manifests are held in memory as a whole. The largest of 1,426 popular packages has 60 KiB. */
export const LARGEST_MANIFEST = 8 * 1024 * 1024;
/** Eleven octal digits, which is what a header without extensions can say: the year 2242. */
const LATEST_MTIME_SECONDS = 8 ** 11 - 1;
/**
 * Written into an unpacked package by whoever unpacked it, never taken from an archive. Cargo passes over `.cargo-ok` at
 * any depth; the other one is cargo's only at the top.
 */
const markers: readonly string[] = [".cargo-ok", ".cargo-checksum.json"];

/** Turns raw tar entries into checked ones: names, kinds, links, limits, modes and times. */
class CrateEntries implements TarHandler {
  readonly #job: ReadJob;
  readonly #sink: CrateSink;
  readonly #complain: Complain;
  readonly #tree: CrateTree;
  readonly #unportable = new Map<string, string>();
  readonly #isWindows: boolean;
  #current = "";
  #isAny = false;
  #nameBytes = 0;
  #seen = 0;

  constructor(job: ReadJob, sink: CrateSink, complain: Complain) {
    this.#job = job;
    this.#sink = sink;
    this.#complain = complain;
    this.#isWindows = (job.system ?? systemOf(process.platform)) === "windows";
    this.#tree = new CrateTree((path) => {
      if (this.#tree.size > job.limits.entries) throw this.#tooMany();
      sink.directory(path);
    });
  }

  entry(entry: TarEntry): boolean {
    this.#current = entry.name;
    this.#seen += 1;
    if (this.#seen > this.#job.limits.entries) throw this.#tooMany();
    this.#countName(entry.name);
    const path = this.#pathOf(entry);
    if (entry.kind === "global" || this.#isMarker(path)) return false;
    if (entry.kind === "directory") this.#takeDirectory(path, entry);
    else if (entry.kind === "symlink") this.#takeSymlink(path, entry);
    else if (entry.kind === "hard-link") this.#takeHardLink(path, entry);
    else this.#takeFile(path, entry);
    if (this.#tree.size > this.#job.limits.entries) throw this.#tooMany();
    return entry.kind === "file";
  }

  content(bytes: Buffer): void {
    this.#sink.content(bytes);
  }

  contentEnd(): void {
    this.#sink.fileEnd();
  }

  finish(): readonly UnportableName[] {
    if (!this.#isAny) throw this.#complain({ code: "archive/empty", what: "the archive holds no files" });
    return [...this.#unportable].map(([path, reason]) => ({ path, reason }));
  }

  #countName(name: string): void {
    const { pathBytes, totalPathBytes } = this.#job.limits;
    // A cheap bound first: one UTF-16 unit is at most three bytes.
    const bytes = name.length * 3 <= pathBytes ? name.length : Buffer.byteLength(name);
    if (bytes > pathBytes) {
      throw this.#refuse("archive/too-large", `has a name of ${bytes} bytes; ${pathBytes} are the limit`);
    }
    this.#nameBytes += bytes;
    if (this.#nameBytes > totalPathBytes) {
      throw this.#refuse("archive/too-large", `makes the names longer than ${totalPathBytes} bytes together`);
    }
  }

  #pathOf(entry: TarEntry): string {
    const verdict = judgeName(entry.name, this.#job.topDirectory);
    if (verdict.kind !== "good") throw this.#refuse(`archive/${verdict.kind}`, verdict.reason);
    if (verdict.unportable !== undefined) this.#noteUnportable(verdict.path, verdict.unportable);
    if (entry.kind === "directory" || entry.kind === "global") return verdict.path;
    if (verdict.path === "")
      throw this.#refuse("archive/conflict", `is a ${entry.kind} in place of the package's directory`);
    if (verdict.endsInSlash) throw this.#refuse("archive/bad-name", `is a ${entry.kind}, but its name ends in a slash`);
    return verdict.path;
  }

  #noteUnportable(path: string, reason: string): void {
    if (this.#isWindows) throw this.#refuse("archive/bad-name", reason);
    this.#unportable.set(path, reason);
  }

  /** Whether the entry is one of the markers, to be passed over; refuses what could become one by another spelling. */
  #isMarker(path: string): boolean {
    const initial = path.charCodeAt(0);
    if (initial === 0x2e || initial > 0x7f) {
      const slash = path.indexOf("/");
      const first = foldName(slash === -1 ? path : path.slice(0, slash));
      if (markers.includes(path)) return true;
      if (markers.includes(first)) throw this.#refuse("archive/bad-name", `would stand in for cargo's ${quote(first)}`);
    }
    return path.endsWith("/.cargo-ok");
  }

  #takeDirectory(path: string, entry: TarEntry): void {
    const placement = this.#tree.addDirectory(path);
    if (placement.kind === "conflict") throw this.#refuse("archive/conflict", placement.reason);
    // Whoever is locked out of a directory can neither finish nor remove it.
    if ((entry.mode & OWNER_ALL) !== OWNER_ALL) {
      throw this.#refuse(
        "archive/bad-header",
        `is a directory with mode ${entry.mode.toString(8)}, closed to its owner`,
      );
    }
    this.#sink.directoryMode(path, this.#modeOf(entry));
  }

  #takeFile(path: string, entry: TarEntry): void {
    const placement = this.#tree.add(path, "file");
    if (placement.kind === "conflict") throw this.#refuse("archive/conflict", placement.reason);
    if (placement.kind === "collides") {
      this.#unportable.set(path, `differs only in case from ${quote(placement.with)}`);
    }
    this.#isAny = true;
    const { sizeBytes } = entry;
    if (path === "Cargo.toml" && sizeBytes > LARGEST_MANIFEST) {
      throw this.#refuse(
        "archive/too-large",
        `has ${sizeBytes} bytes; ${LARGEST_MANIFEST} are the limit for a manifest`,
      );
    }
    const mtimeSeconds = generated.has(path) ? GENERATED_MTIME_SECONDS : this.#mtimeOf(entry);
    const twin = placement.kind === "collides" ? placement.with : undefined;
    const mode = this.#modeOf(entry);
    this.#sink.file({ path, sizeBytes, mode, mtimeSeconds, replaces: placement.kind !== "new", twin });
  }

  #takeSymlink(path: string, entry: TarEntry): void {
    if (generated.has(path))
      throw this.#refuse("archive/bad-link", "is a symlink in place of a file that cargo stamps");
    this.#countName(entry.linkName);
    const fault = symlinkFault(path, entry.linkName, this.#isWindows);
    if (fault !== undefined) throw this.#refuse("archive/bad-link", fault);
    const placement = this.#tree.add(path, "symlink");
    if (placement.kind === "conflict") throw this.#refuse("archive/conflict", placement.reason);
    const replaces = placement.kind === "again";
    this.#sink.symlink({ path, target: entry.linkName, mtimeSeconds: this.#mtimeOf(entry), replaces });
  }

  #takeHardLink(path: string, entry: TarEntry): void {
    if (generated.has(path))
      throw this.#refuse("archive/bad-link", "is a hard link in place of a file that cargo stamps");
    const target = judgeName(entry.linkName, this.#job.topDirectory);
    if (target.kind !== "good")
      throw this.#refuse("archive/bad-link", `is a hard link to a file that ${target.reason}`);
    if (!this.#tree.isFile(target.path)) {
      const what = `is a hard link to ${quote(target.path)}, which is no file of this archive so far`;
      throw this.#refuse("archive/bad-link", what);
    }
    const placement = this.#tree.add(path, "file");
    if (placement.kind === "conflict") throw this.#refuse("archive/conflict", placement.reason);
    if (placement.kind !== "new") throw this.#refuse("archive/conflict", "is a hard link where a file is already");
    this.#sink.hardLink(path, target.path);
  }

  #modeOf({ mode }: TarEntry): number {
    return mode & PERMISSIONS & ~this.#job.umask;
  }

  /** Cargo makes 0 to 1, because some tools take a file of 1970 for one without a time. */
  #mtimeOf({ mtimeSeconds }: TarEntry): number {
    if (mtimeSeconds > LATEST_MTIME_SECONDS) {
      throw this.#refuse(
        "archive/bad-header",
        `was changed ${mtimeSeconds} seconds after 1970, which is beyond all dates`,
      );
    }
    return mtimeSeconds === 0 ? 1 : mtimeSeconds;
  }

  #tooMany(): Error {
    return this.#refuse("archive/too-large", `is one more than ${this.#job.limits.entries} files and directories`);
  }

  #refuse(code: ArchiveErrorCode, what: string): Error {
    return this.#complain({ code, what, entry: this.#current });
  }
}
