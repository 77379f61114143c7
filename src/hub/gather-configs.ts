import { HubError } from "../errors/index.ts";
import { crateKey, type WantedCrate } from "../plan/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { readRegistryConfig, standInConfig } from "./index-files.ts";
import { firstAnswer, type Origins } from "./origins.ts";

/** The texts of the registries' config.json, by ident: the hub's own, else what an origin has, else a stand-in. */
export async function gatherConfigs({
  scene,
  origins,
}: {
  readonly scene: FillScene;
  readonly origins: Origins;
}): Promise<Map<string, string>> {
  const firsts = new Map<string, WantedCrate>();
  const local = new Set(scene.local.map(({ crate }) => crateKey(crate)));
  for (const crate of scene.wanted)
    if (!firsts.has(crate.ident) && !local.has(crateKey(crate))) firsts.set(crate.ident, crate);
  const texts = new Map<string, string>();
  // Nobody needs to be asked for the registry of crates that are all here.
  for (const { crate } of scene.local)
    if (!firsts.has(crate.ident)) texts.set(crate.ident, readRegistryConfig(scene.place, crate.ident) ?? standInConfig);
  for (const [ident, crate] of firsts) {
    const kept = readRegistryConfig(scene.place, ident);
    const isRight = kept !== undefined && kept !== standInConfig;
    texts.set(ident, isRight ? kept : await askForConfig(crate, { origins, kept }));
  }
  return texts;
}

/** A registry's config.json; nobody's is worth failing for when a stand-in is there already. */
async function askForConfig(
  crate: WantedCrate,
  { origins, kept }: { readonly origins: Origins; readonly kept: string | undefined },
): Promise<string> {
  const asked = origins.of(crate).filter(({ lines }) => lines === "any");
  try {
    return (await firstAnswer(asked, (origin) => origin.configText(crate))) ?? standInConfig;
  } catch (error) {
    if (kept === undefined || !(error instanceof HubError)) throw error;
    return kept;
  }
}
