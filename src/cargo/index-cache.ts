import { HubError } from "../errors/index.ts";
import { isVersion } from "../semver/index.ts";

/** What can be wrong with a file of cargo's index cache. */
export type IndexCacheErrorCode = "cargo/index-cache-invalid";

/** A file of cargo's index cache that can not be read, or content that can not be put into one. */
export class IndexCacheError extends HubError<IndexCacheErrorCode> {}

/** A line of an index file beside the version it is for. */
export interface IndexCacheLine {
  /** The line's `vers`, build metadata included. Cargo can not find a version under any other key. */
  readonly version: string;
  /** One JSON object, without a newline. */
  readonly line: string;
}

/** The content of one file of cargo's index cache, `index/<ident>/.cache/<prefix>/<name>`. */
export interface IndexCache {
  /** `etag: …`, `last-modified: …`, or `Unknown`, which a file that is trimmed to some versions must have. */
  readonly indexVersion: string;
  /** In the order of the file; cargo does not care about the order. */
  readonly lines: readonly IndexCacheLine[];
}

const FORMAT = 3;
const SCHEMA = 2;
const HEAD_BYTES = 5;
/** The format's byte, then the schema in 32 bits, low byte first: all of them ASCII. */
const HEAD = "\u0003\u0002\0\0\0";
const encoder = new TextEncoder();

/**
 * Writes a cache file byte for byte as cargo 1.95 does.
 *
 * @throws {IndexCacheError} `cargo/index-cache-invalid` for a text with a NUL, which separates the parts of the file.
 */
export function formatIndexCache(cache: IndexCache): Uint8Array<ArrayBuffer> {
  let text = HEAD + withoutNul(cache.indexVersion, "the index version");
  text += "\0";
  for (const { version, line } of cache.lines) {
    text += `${withoutNul(version, "a version")}\0${withoutNul(line, "a line")}\0`;
  }
  return encoder.encode(text);
}

/**
 * Reads a cache file. As in cargo the last NUL may be missing; everything else is exact.
 *
 * @param at Where the file stands, for error messages: its path.
 * @throws {IndexCacheError} `cargo/index-cache-invalid`, naming the first thing that is wrong. Cargo treats such a file as absent.
 */
export function parseIndexCache(bytes: Uint8Array, at: string): IndexCache {
  checkHead(bytes, at);
  const parts = partsOf(bytes, at);
  const [indexVersion, ...rest] = parts;
  if (indexVersion === undefined) throw invalid("it ends before the index version", at);
  const lines: IndexCacheLine[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    const [version, line] = [rest[index] ?? "", rest[index + 1]];
    if (!isVersion(version)) throw invalid(`${JSON.stringify(version)} stands where a version should`, at);
    if (line === undefined) throw invalid(`version ${version} has no line`, at);
    lines.push({ version, line });
  }
  return { indexVersion, lines };
}

function checkHead(bytes: Uint8Array, at: string): void {
  const format = bytes[0];
  if (format === undefined) throw invalid("it is empty", at);
  if (format !== FORMAT) throw invalid(`its format is ${format}, but only ${FORMAT} is known`, at);
  if (bytes.length < HEAD_BYTES) throw invalid("it ends within its head", at);
  const schema = bytes.slice(1, HEAD_BYTES).reduceRight((value, byte) => value * 256 + byte, 0);
  if (schema !== SCHEMA) throw invalid(`its index schema is ${schema}, but only ${SCHEMA} is known`, at);
}

/** What stands between the NULs behind the head. */
function partsOf(bytes: Uint8Array, at: string): string[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(HEAD_BYTES));
  } catch (cause) {
    throw invalid("it is not UTF-8", at, cause);
  }
  const parts = text.split("\0");
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

function withoutNul(text: string, what: string): string {
  if (!text.includes("\0")) return text;
  throw new IndexCacheError({
    code: "cargo/index-cache-invalid",
    what: `${what} contains a NUL byte: ${JSON.stringify(text)}`,
    help: "report the registry that sent it; cargo can not cache such a line either",
  });
}

function invalid(reason: string, at: string, cause?: unknown): IndexCacheError {
  return new IndexCacheError({
    code: "cargo/index-cache-invalid",
    what: `this is not an index cache file of cargo: ${reason}`,
    where: at,
    help: "run `cargo-hub verify --repair`, which writes it again from the index lines",
    cause,
  });
}
