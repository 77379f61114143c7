import { complaintsAbout } from "./archive-error.ts";
import { openCrate } from "./crate-bytes.ts";
import { inflateCrate } from "./inflate-crate.ts";
import { DEFAULT_LIMITS, streamLimit } from "./limits.ts";
import { LARGEST_MANIFEST } from "./read-crate.ts";
import { type TarEntry, type TarHandler, TarWalker } from "./tar-walker.ts";

/** What a crate file says it is. */
export interface CrateManifest {
  /** The directory that everything in the archive lies in, by its first entry: `<name>-<version>`. */
  readonly topDirectory: string;
  /** The content of Cargo.toml in it; the last, should there be several. */
  readonly manifest: Uint8Array;
}

/**
 * Reads a crate file of which nothing is known for its manifest. The rest of the archive is judged when it is unpacked.
 *
 * @param path Where the crate file stands, for error messages.
 * @throws {ArchiveError} also `archive/empty` when there is no manifest.
 */
export async function readCrateManifest(bytes: Uint8Array, path: string): Promise<CrateManifest> {
  const complain = complaintsAbout(path);
  const finder = new ManifestFinder();
  const streamBytes = streamLimit(DEFAULT_LIMITS, bytes.length);
  const walker = new TarWalker(finder, { pathBytes: DEFAULT_LIMITS.pathBytes, streamBytes, complain });
  await inflateCrate({ crate: openCrate(bytes, complain), limitBytes: streamBytes, complain }, (chunk) =>
    walker.push(chunk),
  );
  walker.finish();
  const { topDirectory, manifest } = finder;
  if (topDirectory !== undefined && manifest !== undefined) return { topDirectory, manifest };
  throw complain({ code: "archive/empty", what: "the archive has no Cargo.toml in its directory" });
}

class ManifestFinder implements TarHandler {
  topDirectory: string | undefined;
  manifest: Buffer | undefined;
  #pieces: Buffer[] = [];

  entry({ kind, name, sizeBytes }: TarEntry): boolean {
    if (kind === "global") return false;
    this.topDirectory ??= name.split("/", 1)[0] ?? "";
    this.#pieces = [];
    const isManifest = kind === "file" && name === `${this.topDirectory}/Cargo.toml` && sizeBytes <= LARGEST_MANIFEST;
    if (isManifest && sizeBytes === 0) this.manifest = Buffer.alloc(0);
    return isManifest;
  }

  content(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
  }

  contentEnd(): void {
    this.manifest = Buffer.concat(this.#pieces);
  }
}
