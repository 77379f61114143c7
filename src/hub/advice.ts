import { dirname, join } from "node:path";
import { borrowedNames } from "./borrowed-names.ts";
import { readText } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { ignoredLockfile } from "./projects.ts";
import type { Environment } from "./sources.ts";
import { workspaceRoot } from "./workspace-root.ts";

/** Above this, what Cargo reads of a directory source on every call is felt: about half a millisecond a crate. */
const manyCrates = 500;

/** What is allowed and yet not likely to be what somebody wants, in words. */
export function adviceFor(scene: FillScene, env: Environment): string[] {
  return [...borrowedNames(scene, env), ...adviceAboutLockfiles(scene)];
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
