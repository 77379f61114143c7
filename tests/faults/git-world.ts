import { join } from "node:path";
import type { Area } from "../../src/hub/index.ts";
import { type EverySource, openEverySource } from "../hub/every-source-world.ts";
import { must } from "../support/hub-runs.ts";
import { filesBelow } from "./disk.ts";
import { type World, worldAround } from "./world.ts";

/** A project with every kind of source, its lockfile written by cargo, and its servers; all of it ends with the test. */
export interface GitWorld {
  readonly world: World;
  readonly sources: EverySource;
}

/** Sets one up; nothing is filled yet. Cargo has fetched nothing that a fill could take from its home. */
export async function makeGitWorld(hubToml = ""): Promise<GitWorld> {
  const sources = await openEverySource(hubToml);
  await must(sources.scene.cargo("generate-lockfile"));
  await must(
    sources.scene.run("rm", ["-rf", join(sources.scene.cargoHome, "git"), join(sources.scene.cargoHome, "registry")]),
  );
  return { world: worldAround(sources.scene), sources };
}

/** A kind of files that only hubs with git sources own. */
export interface GitArea {
  readonly name: string;
  /** What a report may call it; files that are hard links of each other are found under each name. */
  readonly areas: readonly Area[];
  readonly files: readonly string[];
}

const isMark = (path: string): boolean => path.endsWith("/.cargo-checksum.json");

/** The areas that git sources bring, with their files. */
export function gitAreas({ hub, store }: World): GitArea[] {
  const all = filesBelow(hub);
  const packs = all.filter((path) => path.endsWith(".pack") && path.includes("/registry/cache/"));
  const sources = all.filter((path) => /\/registry\/src\/[^/]+\/[0-9a-f]{12}\//.test(path));
  const areas: GitArea[] = [
    { name: "packs", areas: ["pack", "store-pack"], files: packs },
    { name: "packages", areas: ["source"], files: sources.filter((path) => !isMark(path)) },
    { name: "checksum files", areas: ["checksum-file"], files: sources.filter(isMark) },
    {
      name: "databases",
      areas: ["database", "pack", "store-pack"],
      files: all.filter((path) => path.includes("/.cargo/git/db/")),
    },
    {
      name: "index repositories",
      areas: ["index-repository"],
      files: all.filter((path) => /\/registry\/index\/[^/]+\/(?:HEAD|config|objects\/.*|refs\/.*)$/.test(path)),
    },
    { name: "store packs", areas: ["store-pack", "pack"], files: filesBelow(join(store, "packs")) },
    { name: "hub.lock", areas: ["hub-lock"], files: [join(hub, "hub.lock")] },
  ];
  return areas.filter(({ files }) => files.length > 0);
}
