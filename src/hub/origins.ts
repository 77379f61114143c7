import type { WantedCrate } from "../plan/index.ts";

/**
 * A place that may have what neither hub nor store has. Whoever takes something from it checks it.
 *
 * Each method answers undefined for "not here"; then the next origin is asked. An error ends the search: nothing further is asked.
 */
export interface Origin {
  /** For messages: a path or what it is. */
  readonly place: string;
  /** The text of the registry's config.json, as the registry serves it. */
  configText(crate: WantedCrate): Promise<string | undefined>;
  /** Index lines of a crate's name, each with a newline. `renew`: ask again even when the store has them. */
  indexBody(crate: WantedCrate, renew: boolean): Promise<string | undefined>;
  /** The bytes of a `.crate` file. */
  crateBytes(crate: WantedCrate): Promise<OriginBytes | undefined>;
  close(): Promise<void>;
}

/** Bytes of a `.crate` file and how they came. */
export interface OriginBytes {
  readonly bytes: Uint8Array;
  readonly from: "download";
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
