// The hub's unpacked sources against those that cargo itself unpacked: every file's kind, content, mode and time.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheOf } from "../bench/fetch-workloads.mjs";
import { lockedCrates } from "../bench/workloads.mjs";
import { must } from "./scenes.mjs";

const project = "nu";

/** @param {{ scenes: ReturnType<typeof import("./scenes.mjs").openScenes>, claim: import("./claims.mjs").Claim }} world */
export function sameSources({ scenes, claim }) {
  const scene = scenes.of(project);
  const crates = lockedCrates(scene.path("Cargo.lock"));
  claim("fill from an empty store", `${project} (sources)`, () => scene.fill().figures);
  claim("the unpacked sources equal cargo's own", project, () => {
    const ours = onlyDirectory(scene.path(".cargo", "registry", "src"));
    must(
      ours.name === onlyDirectory(join(cacheOf("src"), "..")).name,
      "the registry's directory has another name than cargo's",
    );
    must(readdirSync(ours.path).length === crates.length, "there are other crates than the lockfile's");
    const total = { crates: 0, files: 0, directories: 0, executable: 0, bytes: 0 };
    for (const crate of crates) {
      compare({ ours: join(ours.path, crate), cargos: join(cacheOf("src"), crate) }, "", total);
      total.crates += 1;
    }
    return `${total.crates} crates, ${total.files} files (${total.executable} executable, ${(total.bytes / 1e6).toFixed(0)} MB) and ${total.directories} directories compared`;
  });
  claim("every .cargo-checksum.json is right", project, () =>
    checksumFiles(onlyDirectory(scene.path(".cargo", "registry", "src")).path, scene),
  );
}

function onlyDirectory(parent) {
  const [name, ...others] = readdirSync(parent);
  must(name !== undefined && others.length === 0, `${parent} should hold one directory`);
  return { name, path: join(parent, name) };
}

function compare(pair, relative, total) {
  const names = (root) => readdirSync(join(root, relative)).toSorted();
  // cargo makes this one only when it vendors.
  const ours = names(pair.ours).filter((name) => relative !== "" || name !== ".cargo-checksum.json");
  const cargos = names(pair.cargos);
  must(ours.join("\0") === cargos.join("\0"), `${join(pair.ours, relative)} has other entries than cargo's`);
  for (const name of ours) compareEntry(pair, join(relative, name), total);
}

function compareEntry(pair, relative, total) {
  const [a, b] = [pair.ours, pair.cargos].map((root) => lstatSync(join(root, relative)));
  const differ = (what, left, right) =>
    must(left === right, `${join(pair.ours, relative)}: ${what} ${left}, cargo's has ${right}`);
  differ("mode", a.mode.toString(8), b.mode.toString(8));
  if (a.isDirectory()) {
    total.directories += 1;
    compare(pair, relative, total);
    return;
  }
  must(a.isFile(), `${join(pair.ours, relative)} is neither a file nor a directory`);
  differ("size", a.size, b.size);
  // Cargo writes this mark itself, now; all other times come from the archive.
  if (relative !== ".cargo-ok") differ("mtime", a.mtimeMs, b.mtimeMs);
  must(
    readFileSync(join(pair.ours, relative)).equals(readFileSync(join(pair.cargos, relative))),
    `${join(pair.ours, relative)}: its content is not cargo's`,
  );
  total.files += 1;
  total.bytes += a.size;
  if ((a.mode & 0o111) !== 0) total.executable += 1;
}

/** Each lists only files that are there, with their digests, and the digest that Cargo.lock has for the crate. */
function checksumFiles(root, scene) {
  const lock = scene.read("Cargo.lock");
  let listed = 0;
  for (const crate of readdirSync(root)) {
    const { files, package: digest } = JSON.parse(readFileSync(join(root, crate, ".cargo-checksum.json"), "utf8"));
    must(lock.includes(`checksum = "${digest}"`), `${crate}: Cargo.lock does not have the package checksum ${digest}`);
    for (const [path, expected] of Object.entries(files)) {
      const actual = createHash("sha256")
        .update(readFileSync(join(root, crate, path)))
        .digest("hex");
      must(actual === expected, `${crate}/${path} hashes to ${actual}, but ${expected} is listed`);
      listed += 1;
    }
  }
  return `${listed} files listed`;
}
