// What cargo builds again after the hub was touched: only what changed.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cargo } from "../bench/cargo.mjs";
import { mustBeFresh } from "./modes.mjs";
import { must, verbs } from "./scenes.mjs";

const project = "async_example";
/** A crate without dependencies that the project does not have yet. */
const added = "fnv";

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export function rebuilds({ scenes, claim }) {
  const scene = scenes.of(project);
  const build = () => scene.succeed([cargo, "build", "--locked", "-v"]).stderr;

  claim("fill and build", project, () => {
    const { figures } = scene.fill();
    return `${figures}; ${verbs(build()).Compiling.length} packages compiled`;
  });
  claim("after a re-fill nothing is built again", project, () => {
    must(!scene.fill().report.changed, "the second fill changed something");
    scene.fill("--refresh");
    return `${mustBeFresh(build())} Fresh`;
  });
  claim("after registry/src was lost and filled again nothing is built again", project, () => {
    const source = onlyEntry(scene.path(".cargo", "registry", "src"));
    scene.succeed(["rm", "-rf", source]);
    const { report } = scene.fill("--offline");
    return `${report.installed} crates put back, ${mustBeFresh(build())} Fresh`;
  });
  claim("after a flipped byte and verify --repair nothing is built again", project, () => {
    const file = join(crateSource(scene, "bytes-"), "src", "lib.rs");
    const before = readFileSync(file);
    const { mtimeMs } = statSync(file);
    const flipped = Buffer.from(before);
    flipped[100] ^= 1;
    writeFileSync(file, flipped);
    const found = scene.tryHub("verify", "--json");
    must(found.status === 1, `verify ended with ${found.status}`);
    const { damaged } = JSON.parse(found.stdout);
    must(
      damaged.some(({ path }) => path === file),
      "verify does not name the file",
    );
    scene.hub("verify", "--repair", "--offline");
    must(readFileSync(file).equals(before) && statSync(file).mtimeMs === mtimeMs, "the file was not mended");
    return `${damaged.length} places named, ${mustBeFresh(build())} Fresh`;
  });
  claim("one crate more: only it and the project are built", project, () => {
    scene.hub("off");
    scene.cargo("add", "--quiet", added);
    scene.cargo("fetch", "--quiet");
    const { report } = scene.fill();
    scene.hub("on");
    must(report.installed === 1, `${report.installed} crates were installed`);
    return `${mustBeFresh(build(), [added, project])} Fresh`;
  });
}

function onlyEntry(parent) {
  const [name] = readdirSync(parent);
  return join(parent, name);
}

function crateSource(scene, start) {
  const root = onlyEntry(scene.path(".cargo", "registry", "src"));
  return join(
    root,
    readdirSync(root).find((name) => name.startsWith(start)),
  );
}
