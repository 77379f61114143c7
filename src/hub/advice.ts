import { dirname, join } from "node:path";
import { formatSourceId } from "../cargo/index.ts";
import { borrowedNames } from "./borrowed-names.ts";
import { readText } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { parseLockfiles } from "./load.ts";
import { ignoredLockfile } from "./projects.ts";
import type { Environment } from "./sources.ts";
import { workspaceRoot } from "./workspace-root.ts";

/** Above this, what Cargo reads of a directory source on every call is felt: about half a millisecond a crate. */
const manyCrates = 500;

/** What is allowed and yet not likely to be what somebody wants, in words. */
export function adviceFor(scene: FillScene, env: Environment): string[] {
  return [...borrowedNames(scene, env), ...unusedPatches(scene), ...adviceAboutLockfiles(scene)];
}

/** Cargo looks up also what a patch names and nothing uses; of a registry's package the lockfile then has no checksum to get it by. */
function unusedPatches({ lockfiles }: FillScene): string[] {
  const withUnused = lockfiles.filter(({ text }) => text.includes("[[patch.unused]]"));
  return parseLockfiles(withUnused).flatMap(({ path, lockfile }) =>
    lockfile.patchUnused.flatMap(({ name, version, source }) => {
      if (source === undefined || source.kind === "git") return [];
      return [
        `${path} has the patch ${name} ${version} of ${formatSourceId(source)}, which nothing uses, and no checksum of it; ` +
          "the hub can not hold it, and without it Cargo fails with no network: take it out of [patch]",
      ];
    }),
  );
}

function adviceAboutLockfiles({ hubToml, lockfiles, wanted }: FillScene): string[] {
  if (lockfiles.length === 1 && hubToml.lockfiles[0] === "Cargo.lock") return [];
  const advice = lockfiles.flatMap(({ absolute }) => {
    const manifest = join(dirname(absolute), "Cargo.toml");
    if (readText(manifest) === undefined) return [];
    const root = workspaceRoot(manifest, readText);
    return root === dirname(absolute) ? [] : [ignoredLockfile(dirname(absolute), root)];
  });
  if (lockfiles.length > 1 && wanted.length > manyCrates && hubToml.mode === "directory") {
    advice.push(
      `Cargo reads the manifests of all ${wanted.length} crates in this hub on every call, about ${Math.round(wanted.length / 2)} ms; ` +
        'give each project its own hub (`cargo-hub fill --recursive`), or say `mode = "cargo-home"` in hub.toml',
    );
  }
  return advice;
}
