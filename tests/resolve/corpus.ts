import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const build = fileURLToPath(new URL("../../.build/", import.meta.url));

/** Real projects with the lockfiles that cargo wrote for them from one frozen index. */
export interface Corpus {
  /** A local registry with the frozen index. */
  readonly registry: string;
  readonly projects: readonly { readonly name: string; readonly directory: string }[];
}

/** The corpus that `CARGO_HUB_CORPUS` names, which must then be complete; `undefined` when the variable is not set. */
export function corpus(): Corpus | undefined {
  const home = process.env["CARGO_HUB_CORPUS"];
  if (home === undefined || home === "") return undefined;
  const projects = join(home, "projects");
  const names = readdirSync(projects).sort();
  return {
    registry: unpackedIndex(home),
    projects: names.map((name) => ({ name, directory: join(projects, name) })),
  };
}

/** Unpacks the index once; a later run finds it below .build/. */
function unpackedIndex(home: string): string {
  if (existsSync(join(home, "index"))) return home;
  const archive = join(home, "index.tar.zst");
  const { size, mtimeMs } = statSync(archive);
  const target = join(build, `corpus-${size}-${Math.floor(mtimeMs)}`);
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const command = 'zstd --decompress --stdout --quiet --long=27 "$0" | tar --extract --directory "$1"';
  const done = spawnSync("bash", ["-o", "pipefail", "-c", command, archive, partial], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${archive} can not be unpacked: ${done.stderr}`);
  try {
    renameSync(partial, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(partial, { recursive: true, force: true }); // another process was faster
  }
  return target;
}
