import type { WantedCrate } from "../plan/index.ts";
import type { FolderKind, FolderLayout } from "./folder-layout.ts";
import { HubRoomError } from "./hub-room-error.ts";

/**
 * A place that may have what neither hub nor store has. Whoever takes something from it checks it.
 *
 * Each method answers undefined for "not here"; then the next origin is asked. An error ends the search: nothing further is asked.
 */
export interface Origin {
  /** For messages: its path, or `registry`. */
  readonly place: string;
  readonly kind: FolderKind | "registry";
  /** What it has for a wanted version must be right, else that is an error; otherwise what is wrong is passed over. */
  readonly strict: boolean;
  /** Which of its index lines count: `pinned` only those that hub.lock has already, because others may be old. */
  readonly lines: "any" | "pinned";
  /** The text of the registry's config.json, as the registry serves it. */
  configText(crate: WantedCrate): Promise<string | undefined>;
  /** Index lines of a crate's name, each with a newline. `renew`: ask again even when the store has them. */
  indexBody(crate: WantedCrate, renew: boolean): Promise<string | undefined>;
  /** The directory of the unpacked package, where that is all there is; nothing in it was looked at. */
  unpacked(crate: WantedCrate): string | undefined;
  /** The bytes of a `.crate` file. */
  crateBytes(crate: WantedCrate): Promise<OriginBytes | undefined>;
}

/** The origins of every source. */
export interface Origins {
  /** Those of a crate, in the order in which they are asked. The last one is the end of the source's chain. */
  of(crate: Pick<WantedCrate, "source" | "sourceId">): readonly Origin[];
  /** The folders that were named, in their order. */
  readonly folders: readonly FolderLayout[];
  close(): Promise<void>;
}

/** Bytes of a `.crate` file and how they came. */
export interface OriginBytes {
  readonly bytes: Uint8Array;
  readonly from: "download" | "folder";
  /** As in {@link Origin}. */
  readonly place: string;
}

/** The error for a crate that the folder in which a source's chain ends does not have. */
export function folderLacks(
  { name, version, source, wantedBy }: WantedCrate,
  end: Pick<Origin, "kind" | "place"> | undefined,
): HubRoomError {
  const { kind, place } = end ?? { kind: "directory", place: source };
  return new HubRoomError({
    code: "hub/folder-lacks",
    what: `this ${kind} does not have ${name} ${version} with its index line, but ${wantedBy} asks for it, and the source configuration leads nowhere else`,
    where: place,
    help: "add the crate to it, name another place with `--from`, or take the `replace-with` that leads here out of Cargo's configuration",
  });
}

/** The first answer of several origins that is one. */
export async function firstAnswer<Answer>(
  origins: readonly Origin[],
  ask: (origin: Origin) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  for (const origin of origins) {
    const answer = await ask(origin);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
