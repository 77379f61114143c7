// Measures of exports: what both sides write from a warm state, and how large it is.
import { cpSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cargo } from "./cargo.mjs";
import { cacheOf } from "./fetch-workloads.mjs";
import { takeTurns } from "./measure.mjs";
import { localRegistryTool } from "./peer-tools.mjs";
import { hubCommand } from "./project.mjs";
import { lockedCrates } from "./workloads.mjs";

/** A contender that writes into a new directory each time; `sizes` remembers the last one. */
function writing(project, scene, { command, name, sizes, environment = {} }) {
  let directory;
  return {
    prepare() {
      directory = project.grounds.fresh();
      const run = project.run(scene, command(join(directory, "out")));
      return { ...run, env: { ...run.env, ...environment } };
    },
    after() {
      sizes[name] = sizeOf(join(directory, "out"));
      project.grounds.discard(directory);
    },
  };
}

function cargoVendor(out) {
  return [cargo, "vendor", "--locked", "--offline", "--respect-source-config", "--versioned-dirs", out];
}

/** `export --as directory` from a warm store beside `cargo vendor` from a warm CARGO_HOME. */
export async function vendor(project, { runs, peersOnly }) {
  const sizes = {};
  const contenders = {
    ours: peersOnly
      ? undefined
      : writing(project, project.filled(), {
          command: (out) => hubCommand("export", "--quiet", "--as", "directory", out),
          name: "ours",
          sizes,
        }),
    peer: writing(project, project.fetched(), { command: cargoVendor, name: "peer", sizes }),
  };
  return { ...(await takeTurns(runs, contenders, project.grounds.settle)), note: noteOf(sizes) };
}

/** `export --as local-registry` from a warm store beside cargo-local-registry from a warm CARGO_HOME. */
export async function localRegistry(project, { runs, peersOnly }) {
  const tool = localRegistryTool();
  const sizes = {};
  const scene = project.fetched();
  const contenders = {
    ours: peersOnly
      ? undefined
      : writing(project, project.filled(), {
          command: (out) => hubCommand("export", "--quiet", "--as", "local-registry", out),
          name: "ours",
          sizes,
        }),
    peer: writing(project, scene, {
      command: (out) => [tool, "--quiet", "--sync", "Cargo.lock", out],
      name: "peer",
      sizes,
      environment: { CARGO_HOME: publicHome(project, scene), CARGO_NET_OFFLINE: "true" },
    }),
  };
  return { ...(await takeTurns(runs, contenders, project.grounds.settle)), note: noteOf(sizes) };
}

/** A CARGO_HOME on the file system of the runs that has the project's crates as cargo got them: this peer reads no source replacement. */
function publicHome({ grounds }, { project }) {
  const home = join(grounds.fresh(), "home");
  const name = cacheOf("cache").split("/").at(-1);
  mkdirSync(join(home, "registry", "cache", name), { recursive: true });
  cpSync(cacheOf("index"), join(home, "registry", "index", name), { recursive: true });
  for (const crate of lockedCrates(join(project, "Cargo.lock")))
    cpSync(join(cacheOf("cache"), `${crate}.crate`), join(home, "registry", "cache", name, `${crate}.crate`));
  return home;
}

function sizeOf(directory) {
  const size = { files: 0, bytes: 0, ownBytes: 0 };
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { size: bytes, nlink } = lstatSync(join(entry.parentPath ?? entry.path, entry.name));
    size.files += 1;
    size.bytes += bytes;
    if (nlink === 1) size.ownBytes += bytes;
  }
  return size;
}

function noteOf({ ours, peer }) {
  return `${ours === undefined ? "" : `ours ${sizeText(ours)}; `}peer ${sizeText(peer)}`;
}

function sizeText({ files, bytes, ownBytes }) {
  return `${(bytes / 1e6).toFixed(1)} MB in ${files} files, ${(ownBytes / 1e6).toFixed(1)} MB of them not shared`;
}
