import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { ArchiveError, Complain } from "./archive-error.ts";
import type { CrateBytes } from "./crate-bytes.ts";
import { GZIP_TRAILER_BYTES, LONGEST_GZIP_HEADER, readGzipHeader } from "./gzip-header.ts";

const MEBIBYTE = 1024 * 1024;
/** Up to this many unpacked bytes are inflated in one call; more are streamed, so that memory stays bounded. */
const LARGEST_AT_ONCE = 4 * MEBIBYTE;
/** Deflate can not do better than this; a promise above it is a lie. */
const BEST_DEFLATE_RATIO = 1032;
/**
 * Bytes in and out of the inflater at a time. Measured: 64 KiB takes 1.4 times as long, for each chunk changes threads;
 * 1 MiB is 5 % faster, but leaves 20 MB more to the garbage collector.
 */
const CHUNK_BYTES = 256 * 1024;
/** How far inflating, on its own thread, may run ahead of the reader of the chunks. */
const READ_AHEAD_BYTES = MEBIBYTE;

interface Job {
  readonly crate: CrateBytes;
  /** Where the compressed data starts. */
  readonly bodyStart: number;
  /** The most bytes that may come out. */
  readonly limitBytes: number;
  readonly complain: Complain;
}

/**
 * Unpacks a gzip file that has exactly one member and nothing after it.
 *
 * Stricter than cargo, which stops reading at the end of the tar archive: the check sum and the length are always
 * compared, and bytes after the member are refused.
 *
 * @param push Gets the content in order, of a large or faulty file before the end is checked. What it throws ends the
 * work and reaches the caller.
 * @throws {ArchiveError} not-gzip, truncated, corrupt, trailing-data, too-large, unreadable.
 */
export async function inflateCrate(
  { crate, limitBytes, complain }: Omit<Job, "bodyStart">,
  push: (chunk: Buffer) => void,
): Promise<void> {
  const header = readGzipHeader(crate.read(0, LONGEST_GZIP_HEADER));
  switch (header.kind) {
    case "incomplete":
      if (crate.sizeBytes < LONGEST_GZIP_HEADER) throw truncated(complain);
      throw complain({ code: "archive/not-gzip", what: "the gzip header does not end within 64 KiB" });
    case "not-gzip":
      throw complain({ code: "archive/not-gzip", what: `the file ${header.reason}` });
    case "gzip": {
      const job = { crate, bodyStart: header.length, limitBytes, complain };
      const content = inflateAtOnce(job);
      if (content === undefined) await inflateInChunks(job, push);
      else push(content);
    }
  }
}

/** The whole content of a small, sound file; `undefined` leaves large ones, and the exact diagnosis, to the other way. */
function inflateAtOnce({ crate, bodyStart, limitBytes }: Job): Buffer | undefined {
  const bodyBytes = crate.sizeBytes - bodyStart - GZIP_TRAILER_BYTES;
  if (bodyBytes <= 0 || bodyBytes > LARGEST_AT_ONCE) return undefined;
  const promised = crate.read(crate.sizeBytes - 4, 4).readUInt32LE(0);
  if (promised > Math.min(LARGEST_AT_ONCE, limitBytes, bodyBytes * BEST_DEFLATE_RATIO)) return undefined;
  const packed = crate.read(bodyStart, crate.sizeBytes - bodyStart);
  let result: unknown;
  try {
    // One chunk of the promised size (and a little more, so that the end is noticed) spares copying chunks together.
    result = inflateRawSync(packed, { chunkSize: promised + 64, maxOutputLength: promised + 1, info: true });
  } catch {
    return undefined;
  }
  if (!hasEngine(result) || packed.length - result.engine.bytesWritten !== GZIP_TRAILER_BYTES) return undefined;
  const content = result.buffer;
  const isSound = content.length === promised && crc32(content) === packed.readUInt32LE(packed.length - 8);
  return isSound ? content : undefined;
}

/** What zlib gives for `info: true`; its type declaration does not know that option's effect. */
function hasEngine(value: unknown): value is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof value === "object" && value !== null && "engine" in value && "buffer" in value;
}

async function inflateInChunks(job: Job, push: (chunk: Buffer) => void): Promise<void> {
  const { crate, bodyStart, limitBytes, complain } = job;
  const options = { chunkSize: CHUNK_BYTES, readableHighWaterMark: READ_AHEAD_BYTES };
  const inflater = createInflateRaw(options);
  let sum = 0;
  let length = 0;
  const chunks: AsyncIterable<Buffer> = inflater;
  feed(inflater, crate, bodyStart);
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > limitBytes) throw tooLarge(job);
      sum = crc32(chunk, sum);
      push(chunk);
    }
  } catch (error) {
    throw zlibComplaint(error, complain) ?? error;
  } finally {
    inflater.destroy();
  }
  checkTrailer(job, { at: bodyStart + inflater.bytesWritten, sum, length });
}

/** Writes the compressed bytes into `inflater` as fast as it takes them, until it wants no more. */
function feed(inflater: ReturnType<typeof createInflateRaw>, crate: CrateBytes, from: number): void {
  let at = from;
  const next = (): void => {
    try {
      while (!inflater.destroyed && !inflater.readableEnded) {
        const part = crate.read(at, CHUNK_BYTES);
        if (part.length === 0) {
          inflater.end();
          return;
        }
        at += part.length;
        if (!inflater.write(part)) return;
      }
    } catch (error) {
      inflater.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  inflater.on("drain", next);
  next();
}

function checkTrailer({ crate, complain }: Job, end: { at: number; sum: number; length: number }): void {
  const rest = crate.sizeBytes - end.at;
  if (rest < GZIP_TRAILER_BYTES) throw truncated(complain);
  const trailer = crate.read(end.at, GZIP_TRAILER_BYTES);
  const [sum, length] = [trailer.readUInt32LE(0), trailer.readUInt32LE(4)];
  if (sum !== end.sum) throw corrupt(complain, `its content has CRC-32 ${hex(end.sum)}, but ${hex(sum)} was promised`);
  if (length !== end.length % 2 ** 32) {
    throw corrupt(complain, `it unpacks to ${end.length} bytes, but ${length} were promised`);
  }
  if (rest > GZIP_TRAILER_BYTES) {
    const what = `${rest - GZIP_TRAILER_BYTES} bytes follow the end of the gzip data`;
    throw complain({ code: "archive/trailing-data", what });
  }
}

function zlibComplaint(error: unknown, complain: Complain): ArchiveError | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  if (error.code === "Z_BUF_ERROR") return truncated(complain);
  return error.code.startsWith("Z_") ? corrupt(complain, `it cannot be inflated: ${error.message}`) : undefined;
}

function truncated(complain: Complain): ArchiveError {
  return complain({ code: "archive/truncated", what: "the gzip data ends too early" });
}

function corrupt(complain: Complain, reason: string): ArchiveError {
  return complain({ code: "archive/corrupt", what: `the gzip data is damaged: ${reason}` });
}

function tooLarge({ complain, crate, limitBytes }: Job): ArchiveError {
  const what = `its ${crate.sizeBytes} bytes unpack to more than ${limitBytes} bytes`;
  return complain({ code: "archive/too-large", what });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
