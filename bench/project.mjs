// One workload on one file system: fresh copies of its project, and both sides' warm states, made when first asked for.
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cargo, makeCargoHome, quietEnvironment } from "./cargo.mjs";
import { cacheOf } from "./fetch-workloads.mjs";
import { timed } from "./measure.mjs";
import { lockedCrates, projectDirectory, workloads } from "./workloads.mjs";

export const program = fileURLToPath(new URL("../dist/cargo-hub.js", import.meta.url));

/** The command line as a user's `cargo-hub` runs it. */
export function hubCommand(...args) {
  return [process.execPath, program, ...args];
}

/**
 * @param {{ size: number, grounds: ReturnType<typeof import("./grounds.mjs").openGrounds>, root: string }} where
 * `root` is the upstream's
 */
export function openProject({ size, grounds, root }) {
  const { name } = workloads[size];
  const source = projectDirectory(name);
  const warm = {};
  const opened = [];

  /** A project of its own with an empty CARGO_HOME, and an empty store when none is given. */
  function fresh({ store, home } = {}) {
    const directory = grounds.fresh();
    opened.push(directory);
    const project = join(directory, "project");
    cpSync(source, project, { recursive: true });
    const environment = quietEnvironment({
      CARGO_HOME: home ?? makeCargoHome(join(directory, "cargo-home"), root),
      CARGO_HUB_STORE: store ?? join(directory, "store"),
      CARGO_HUB_DATA: join(directory, "data"),
    });
    return { directory, project, store: environment.CARGO_HUB_STORE, home: environment.CARGO_HOME, environment };
  }

  function remember(key, make) {
    warm[key] ??= make();
    return warm[key];
  }

  return {
    size,
    name,
    grounds,
    fresh,
    /** A run in a scene, for `takeTurns`. */
    run: (scene, command) => ({ command, cwd: scene.project, env: scene.environment }),
    discard(scene) {
      opened.splice(opened.indexOf(scene.directory), 1);
      grounds.discard(scene.directory);
    },
    /** A project whose hub is filled, beside its store. */
    filled: () =>
      remember("filled", () => {
        const scene = fresh();
        timed({ command: hubCommand("fill"), cwd: scene.project, env: scene.environment });
        return scene;
      }),
    /** A project whose crates are in its CARGO_HOME. */
    fetched: () =>
      remember("fetched", () => {
        const scene = fresh();
        timed({ command: [cargo, "fetch", "--locked"], cwd: scene.project, env: scene.environment });
        return scene;
      }),
    close() {
      for (const directory of opened.splice(0)) grounds.discard(directory);
    },
  };
}

/** Reads what the upstream will serve once, so that the first run does not wait for the disk. */
export function warmUpstream(sizes) {
  const crates = cacheOf("cache");
  for (const size of sizes) {
    for (const crate of lockedCrates(join(projectDirectory(workloads[size].name), "Cargo.lock"))) {
      readFileSync(join(crates, `${crate}.crate`));
    }
  }
}

/** The source directories inside a project's hub, one per crate. */
export function hubSources(project) {
  const parent = join(project, ".cargo", "registry", "src");
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((ident) =>
    readdirSync(join(parent, ident)).map((name) => join(parent, ident, name)),
  );
}
