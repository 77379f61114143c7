/** A lockfile whose packages the hub holds. */
export interface HubLockfile {
  /** Relative to the directory that holds `.cargo`; `/` separates. */
  readonly path: string;
  /** SHA-256 of its text with CRLF read as LF. */
  readonly sha256: string;
}

/** What of a crate runs while another crate is built. */
export type BuildTimeCode = "build-script" | "proc-macro";

/** `full`: all sources; `stub`: manifest only (left-out platform). `git` is reserved and never written. */
export type HubCrateKind = "full" | "stub" | "git";

/** What tells one package of a hub from another. */
export interface HubPackageId {
  /** The lockfile's source, never a mirror; of a git package with its commit. */
  readonly source: string;
  readonly name: string;
  readonly version: string;
}

/** What every package's manifest told. */
interface ManifestRecord {
  readonly runs: readonly BuildTimeCode[];
  /** The manifest's licence; `file:NAME` for a licence file; empty when it states none. */
  readonly license: string;
}

/** One crate of a registry. */
export interface HubCrate extends HubPackageId, ManifestRecord {
  /** SHA-256 of the `.crate` file. */
  readonly sha256: string;
  /** Of the `.crate` file, in bytes. */
  readonly size: number;
  readonly kind: HubCrateKind;
  /** SHA-256 of the index line, without its newline, as upstream served it. */
  readonly line: string;
}

/** A crate of a registry that came unpacked, from a directory source: its `.crate` file was never seen. */
export interface HubVendoredCrate extends HubPackageId, ManifestRecord {
  /** SHA-256 of the `.crate` file as lockfile and directory source state it; nobody could check it. */
  readonly sha256: string;
  /** Of all its files, in bytes. */
  readonly size: number;
  /** SHA-256 of the text of its `.cargo-checksum.json`, which pins every file. */
  readonly files: string;
}

/** A git repository at one commit. */
export interface HubRepository {
  /** Without `git+` and without a reference. */
  readonly url: string;
  readonly commit: string;
  /** The commit's tree. */
  readonly tree: string;
  /** SHA-256 of its canonical pack. */
  readonly sha256: string;
  /** Of its canonical pack, in bytes. */
  readonly size: number;
}

/** A package of a git repository. */
export interface HubGitPackage extends HubPackageId, ManifestRecord {
  /** Its directory in the repository, `/` separates; empty for the root. */
  readonly path: string;
  /** Of all its files, in bytes. */
  readonly size: number;
  /** SHA-256 of the text of its `.cargo-checksum.json`, which pins every file. */
  readonly files: string;
}

/** A package that lies where Cargo does not look, because its manifest would make the whole source unusable. */
export interface HubQuarantine extends HubPackageId {
  readonly reason: string;
}

/** What a hub holds: the committed record. */
export interface HubLock {
  readonly lockfiles: readonly HubLockfile[];
  readonly targets: readonly string[];
  readonly hosts: readonly string[];
  readonly crates: readonly HubCrate[];
  readonly vendored: readonly HubVendoredCrate[];
  readonly repositories: readonly HubRepository[];
  readonly packages: readonly HubGitPackage[];
  readonly quarantine: readonly HubQuarantine[];
}
