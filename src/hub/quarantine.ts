import { type JudgedManifest, judgeManifest, parseManifest } from "../cargo/index.ts";
import type { HubLock, HubQuarantine } from "../formats/index.ts";
import { type CrateKey, crateKey, cratePlaces } from "../plan/index.ts";
import { readText } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { inHub } from "./locate.ts";

/** Keys of the packages that hub.lock says lie where Cargo does not look. */
export function quarantinedKeys({ quarantine }: Pick<HubLock, "quarantine">): ReadonlySet<string> {
  return new Set(quarantine.map((entry) => crateKey(entry)));
}

/** Where a package of the hub lies, and why not among the others. */
export interface Placement {
  readonly quarantined: boolean;
  /** Why it belongs into quarantine by today's hub.toml; undefined: it does not. */
  readonly reason: string | undefined;
}

/** What decides about quarantine; plain data, sent to worker threads. */
export interface QuarantineRule {
  /** False in mode `cargo-home`, where a manifest that can not be loaded harms nobody but its own package. */
  readonly applies: boolean;
  /** The lowest cargo that must be able to read the hub; undefined: the newest known. */
  readonly rustVersion: string | undefined;
}

/** The rule of a hub. */
export function quarantineRule({ hubToml }: Pick<FillScene, "hubToml">): QuarantineRule {
  return { applies: hubToml.mode === "directory", rustVersion: hubToml.rustVersion };
}

/**
 * Reads a manifest and says why Cargo must not load its package, if so.
 *
 * @param at Where the text stands, for error messages.
 * @throws {ManifestError}, {TomlError} for one that can not be read where quarantine does not apply.
 */
export function judge(manifest: string, at: string, { applies, rustVersion }: QuarantineRule): JudgedManifest {
  return applies ? judgeManifest(manifest, rustVersion) : { facts: parseManifest(manifest, at), reason: undefined };
}

/** Why Cargo must not load a package with this manifest; undefined: it may. */
export function reasonFor(manifest: string, { applies, rustVersion }: QuarantineRule): string | undefined {
  return applies ? judgeManifest(manifest, rustVersion).reason : undefined;
}

/**
 * Says where each crate lies and belongs.
 *
 * A manifest is only read where the answer may have changed: a lowest cargo is declared, or the crate lies in quarantine. Without
 * either, the last fill found nothing against it, and the newest cargo takes whatever an older one takes.
 */
export function placementOf(
  scene: FillScene,
  onDisk: HubLock | undefined,
): (crate: CrateKey & { ident: string }) => Placement {
  const held = quarantinedKeys(onDisk ?? { quarantine: [] });
  const rule = quarantineRule(scene);
  return (crate) => {
    const quarantined = held.has(crateKey(crate));
    if (!quarantined && (rule.rustVersion === undefined || !rule.applies)) return { quarantined, reason: undefined };
    const { source } = cratePlaces({ ...crate, quarantined });
    const text = readText(inHub(scene.place, `${source}/Cargo.toml`));
    return { quarantined, reason: text === undefined ? undefined : reasonFor(text, rule) };
  };
}

/** An entry of hub.lock. */
export function quarantineEntry({ source, name, version }: CrateKey, reason: string): HubQuarantine {
  return { source, name, version, reason };
}
