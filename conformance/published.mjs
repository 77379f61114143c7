// Published projects: fill, then cargo with no network and an empty CARGO_HOME; the hub taken away; a mirror in the user's config.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { cargo } from "../bench/cargo.mjs";
import { lockedCrates } from "../bench/workloads.mjs";
import { must } from "./scenes.mjs";

const projects = ["ripgrep", "bat", "cargo-nextest", "nu"];
/** What is compiled as well; the others take many minutes. */
const compiled = ["ripgrep", "bat"];
const metadata = ["metadata", "--format-version", "1"];

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export function published({ scenes, claim }) {
  for (const name of projects) {
    const scene = scenes.of(name);
    const lock = scene.read("Cargo.lock");
    const locked = lockedCrates(scene.path("Cargo.lock")).length;
    let frozen;
    claim("fill from an empty store", name, () => {
      const { report, figures } = scene.fill();
      must(report.crates === locked, `${report.crates} crates, but the lockfile names ${locked}`);
      must(report.on, "the hub is not on");
      return figures;
    });
    claim("verify", name, () => {
      const report = JSON.parse(scene.hub("verify", "--json").stdout);
      must(report.problems === 0 && report.foreign.length === 0, "it found something");
      return `${report.files} files, ${(report.bytes / 1e6).toFixed(0)} MB in ${(report.durationMs / 1000).toFixed(2)} s`;
    });
    claim("no-op fill", name, () => {
      const { report, seconds } = scene.fill("--frozen");
      must(!report.changed, "it changed something");
      return `${seconds.toFixed(2)} s`;
    });
    claim("cargo metadata --frozen, no network, empty CARGO_HOME", name, () => {
      const done = scene.prove(cargo, ...metadata, "--frozen");
      mustBeIsolated(done.proof);
      frozen = JSON.parse(done.stdout);
      mustComeFromHub(frozen, scene);
      return `${frozen.packages.length} packages, ${(done.proof.durationMs / 1000).toFixed(2)} s`;
    });
    if (compiled.includes(name)) {
      claim("cargo check --frozen, no network, empty CARGO_HOME", name, () => {
        const { proof, stderr } = scene.prove(cargo, "check", "--frozen");
        mustBeIsolated(proof);
        const checked = stderr.match(/^ +(?:Checking|Compiling) /gm)?.length ?? 0;
        return `${checked} packages, ${(proof.durationMs / 1000).toFixed(1)} s; ${needs(frozen)}`;
      });
    }
    claim("registry/ deleted: plain cargo metadata --locked, online", name, () => {
      rmSync(scene.path(".cargo", "registry"), { recursive: true });
      const online = JSON.parse(scene.cargo(...metadata, "--locked").stdout);
      must(JSON.stringify(online.resolve) === JSON.stringify(frozen.resolve), "it resolves to something else");
      must(
        !fromRegistry(online).some(({ manifest_path: path }) => path.startsWith(scene.project)),
        "it still reads the hub",
      );
      return `${online.packages.length} packages, the same graph`;
    });
    claim("Cargo.lock is byte-identical", name, () => {
      must(scene.read("Cargo.lock") === lock, "it changed");
      return `${lock.length} bytes`;
    });
    behindMirror(name, { scenes, claim, store: scene.store });
  }
}

function behindMirror(name, { scenes, claim, store }) {
  claim('replace-with = "corp" in the project: the hub is effective', name, () => {
    const scene = scenes.of(name, { store });
    const config = `[build]\njobs = 2 # ours\n\n[source.crates-io]\nreplace-with = "corp"\n\n[source.corp]\nregistry = "sparse+${scenes.root}"\n`;
    scene.write(".cargo/config.toml", config);
    rmSync(join(scene.environment.CARGO_HOME, "config.toml")); // its mirror has the same address
    const lock = scene.read("Cargo.lock");
    const { figures } = scene.fill("--offline");
    must(scene.read(".cargo/config.toml").endsWith(config), "the user's bytes in config.toml changed");
    const done = scene.prove(cargo, ...metadata, "--frozen");
    mustBeIsolated(done.proof);
    mustComeFromHub(JSON.parse(done.stdout), scene);
    must(scene.read("Cargo.lock") === lock, "Cargo.lock changed");
    return `second project, warm store, ${figures}`;
  });
}

function mustBeIsolated(proof) {
  must(proof.isolation === "network-namespace", `isolation was ${proof.isolation}`);
  must(proof.emptyCargoHome && proof.lockUnchanged, "CARGO_HOME was not empty or a lockfile changed");
}

function fromRegistry({ packages }) {
  return packages.filter(({ source }) => source !== null);
}

function mustComeFromHub(found, scene) {
  const hub = scene.path(".cargo", "registry", "src");
  const strangers = fromRegistry(found).filter(({ manifest_path: path }) => !path.startsWith(hub));
  must(strangers.length === 0, `${strangers.length} packages do not come from the hub: ${strangers[0]?.manifest_path}`);
}

/** Tools beside Rust that build scripts of the graph ask for, by the helper crates they use. */
function needs({ resolve }) {
  const uses = (helper) =>
    resolve.nodes
      .filter(({ deps }) =>
        deps.some(({ pkg, dep_kinds: kinds }) => nameOf(pkg) === helper && kinds.some(({ kind }) => kind === "build")),
      )
      .map(({ id }) => nameOf(id));
  const needed = [
    ["a C compiler", uses("cc")],
    ["cmake", uses("cmake")],
    ["pkg-config if it is there", uses("pkg-config")],
  ].filter(([, users]) => users.length > 0);
  if (needed.length === 0) return "needs nothing beside Rust";
  return `needs ${needed.map(([tool, users]) => `${tool} (${users.join(", ")})`).join(", ")}`;
}

/** The name in a package id: `…#name@1.0.0`, or `…/name#1.0.0` for a path. */
function nameOf(id) {
  return /#([^@]+)@/.exec(id)?.[1] ?? id;
}
