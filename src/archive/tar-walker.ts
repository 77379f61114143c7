import type { ArchiveErrorCode, Complain } from "./archive-error.ts";
import { type PaxRecords, readPaxRecords } from "./pax-records.ts";
import { BLOCK_BYTES, isZeroBlock, readTarHeader, type TarEntryKind, type TarHeader } from "./tar-header.ts";

/** One entry with everything said about it before and in its header. */
export interface TarEntry {
  readonly kind: Exclude<TarEntryKind, "extra">;
  /** As the archive spells it, unchecked. */
  readonly name: string;
  /** As the archive spells it, unchecked; empty unless the entry is a link. */
  readonly linkName: string;
  /** 0 unless the entry is a file. */
  readonly sizeBytes: number;
  readonly mode: number;
  readonly mtimeSeconds: number;
}

/** Gets what a {@link TarWalker} finds, in the archive's order. What it throws ends the walk. */
export interface TarHandler {
  /** An entry begins. For a file, `false` says that its content is not wanted. */
  entry(entry: TarEntry): boolean;
  /** The next bytes of the current file; small files come whole. */
  content(bytes: Buffer): void;
  /** The current file, of which content was wanted, is complete. */
  contentEnd(): void;
}

/** Bounds and the way to complain, for one walk. */
export interface WalkLimits {
  readonly pathBytes: number;
  /** Bytes of the whole stream. */
  readonly streamBytes: number;
  readonly complain: Complain;
}

/** Room for a pax header; ours hold a few hundred bytes. */
const LONGEST_PAX_HEADER = 65_536;

type Phase = "header" | "extra" | "content" | "skip" | "end";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a tar archive that is pushed into it in chunks of any size.
 *
 * Knows GNU long names and links, pax headers and the formats before them. The archive has to end with at least one
 * block of zeros and nothing else after it; cargo also accepts archives that just stop.
 */
export class TarWalker {
  readonly #handler: TarHandler;
  readonly #limits: WalkLimits;
  #phase: Phase = "header";
  /** Content bytes of the current entry that did not come yet, and the padding after them. */
  #contentLeft = 0;
  #paddingLeft = 0;
  #position = 0;
  #partial = Buffer.alloc(0);
  #extra: TarHeader | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #pax: PaxRecords | undefined;

  constructor(handler: TarHandler, limits: WalkLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  /** Takes the next bytes. `chunk` is not kept. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const from = at;
      switch (this.#phase) {
        case "header":
          at = this.#collect(chunk, at, BLOCK_BYTES);
          break;
        case "extra":
          at = this.#collect(chunk, at, this.#contentLeft + this.#paddingLeft);
          break;
        case "content":
        case "skip":
          at = this.#passContent(chunk, at);
          break;
        case "end":
          if (!isZeroBlock(chunk, at, chunk.length)) throw this.#refuse("archive/trailing-data", TRAILING);
          at = chunk.length;
      }
      this.#position += at - from;
    }
  }

  /** Says that no more bytes come. */
  finish(): void {
    if (this.#phase !== "end") throw this.#refuse("archive/truncated", "the tar archive has no end mark");
    if (this.#position % BLOCK_BYTES !== 0)
      throw this.#refuse("archive/truncated", "the tar archive's last block is cut");
  }

  /** Gathers `wanted` bytes, across chunks if need be, and handles them. Returns where to go on in `chunk`. */
  #collect(chunk: Buffer, at: number, wanted: number): number {
    const missing = wanted - this.#partial.length;
    if (chunk.length - at < missing) {
      this.#partial = Buffer.concat([this.#partial, chunk.subarray(at)]);
      return chunk.length;
    }
    const end = at + missing;
    let bytes = chunk.subarray(at, end);
    if (this.#partial.length > 0) {
      bytes = Buffer.concat([this.#partial, bytes]);
      this.#partial = Buffer.alloc(0);
    }
    if (this.#phase === "header") this.#takeHeader(bytes);
    else this.#takeExtra(bytes);
    return end;
  }

  #passContent(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#contentLeft);
    if (end > at) {
      this.#contentLeft -= end - at;
      if (this.#phase === "content") {
        this.#handler.content(chunk.subarray(at, end));
        if (this.#contentLeft === 0) this.#handler.contentEnd();
      }
    }
    const padded = Math.min(chunk.length, end + this.#paddingLeft);
    if (this.#contentLeft === 0) {
      this.#paddingLeft -= padded - end;
      if (this.#paddingLeft === 0) this.#phase = "header";
      return padded;
    }
    return end;
  }

  #takeHeader(block: Buffer): void {
    if (isZeroBlock(block, 0, BLOCK_BYTES)) {
      if (this.#hasPending())
        throw this.#refuse("archive/bad-header", "the archive ends after a long name or a pax header");
      this.#phase = "end";
      return;
    }
    const header = readTarHeader(block);
    if ("problem" in header) {
      throw this.#refuse(`archive/${header.problem}`, header.reason, this.#longName ?? lossyName(block));
    }
    this.#expectContent(header);
    if (header.kind === "extra") this.#beginExtra(header);
    else if (header.kind === "global") this.#beginGlobal(header);
    else this.#beginEntry(header, header.kind);
  }

  #expectContent({ sizeBytes, name }: TarHeader): void {
    if (sizeBytes > this.#limits.streamBytes - this.#position) {
      const what = `claims ${sizeBytes} bytes, more than the archive may unpack to`;
      throw this.#refuse("archive/too-large", what, this.#longName ?? lossyName(name));
    }
    this.#contentLeft = sizeBytes;
    this.#paddingLeft = -sizeBytes & (BLOCK_BYTES - 1);
  }

  #beginExtra(header: TarHeader): void {
    const isPax = header.type === "x";
    const taken = isPax ? this.#pax : header.type === "L" ? this.#longName : this.#longLink;
    if (taken !== undefined) throw this.#refuse("archive/bad-header", "two headers of one kind describe one entry");
    this.#collectExtra(header, isPax ? LONGEST_PAX_HEADER : this.#limits.pathBytes + 1);
  }

  /** Cargo takes a global pax header for an entry of its own: the name has to be good, and nothing in it counts. */
  #beginGlobal(header: TarHeader): void {
    const name = this.#decode(header.name, "a name");
    if (this.#hasPending()) throw this.#refuse("archive/bad-header", "is a global pax header that has a header", name);
    this.#handler.entry({ kind: "global", name, linkName: "", sizeBytes: 0, mode: 0, mtimeSeconds: 0 });
    this.#collectExtra(header, LONGEST_PAX_HEADER);
  }

  #collectExtra(header: TarHeader, limit: number): void {
    if (header.sizeBytes > limit) {
      const what = `describes other entries in ${header.sizeBytes} bytes; ${limit} are the limit`;
      throw this.#refuse("archive/too-large", what, lossyName(header.name));
    }
    this.#extra = header;
    this.#phase = "extra";
    if (header.sizeBytes === 0) this.#takeExtra(Buffer.alloc(0));
  }

  #takeExtra(padded: Buffer): void {
    const type = this.#extra?.type;
    const bytes = padded.subarray(0, this.#contentLeft);
    this.#extra = undefined;
    this.#phase = "header";
    if (type === "L") this.#longName = this.#decode(withoutEnd(bytes), "a long name");
    else if (type === "K") this.#longLink = this.#decode(withoutEnd(bytes), "a long link target");
    else if (type === "x") this.#pax = this.#readPax(bytes);
    else if (Object.keys(this.#readPax(bytes)).length > 0) {
      throw this.#refuse("archive/bad-header", "a global pax header names or sizes all entries");
    }
  }

  #readPax(bytes: Buffer): PaxRecords {
    const records = readPaxRecords(bytes);
    if ("reason" in records) throw this.#refuse("archive/bad-header", `an entry ${records.reason}`);
    return records;
  }

  #beginEntry(header: TarHeader, stated: Exclude<TarEntry["kind"], "global">): void {
    const name = this.#longName ?? this.#pax?.path ?? this.#decode(header.name, "a name");
    const kind = stated === "file" && header.slashMakesDirectory && name.endsWith("/") ? "directory" : stated;
    const isLink = kind === "symlink" || kind === "hard-link";
    const link = isLink
      ? (this.#longLink ?? this.#pax?.linkPath ?? this.#decode(header.linkName, "a link target"))
      : "";
    this.#checkAgreement(header, name);
    if (kind !== "file" && header.sizeBytes !== 0) {
      throw this.#refuse(
        "archive/bad-header",
        `is a ${kind.replace("-", " ")} with ${header.sizeBytes} bytes of content`,
        name,
      );
    }
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#pax = undefined;
    const { sizeBytes, mode, mtimeSeconds } = header;
    const isWanted = this.#handler.entry({ kind, name, linkName: link, sizeBytes, mode, mtimeSeconds });
    if (kind !== "file") return;
    this.#phase = isWanted ? "content" : "skip";
    if (sizeBytes > 0) return;
    if (isWanted) this.#handler.contentEnd();
    this.#phase = "header";
  }

  /** Refuses what different readers of tar take for different entries. */
  #checkAgreement(header: TarHeader, name: string): void {
    const pax = this.#pax;
    if (pax === undefined) return;
    if (pax.sizeBytes !== undefined && pax.sizeBytes !== header.sizeBytes) {
      const what = `has ${header.sizeBytes} bytes by its header, but ${pax.sizeBytes} by its pax header`;
      throw this.#refuse("archive/bad-header", what, name);
    }
    const isTwice =
      (pax.path !== undefined && this.#longName !== undefined) ||
      (pax.linkPath !== undefined && this.#longLink !== undefined);
    if (isTwice) throw this.#refuse("archive/bad-header", "has both a GNU long name and a pax path", name);
  }

  #hasPending(): boolean {
    return this.#longName !== undefined || this.#longLink !== undefined || this.#pax !== undefined;
  }

  #decode(bytes: Buffer, what: string): string {
    try {
      return decodeUtf8(bytes);
    } catch {
      throw this.#refuse("archive/bad-name", `has ${what} that is not UTF-8`, lossyName(bytes));
    }
  }

  #refuse(code: ArchiveErrorCode, what: string, entry?: string): Error {
    return this.#limits.complain({ code, what, ...(entry === undefined ? {} : { entry }) });
  }
}

const TRAILING = "bytes other than zero follow the end of the tar archive";

/** Most names are ASCII, for which `latin1` is right and several times faster than the decoder. */
function decodeUtf8(bytes: Buffer): string {
  for (let at = 0; at < bytes.length; at += 1) if ((bytes[at] ?? 0) > 0x7f) return utf8.decode(bytes);
  return bytes.toString("latin1");
}

/** GNU tar ends long names with a NUL; cargo takes off one. */
function withoutEnd(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
}

/** A name for messages only, out of a header block or a name field. */
function lossyName(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, Math.min(100, end === -1 ? bytes.length : end));
}
