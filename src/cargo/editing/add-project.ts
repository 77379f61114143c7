import type { TomlDocument } from "../../toml/index.ts";
import type { EntryPlace } from "./dependency-entry.ts";

/** A manifest's text and where it is. */
export interface EditedManifest {
  readonly text: string;
  /** For error messages: a path. */
  readonly at: string;
  /** Absolute, folded path of the directory it is in. */
  readonly directory: string;
}

/** A package whose manifest gets dependencies, and what is around it. */
export interface AddProject {
  readonly manifest: EditedManifest;
  /** The package's own name. */
  readonly name: string;
  /** The package's `rust-version`, its own or inherited. */
  readonly rustVersion: string | undefined;
  /** The manifest of the workspace's root; that of the package when it has no other. */
  readonly workspace: EditedManifest;
  /** The packages of the workspace, in cargo's order. */
  readonly members: readonly AddMember[];
  /** The version of the rustc there is, which counts for a package without `rust-version`. */
  readonly rustc: string | undefined;
  /** `--ignore-rust-version` */
  readonly ignoresRust: boolean;
}

/** A package of the workspace. */
export interface AddMember {
  readonly name: string;
  readonly version: string;
  /** Absolute and folded. */
  readonly directory: string;
}

/** A manifest taken apart, with what its entries' paths are seen from. */
export interface OpenManifest {
  readonly document: TomlDocument;
  readonly place: EntryPlace;
}
