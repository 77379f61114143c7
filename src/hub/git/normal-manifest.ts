import { type PackageFolder, parseManifest, vendoredManifest } from "../../cargo/index.ts";
import type { BuildTimeCode } from "../../formats/index.ts";
import type { FoundPackage } from "./find-packages.ts";
import { joined, parentOf, readTextAt, resolvePath, type WorkTree } from "./work-tree.ts";

/** A git package's manifest as a directory source needs it. */
export interface NormalManifest {
  /** Cargo.toml in cargo's normal form: nothing inherited, every target named. */
  readonly text: string;
  readonly runs: readonly BuildTimeCode[];
  /** As hub.lock has it. */
  readonly license: string;
}

/**
 * The normal form of a package's manifest, as `cargo vendor` writes it.
 *
 * @param files Paths of the package's files, seen from its directory.
 */
export function normalManifest(tree: WorkTree, found: FoundPackage, files: ReadonlySet<string>): NormalManifest {
  const at = joined(found.path, "Cargo.toml");
  const root = found.workspace?.root;
  const workspace =
    root === undefined
      ? undefined
      : { text: readTextAt(tree, root.slice(1)) ?? "", at: root.slice(1), directory: parentOf(root) || "/" };
  const directory = `/${found.path}`;
  const text = vendoredManifest(
    { text: found.text, at, directory, workspace, folder: folderOf(tree, found.path) },
    files,
  );
  const manifest = parseManifest(text, at);
  const runs: BuildTimeCode[] = [];
  if (manifest.buildScript !== undefined) runs.push("build-script");
  if (manifest.procMacro) runs.push("proc-macro");
  const license = manifest.license ?? (manifest.licenseFile === undefined ? "" : `file:${manifest.licenseFile}`);
  return { text, runs, license };
}

/** What a package's manifest may ask about the files around it. */
function folderOf(tree: WorkTree, directory: string): PackageFolder {
  return {
    kindOf(path) {
      const found = resolvePath(tree, joined(directory, path));
      return found.kind === "file" || found.kind === "directory" ? found.kind : undefined;
    },
    entriesOf(below) {
      const found = resolvePath(tree, joined(directory, below));
      if (found.kind !== "directory") return [];
      const names = tree.directories.get(found.path) ?? [];
      return names.map((name) => ({ name, isDirectory: tree.directories.has(joined(found.path, name)) }));
    },
  };
}
