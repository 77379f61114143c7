// The measures: what each side does, and what is checked beside the time.
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cargo } from "./cargo.mjs";
import { localRegistry, vendor } from "./exports.mjs";
import { takeTurns, timed } from "./measure.mjs";
import { hubCommand, hubSources } from "./project.mjs";

/**
 * The wanted measures of one project. One run may answer several of them: a cold fill gives a time and a peak.
 *
 * @param {ReturnType<typeof import("./project.mjs").openProject>} project
 * @param {{ only: string[], runs: number, peersOnly: boolean }} options
 * @returns {{ names: string[], measure: () => Promise<{ ours?: import("./measure.mjs").Summary, peer: import("./measure.mjs").Summary, note?: string }> }[]}
 */
export function measuresOf(project, options) {
  const all = [
    { names: ["cold", "memory"], measure: () => cold(project, options) },
    { names: ["second"], measure: () => second(project, options) },
    { names: ["noop"], measure: () => noop(project, options) },
    { names: options.peersOnly ? [] : ["verify"], measure: () => verify(project, options) },
    { names: ["metadata"], measure: () => metadata(project, options) },
    { names: ["vendor"], measure: () => vendor(project, options) },
    { names: ["local-registry"], measure: () => localRegistry(project, options) },
  ];
  return all
    .map(({ names, measure }) => ({ names: names.filter((name) => options.only.includes(name)), measure }))
    .filter(({ names }) => names.length > 0);
}

/** A contender that begins each run in a fresh scene and gives it back afterwards. */
function fromFresh(project, sceneOptions, command) {
  let scene;
  return {
    prepare() {
      scene = project.fresh(sceneOptions());
      return project.run(scene, command);
    },
    after: () => project.discard(scene),
  };
}

function cold(project, { runs, peersOnly }) {
  const contenders = {
    ours: peersOnly ? undefined : fromFresh(project, () => ({}), hubCommand("fill")),
    peer: fromFresh(project, () => ({}), [cargo, "fetch", "--locked"]),
  };
  return takeTurns(runs, contenders, project.grounds.settle);
}

function second(project, { runs, peersOnly }) {
  const vendor = [cargo, "vendor", "--locked", "--offline", "--respect-source-config", "vendor"];
  if (!peersOnly) project.filled();
  project.fetched();
  const contenders = {
    ours: peersOnly ? undefined : fromFresh(project, () => ({ store: project.filled().store }), hubCommand("fill")),
    peer: fromFresh(project, () => ({ home: project.fetched().home }), vendor),
  };
  return takeTurns(runs, contenders, project.grounds.settle);
}

/** A contender that repeats a command in one scene; the first time is not measured. */
function repeated(project, scene, command) {
  timed(project.run(scene, command));
  return { prepare: () => project.run(scene, command) };
}

async function noop(project, { runs, peersOnly }) {
  const contenders = {
    ours: peersOnly ? undefined : repeated(project, project.filled(), hubCommand("fill")),
    peer: repeated(project, project.fetched(), [cargo, "fetch", "--locked"]),
  };
  const result = await takeTurns(runs, contenders, project.grounds.settle);
  return peersOnly ? result : { ...result, note: noticesRemoval(project) };
}

/** A quick no-op counts only when it still sees that something is gone. */
function noticesRemoval(project) {
  const scene = project.filled();
  const sources = hubSources(scene.project);
  const victim = sources[sources.length >> 1];
  if (victim === undefined) return "the hub has no sources";
  const aside = join(scene.directory, "removed");
  renameSync(victim, aside);
  timed(project.run(scene, hubCommand("fill")));
  const back = existsSync(join(victim, "Cargo.toml"));
  rmSync(aside, { recursive: true });
  return back ? undefined : "A REMOVED CRATE DIRECTORY WAS NOT NOTICED";
}

async function verify(project, { runs }) {
  const scene = project.filled();
  const list = join(scene.directory, "files");
  const { paths, bytes } = filesOnce([join(scene.project, ".cargo"), scene.store]);
  writeFileSync(list, paths.map((path) => `${path}\0`).join(""));
  const contenders = {
    ours: repeated(project, scene, hubCommand("verify")),
    peer: repeated(project, scene, ["xargs", "-0", "-a", list, "-P2", "-n256", "sha256sum"]),
  };
  const note = `${paths.length} files, ${(bytes / 1e6).toFixed(0)} MB`;
  return { ...(await takeTurns(runs, contenders, project.grounds.settle)), note };
}

/** Every regular file below the directories; of hard links to one file, the first. */
function filesOnce(directories) {
  const seen = new Set();
  const paths = [];
  let bytes = 0;
  for (const directory of directories) {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const { ino, size } = lstatSync(path);
      if (seen.has(ino)) continue;
      seen.add(ino);
      paths.push(path);
      bytes += size;
    }
  }
  return { paths, bytes };
}

function metadata(project, { runs, peersOnly }) {
  const command = [cargo, "metadata", "--frozen", "--format-version", "1"];
  const contenders = {
    ours: peersOnly ? undefined : repeated(project, project.filled(), command),
    peer: repeated(project, project.fetched(), command),
  };
  return takeTurns(runs, contenders, project.grounds.settle);
}

/** How long a user waits before the program does anything, over bare Node. */
export async function measureVersion({ runs }) {
  const here = { cwd: process.cwd(), env: process.env };
  const contenders = {
    ours: { prepare: () => ({ command: hubCommand("--version"), ...here }) },
    peer: { prepare: () => ({ command: [process.execPath, "-e", "0"], ...here }) },
  };
  await takeTurns(1, contenders, () => {});
  return { measure: "version", ...(await takeTurns(Math.max(runs, 11), contenders, () => {})) };
}
