// A cargo that knows neither `include` nor sparse registries, on a project with and without a hub.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cache, lockedCrates } from "../bench/workloads.mjs";
import { debianCargo } from "./debian-cargo.mjs";
import { must, withoutNetwork } from "./scenes.mjs";

/** Crates that a compiler of 2022 reads, at versions which are in the benchmark's cache. */
const dependencies = {
  "cfg-if": "1.0.0",
  either: "1.13.0",
  fnv: "1.0.7",
  hex: "0.4.3",
  itoa: "1.0.14",
  lazy_static: "1.5.0",
  scopeguard: "1.2.0",
};

const manifest = `[package]
name = "older"
version = "0.1.0"
edition = "2018"

[dependencies]
${Object.entries(dependencies)
  .map(([name, version]) => `${name} = "=${version}"\n`)
  .join("")}`;

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export function olderCargo({ scenes, claim }) {
  const scene = scenes.empty();
  let older;
  let behaviour;
  claim("an older cargo builds a project without a hub", "older cargo", () => {
    const found = debianCargo();
    older = openOlder(found, scene);
    behaviour = older.behaviour();
    must(
      behaviour.every(({ status }) => status === 0),
      `it cannot: ${behaviour.find(({ status }) => status !== 0)?.stderr}`,
    );
    must(/^version = 3$/m.test(scene.read("Cargo.lock")), "its lockfile is not of version 3");
    return `${older.version}, ${lockedCrates(scene.path("Cargo.lock")).length} crates, lockfile version 3`;
  });
  claim("with a hub it behaves as without", "older cargo", () => {
    scene.fill();
    return older.mustBehaveAs(behaviour);
  });
  claim("with only the committed files it behaves as without", "older cargo", () => {
    rmSync(scene.path(".cargo", "registry"), { recursive: true });
    return older.mustBehaveAs(behaviour);
  });
  claim("with compat = true it uses the hub, no network, empty CARGO_HOME", "older cargo", () => {
    scene.write(".cargo/hub.toml", "version = 1\ncompat = true\n");
    scene.fill("--offline");
    return older.offline();
  });
}

/** The older cargo in the scene's project, with a CARGO_HOME whose crates.io is a git index on disk. */
function openOlder({ cargo, env }, scene) {
  scene.write("Cargo.toml", manifest);
  scene.write("src/lib.rs", "pub use fnv::FnvHashMap;\npub use hex::encode;\n");
  const home = makeHome(scene);
  const run = (args, own) => scene.run([cargo, ...args], { ...env, CARGO_HOME: home, ...own });
  const started = run(["--version"]);
  must(started.status === 0, started.stderr);
  const behaviour = () => {
    const commands = [
      ["generate-lockfile"],
      ["metadata", "--locked", "--format-version", "1"],
      ["check", "--locked"],
      ["check", "--offline"],
      ["fetch"],
    ];
    rmSync(scene.environment.CARGO_TARGET_DIR, { recursive: true, force: true });
    const seen = commands.map((command) => {
      const { status, stdout, stderr } = run(command);
      return { command: command.join(" "), status, stdout, stderr: comparable(stderr) };
    });
    return [...seen, { command: "Cargo.lock", status: 0, stdout: scene.read("Cargo.lock"), stderr: "" }];
  };
  return {
    version: started.stdout.trim(),
    behaviour() {
      behaviour(); // fetches everything
      return behaviour();
    },
    mustBehaveAs(before) {
      const now = behaviour();
      for (const [at, seen] of now.entries()) {
        for (const part of ["status", "stdout", "stderr"]) {
          must(
            seen[part] === before[at][part],
            `${seen.command}: ${part} was «${before[at][part]}», now it is «${seen[part]}»`,
          );
        }
      }
      return `${now.length - 1} commands: the same output, exit codes and Cargo.lock`;
    },
    offline() {
      const empty = join(scene.directory, "empty-home");
      rmSync(scene.environment.CARGO_TARGET_DIR, { recursive: true, force: true });
      const lock = scene.read("Cargo.lock");
      for (const command of [
        ["metadata", "--frozen", "--format-version", "1"],
        ["check", "--frozen"],
      ]) {
        mkdirSync(empty, { recursive: true });
        const done = scene.run(withoutNetwork([cargo, ...command]), { ...env, CARGO_HOME: empty });
        must(done.status === 0, `cargo ${command.join(" ")} ended with ${done.status}: ${done.stderr}`);
        rmSync(empty, { recursive: true });
      }
      must(scene.read("Cargo.lock") === lock, "Cargo.lock changed");
      return "metadata and check --frozen";
    },
  };
}

/** Without times, and sorted: cargo compiles in parallel. */
function comparable(stderr) {
  return stderr
    .replaceAll(/ in \d+(?:\.\d+)?s$/gm, " in …")
    .split("\n")
    .toSorted()
    .join("\n");
}

/** A git repository as index: what cargos before sparse registries read. */
function makeHome(scene) {
  const index = join(scene.directory, "git-index");
  for (const name of Object.keys(dependencies)) {
    const path =
      name.length <= 3 ? join(String(name.length), name[0], name) : join(name.slice(0, 2), name.slice(2, 4), name);
    const from = join(cache, "upstream", "index", path);
    must(existsSync(from), `the upstream has no index file of ${name}`);
    mkdirSync(dirname(join(index, path)), { recursive: true });
    cpSync(from, join(index, path));
  }
  writeFileSync(join(index, "config.json"), JSON.stringify({ dl: `${scene.root}crates/{crate}-{version}.crate` }));
  const git = (...args) =>
    scene.succeed(["git", "-C", index, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "index");
  const home = join(scene.directory, "older-home");
  mkdirSync(home);
  writeFileSync(
    join(home, "config"),
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "file://${index}"\n`,
  );
  return home;
}
