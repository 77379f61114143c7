import { dirname } from "node:path";
import {
  type CargoConfig,
  effectiveSource,
  formatOrigin,
  formatSourceId,
  isCratesIo,
  sameSource,
} from "../cargo/index.ts";
import { hubLayout } from "../plan/index.ts";
import { registryNames } from "./borrowed-names.ts";
import { isSwitchedOff } from "./config-files.ts";
import type { FillScene } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { inHub, nearestHub } from "./locate.ts";
import { configAfter, type Environment } from "./sources.ts";

/**
 * For mode `cargo-home`, before anything is written: checks that Cargo, with the hub as its home, would look for each source's packages in
 * the hub, and would know the names of registries that the projects' manifests use. Both can stand in files that are not read then,
 * or that count then as before.
 *
 * @throws {HubRoomError} hub/not-effective.
 */
export function checkHomeEffective(scene: FillScene, { env, cwd }: { env: Environment; cwd: string }): void {
  const { place, hubToml, lockfiles } = scene;
  if (hubToml.mode !== "cargo-home" || isSwitchedOff(place)) return;
  const home = { hubToml, sources: [], env: { ...env, CARGO_HOME: place.dotCargo } };
  const configs = new Map<string, CargoConfig>();
  for (const directory of [place.root, cwd, ...lockfiles.map(({ absolute }) => dirname(absolute))]) {
    if (configs.has(directory)) continue;
    if (directory !== place.root && nearestHub(directory)?.root !== place.root) continue;
    const config = configAfter(place, { ...home, cwd: directory });
    configs.set(directory, config);
    checkSources(scene, config);
  }
  for (const lockfile of lockfiles) {
    const config = configs.get(dirname(lockfile.absolute));
    if (config !== undefined) checkNames({ ...scene, lockfiles: [lockfile] }, { config, env });
  }
}

function checkSources({ place, placed }: FillScene, config: CargoConfig): void {
  for (const { sourceId } of placed) {
    const { end, chain } = effectiveSource(config, sourceId);
    const isOwn = end.source !== undefined && sameSource(end.source, sourceId);
    if (isCratesIo(sourceId) ? end.kind === "default" : isOwn) continue;
    const way = chain.length < 2 ? "" : ` (by way of ${chain.join(" → ")})`;
    throw new HubRoomError({
      code: "hub/not-effective",
      what: `Cargo would take ${formatSourceId(sourceId)} from ${end.kind} ${end.location}${way}, also with the hub as its home, and look for its packages where the hub has none`,
      where: end.definedIn === undefined ? inHub(place, hubLayout.config) : formatOrigin(end.definedIn),
      help: 'take that out of the file, or set `mode = "directory"` in .cargo/hub.toml, where the hub takes its place',
    });
  }
}

function checkNames(
  scene: FillScene,
  { config, env }: { readonly config: CargoConfig; readonly env: Environment },
): void {
  const known = registryNames(scene, config, env);
  for (const [index, [name]] of registryNames(scene, scene.config, env)) {
    if (name === undefined || (known.get(index) ?? []).length > 0) continue;
    throw new HubRoomError({
      code: "hub/not-effective",
      what: `the registry ${name.name} has its name from a file that Cargo does not read when the hub is its home, so that it could not read a Cargo.toml with that name`,
      where: formatOrigin(name.origin),
      help: `put \`[registries.${name.name}]\` with \`index = "${index}"\` into .cargo/config.toml of the project`,
    });
  }
}
