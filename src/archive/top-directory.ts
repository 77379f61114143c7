import { constants, inflateRawSync } from "node:zlib";
import { type CrateSource, complaintsForCrate, openCrate } from "./crate-bytes.ts";
import { GZIP_TRAILER_BYTES, readGzipHeader } from "./gzip-header.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { BLOCK_BYTES } from "./tar-header.ts";
import { TarWalker } from "./tar-walker.ts";

/** What is read of the file: the first entry's header is in the first few hundred bytes, and little can not unpack to much. */
const FIRST_BYTES = 4 * 1024;

/**
 * The top directory of the first entry of a crate file, for one whose name and version nobody knows. It is what the archive says:
 * whoever unpacks or compares with it has every entry checked against it.
 *
 * @returns undefined when the beginning of the file is not that of a crate. @throws {ArchiveError} archive/unreadable.
 */
export function crateTopDirectory(source: CrateSource): string | undefined {
  const crate = openCrate(source, complaintsForCrate(source, "unknown"));
  try {
    const first = crate.read(0, FIRST_BYTES);
    const header = readGzipHeader(first);
    if (header.kind !== "gzip") return undefined;
    const isWhole = first.length === crate.sizeBytes;
    const content = beginningOf(first.subarray(header.length, isWhole ? -GZIP_TRAILER_BYTES : undefined));
    const name = content === undefined ? undefined : firstName(content);
    const top = name?.slice(0, Math.max(0, name.indexOf("/")));
    return top === undefined || /^\.{0,2}$/.test(top) ? undefined : top;
  } finally {
    crate.close();
  }
}

/** What the beginning of deflated data unpacks to. */
function beginningOf(packed: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

function firstName(content: Buffer): string | undefined {
  const found: string[] = [];
  const walker = new TarWalker(
    {
      entry(entry) {
        if (entry.kind !== "global") found.push(entry.name);
        return false;
      },
      content: () => undefined,
      contentEnd: () => undefined,
    },
    {
      pathBytes: DEFAULT_LIMITS.pathBytes,
      streamBytes: DEFAULT_LIMITS.unpackedBytes,
      complain: complaintsForCrate(content, "unknown"),
    },
  );
  try {
    for (let at = 0; at < content.length && found.length === 0; at += BLOCK_BYTES)
      walker.push(content.subarray(at, at + BLOCK_BYTES));
  } catch {
    return undefined;
  }
  return found[0];
}
