// One hub in both modes: as a replaced source, then as CARGO_HOME, then without its unpacked sources.
import { rmSync } from "node:fs";
import { cargo } from "../bench/cargo.mjs";
import { lockedCrates } from "../bench/workloads.mjs";
import { must, verbs, withoutNetwork } from "./scenes.mjs";

const project = "async_example";

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export function modes({ scenes, claim }) {
  const scene = scenes.of(project);
  const original = { lock: scene.read("Cargo.lock"), manifest: scene.read("Cargo.toml") };
  const asHome = { CARGO_HOME: scene.path(".cargo") };
  const offline = (...args) => scene.succeed(withoutNetwork([cargo, ...args]), asHome);
  const packages = lockedCrates(scene.path("Cargo.lock")).length + 1;

  claim("build in mode directory, no network, empty CARGO_HOME", project, () => {
    scene.fill();
    const { stderr, proof } = scene.prove(cargo, "build", "--frozen", "-v");
    return `${verbs(stderr).Compiling?.length} packages, ${(proof.durationMs / 1000).toFixed(1)} s`;
  });
  claim("registry/source.toml removed, CARGO_HOME=$PWD/.cargo, no network", project, () => {
    rmSync(scene.path(".cargo", "registry", "source.toml"));
    return inHome({ scene, offline, original, packages });
  });
  claim("once more with src/ deleted", project, () => {
    rmSync(scene.path(".cargo", "registry", "src"), { recursive: true });
    return inHome({ scene, offline, original, packages });
  });
  claim("the next fill adopts what cargo unpacked, and verify is clean", project, () => {
    const { report } = scene.fill();
    const verified = JSON.parse(scene.hub("verify", "--json").stdout);
    must(verified.problems === 0, "verify found something");
    const { stderr } = scene.prove(cargo, "build", "--frozen", "-v");
    mustBeFresh(stderr, undefined);
    return `${report.installed} put in place anew, ${verbs(stderr).Fresh.length} Fresh`;
  });
}

/** Build, tree, lockfile and a new dependency, with the hub as CARGO_HOME. */
function inHome({ scene, offline, original, packages }) {
  const built = offline("build", "--offline", "-v");
  const fresh = mustBeFresh(built.stderr, undefined);
  const lines = offline("tree", "--offline", "--target", "all", "--prefix", "none", "--no-dedupe").stdout.split("\n");
  const inTree = new Set(lines.map((line) => line.split(" ")[0]).filter((name) => name !== ""));
  rmSync(scene.path("Cargo.lock"));
  offline("generate-lockfile", "--offline");
  must(scene.read("Cargo.lock") === original.lock, "generate-lockfile wrote another lockfile");
  offline("add", "--offline", "pin-project-lite");
  must(scene.read("Cargo.toml").includes("pin-project-lite = "), "cargo add wrote nothing");
  offline("check", "--offline");
  scene.write("Cargo.toml", original.manifest);
  scene.write("Cargo.lock", original.lock);
  must(inTree.size <= packages, `the tree names ${inTree.size} packages`);
  return `${fresh} Fresh, tree of ${inTree.size}, the same lockfile, cargo add`;
}

/** @returns how many packages were Fresh. */
export function mustBeFresh(stderr, except = []) {
  const { Fresh = [], Compiling = [], Dirty = [] } = verbs(stderr);
  const built = [...new Set([...Compiling, ...Dirty])]
    .map((text) => text.split(" ")[0])
    .toSorted((a, b) => (a < b ? -1 : 1));
  must(
    built.join() === except.toSorted((a, b) => (a < b ? -1 : 1)).join(),
    `built anew: ${built.join(", ") || "nothing"}; expected: ${except.join(", ") || "nothing"}`,
  );
  must(Fresh.length > 0, "nothing is Fresh");
  return Fresh.length;
}
