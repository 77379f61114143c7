// One hub in four shapes: each builds the same example by itself, and gives the same hub back.
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { cargo } from "../bench/cargo.mjs";
import { must, verbs, withoutNetwork } from "./scenes.mjs";
import { startStaticServer } from "./static-server.mjs";

const project = "async_example";
const large = "reqwest";
const shapes = ["cargo-home", "directory", "local-registry", "sparse"];

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export async function exports({ scenes, claim }) {
  const scene = scenes.of(project);
  const carried = join(scene.directory, "carried");
  const server = await startStaticServer(join(carried, "sparse"));
  try {
    scene.fill();
    const hub = listing(scene.path(".cargo"));
    for (const shape of shapes) {
      claim(`exported as ${shape}, carried elsewhere, it builds the project alone`, project, () =>
        buildAlone({ scenes, scene, carried, origin: server.origin }, shape),
      );
      claim(`the hub that comes back from ${shape}, with no network and an empty store, is the same`, project, () =>
        comesBack({ scenes, hub, from: join(carried, shape) }),
      );
    }
  } finally {
    server.stop();
  }
  claim("two exports from two places, by links and by copies, are the same bytes", large, () => sameBytes(scenes));
  claim("a directory of cargo vendor fills a hub that builds, with no network", project, () => fromVendor(scenes));
}

function buildAlone({ scenes, scene, carried, origin }, shape) {
  const made = join(scene.directory, `made-${shape}`);
  const base = shape === "sparse" ? ["--base-url", origin] : [];
  const { files } = JSON.parse(scene.hub("export", "--json", "--as", shape, ...base, made).stdout);
  mkdirSync(carried, { recursive: true });
  renameSync(made, join(carried, shape));
  const at = join(carried, shape);
  const alone = scenes.of(project);
  const lock = alone.read("Cargo.lock");
  const home = shape === "cargo-home" ? at : join(alone.directory, "empty-home");
  mkdirSync(home, { recursive: true });
  const config = shape === "cargo-home" ? [] : ["--config", join(at, ".cargo-hub", "config.toml")];
  const build = [cargo, ...config, "build", "--locked", "-v"];
  const command = shape === "sparse" ? build : withoutNetwork([...build, "--offline"]);
  const { stderr, seconds } = alone.succeed(command, { CARGO_HOME: home });
  must(alone.read("Cargo.lock") === lock, "the lockfile changed");
  alone.succeed(["sh", "-c", 'cd "$1" && sha256sum --check --quiet .cargo-hub/SHA256SUMS', "sh", at]);
  return `${files} files, ${verbs(stderr).Compiling?.length} packages compiled in ${seconds.toFixed(1)} s`;
}

function comesBack({ scenes, hub, from }) {
  const scene = scenes.of(project);
  scene.succeed(withoutNetwork([...scene.program, "fill", "--offline", "--from", from]));
  const back = listing(scene.path(".cargo"));
  const differing = [...new Set([...hub.keys(), ...back.keys()])].filter((path) => hub.get(path) !== back.get(path));
  must(differing.length === 0, `these differ: ${differing.slice(0, 5).join(", ")}`);
  return `${back.size} files with content, mode and time`;
}

function sameBytes(scenes) {
  const [one, other] = [scenes.of(large), scenes.of(large)];
  one.fill();
  other.fill("--link", "copy");
  const figures = [];
  for (const shape of shapes) {
    const base = shape === "sparse" ? ["--base-url", "https://crates.example"] : [];
    const made = [one, other].map((scene, at) => {
      const directory = join(scene.directory, `made-${shape}`);
      scene.hub("export", "--as", shape, ...base, "--link", at === 0 ? "auto" : "copy", directory);
      const files = listing(directory, true);
      rmSync(directory, { recursive: true });
      return files;
    });
    const [a, b] = made;
    must(a.size === b.size && [...a].every(([path, fact]) => b.get(path) === fact), `${shape} differs`);
    figures.push(`${shape} ${a.size}`);
  }
  return `files and directories: ${figures.join(", ")}`;
}

function fromVendor(scenes) {
  const scene = scenes.of(project);
  scene.cargo("vendor", "--locked", "--respect-source-config", join(scene.directory, "vendor"));
  rmSync(join(scene.directory, "cargo-home", "registry"), { recursive: true });
  const fill = [...scene.program, "fill", "--offline", "--json", "--from", join(scene.directory, "vendor")];
  const report = JSON.parse(scene.succeed(withoutNetwork(fill)).stdout);
  must(report.crates === 0 && report.vendored.length > 0, "nothing is unpacked only");
  const { stderr } = scene.prove(cargo, "build", "--frozen", "-v");
  must(JSON.parse(scene.hub("verify", "--json").stdout).problems === 0, "verify found something");
  return `${report.vendored.length} crates, ${verbs(stderr).Compiling?.length} packages compiled`;
}

/**
 * Every path with its mode and content; times only where they come out of crates, or of everything.
 *
 * Of a hub, what says where it is or when it was made does not count.
 */
function listing(root, withAllTimes = false) {
  const found = new Map();
  const visit = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const name = relative(root, path);
      if (name === "registry/.hub-lock") continue;
      const stat = lstatSync(path);
      const isDirectory = entry.isDirectory();
      const isFromCrate = name.includes("registry/src/") && !isDirectory && !entry.name.startsWith(".cargo-");
      const time = withAllTimes || isFromCrate ? stat.mtimeMs : "";
      found.set(name, `${stat.mode.toString(8)} ${isDirectory ? "" : digest(path, entry)} ${time}`);
      if (isDirectory) visit(path);
    }
  };
  visit(root);
  return found;
}

function digest(path, entry) {
  if (entry.isSymbolicLink()) return readlinkSync(path);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
