import { resolve } from "node:path";
import { effectiveSource, netSettings, registryIdent, type SourceId } from "../cargo/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { directorySource, exportAt, homeLayout, localRegistry, recogniseFolder } from "./folder-layout.ts";
import { type FolderTrust, openFolder } from "./folder-origin.ts";
import type { Origin, Origins } from "./origins.ts";
import { cargoHome, type FolderEnd, folderEnd, isCargoHome } from "./sources.ts";
import { openUpstream, type UpstreamSettings } from "./upstream.ts";

/** What the origins of a fill depend on, beside its scene. */
export interface OriginSettings extends Omit<UpstreamSettings, "config"> {
  /** Directories that were named with `--from`, relative to `cwd`. */
  readonly from: readonly string[];
  readonly cwd: string;
}

/**
 * Where a fill gets what neither hub nor store has, in the order in which it is asked: the folders named with `--from`, Cargo's own home,
 * and the end of the source's chain: the registry, or the directory or local registry that stands for it.
 *
 * What cargo downloaded before is in its home. Its index lines may be older than the registry's; since hub.lock pins what is taken and must
 * not depend on whose cache was at hand, they count only when hub.lock has them already, or when there is no registry to ask.
 *
 * @throws {HubRoomError} hub/folder-unknown; {FormatsError} formats/export-version.
 */
export function openOrigins({ place, wanted, config }: FillScene, settings: OriginSettings): Origins {
  const { from, cwd, env } = settings;
  const checksums = new Set<string>(wanted.map(({ checksum }) => checksum));
  const folders = from.map((path) => recogniseFolder(resolve(cwd, path)));
  const home = cargoHome(env, place.root);
  const homes = isCargoHome(place, env) ? [] : [homeLayout("cargo-home", home, home)];
  const upstream = openUpstream({ ...settings, config });
  const offline = settings.offline || netSettings(config).offline;
  const originsOf = (sourceId: SourceId): readonly Origin[] => {
    const end = folderEnd(config, sourceId);
    const mirror = registryIdent(effectiveSource(config, sourceId).end.source ?? sourceId);
    const named: FolderTrust = { strict: true, lines: "any", wanted: checksums, mirror };
    const cached: FolderTrust = { ...named, strict: false, lines: offline || end !== undefined ? "any" : "pinned" };
    return [
      ...folders.map((layout) => openFolder(layout, named)),
      ...homes.map((layout) => openFolder(layout, cached)),
      end === undefined ? upstream : openFolder(endLayout(end), named),
    ];
  };
  const known = new Map<string, readonly Origin[]>();
  return {
    of({ source, sourceId }) {
      const origins = known.get(source) ?? originsOf(sourceId);
      known.set(source, origins);
      return origins;
    },
    folders,
    close: () => upstream.close(),
  };
}

/** Cargo's configuration says what a folder is; only an export of ours may be more. */
function endLayout({ kind, path }: FolderEnd): ReturnType<typeof recogniseFolder> {
  return exportAt(path) ?? (kind === "directory" ? directorySource(path) : localRegistry(path));
}
