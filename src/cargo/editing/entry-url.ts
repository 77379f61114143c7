import { fileUrl } from "../file-url.ts";
import { CRATES_IO } from "../source-id.ts";
import type { DependencyEntry } from "./dependency-entry.ts";
import { impossible } from "./edit-error.ts";

/** The index of a registry by its name in Cargo's configuration: a URL, for a sparse one with `sparse+`. */
export type RegistryIndex = (name: string) => string | undefined;

/**
 * The URL of the source that an entry means; `undefined` for one that its workspace decides.
 *
 * @param at The manifest, for error messages.
 * @throws {ManifestEditError} `cargo/edit-impossible` for a registry that is not configured.
 */
export function entryUrl(
  { source, registry }: DependencyEntry,
  registryIndex: RegistryIndex,
  at: string,
): string | undefined {
  switch (source?.kind) {
    case "path":
      return fileUrl(source.directory);
    case "git":
      return source.url;
    case "workspace":
      return undefined;
    case "registry":
    case undefined: {
      if (registry === undefined) return CRATES_IO.url;
      const index = registryIndex(registry);
      if (index === undefined)
        throw impossible(`registry index was not found in any configuration: \`${registry}\``, at);
      return index;
    }
  }
}
