/** Bytes of a header, and the unit in which contents are padded. */
export const BLOCK_BYTES = 512;

/**
 * What a header stands for. `extra` describes the entry that follows (GNU long names, pax headers), `global` all that
 * follow (a global pax header).
 */
export type TarEntryKind = "file" | "directory" | "symlink" | "hard-link" | "global" | "extra";

/** The fields of one header that a crate can have use for. */
export interface TarHeader {
  readonly kind: TarEntryKind;
  /** The type flag as a character; `\0` for the oldest archives' files. */
  readonly type: string;
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly sizeBytes: number;
  /** All permission bits, set-user-id and the like included. */
  readonly mode: number;
  /** 0 when the header has none: cargo wrote such headers for Cargo.toml in 2017 and 2018. */
  readonly mtimeSeconds: number;
  /** Whether a file whose name ends in a slash is a directory, as it was before ustar; cargo keeps that for GNU headers. */
  readonly slashMakesDirectory: boolean;
}

/** Why a block is not a header that we accept. */
export interface HeaderProblem {
  readonly problem: "bad-header" | "unsupported-entry";
  readonly reason: string;
}

const NUL = 0;
const BLANK = 0x20;

/** Type flags that make no entry in a crate. Cargo writes each of them as an empty or a plain file. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ["3", "is a character device"],
  ["4", "is a block device"],
  ["6", "is a fifo"],
  ["S", "is a sparse file"],
  ["D", "is a directory listing of GNU tar"],
  ["M", "continues a file of another archive"],
  ["V", "is a volume label"],
  ["N", "is an old GNU long name"],
  ["A", "is a Solaris access list"],
  ["X", "is a Solaris extended header"],
]);

/**
 * Reads one header block: ustar, GNU, or the format before both.
 *
 * Stricter than cargo, which reads unreadable modes and times as absent and unknown types as files.
 *
 * @param block {@link BLOCK_BYTES} bytes. The result's names are views into it.
 * @see POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 */
export function readTarHeader(block: Buffer): TarHeader | HeaderProblem {
  const promised = readNumber(block, 148, 8);
  const actual = headerSum(block);
  if (promised !== actual) return bad(`has a header that sums up to ${actual}, not to the promised value`);
  const flavour = flavourOf(block);
  if (flavour === undefined) return bad("has a header that is neither ustar nor GNU nor older");
  const type = String.fromCharCode(block[156] ?? 0);
  const sizeBytes = readNumber(block, 124, 12);
  if (sizeBytes === undefined) return bad("has a size that is no number");
  const name = nameOf(block, flavour);
  const kind = kindOf(type, flavour);
  if (kind === undefined) return { problem: "unsupported-entry", reason: unsupported.get(type) ?? unknownType(type) };
  const linkName = field(block, 157, 100);
  const head = { kind, type, name, linkName, sizeBytes, slashMakesDirectory: flavour !== "ustar" };
  if (kind === "extra" || kind === "global") return { ...head, mode: 0, mtimeSeconds: 0 };
  const mode = readNumber(block, 100, 8);
  const mtimeSeconds = isZeroBlock(block, 136, 148) ? 0 : readNumber(block, 136, 12);
  if (mode === undefined) return bad("has a mode that is no number");
  if (mtimeSeconds === undefined) return bad("has a modification time that is no number");
  return { ...head, mode, mtimeSeconds };
}

/** Whether a block is the mark that ends an archive. */
export function isZeroBlock(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

type Flavour = "ustar" | "gnu" | "v7";

function flavourOf(block: Buffer): Flavour | undefined {
  const magic = block.toString("latin1", 257, 265);
  if (magic === "ustar  \0") return "gnu";
  if (magic === "ustar\u000000") return "ustar";
  return magic === "\0\0\0\0\0\0\0\0" ? "v7" : undefined;
}

function kindOf(type: string, flavour: Flavour): TarEntryKind | undefined {
  switch (type) {
    case "0":
    case "\0":
    case "7":
      return "file";
    case "1":
      return "hard-link";
    case "2":
      return "symlink";
    case "5":
      return "directory";
    case "L":
    case "K":
    case "x":
      return flavour === "v7" ? undefined : "extra";
    case "g":
      return flavour === "v7" ? undefined : "global";
    default:
      return undefined;
  }
}

function unknownType(type: string): string {
  return `is of the unknown type 0x${type.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function nameOf(block: Buffer, flavour: Flavour): Buffer {
  const name = field(block, 0, 100);
  if (flavour !== "ustar" || block[345] === NUL) return name;
  return Buffer.concat([field(block, 345, 155), Buffer.from("/"), name]);
}

/** A text field: up to the first NUL, or all of it. */
function field(block: Buffer, from: number, length: number): Buffer {
  let end = from;
  while (end < from + length && block[end] !== NUL) end += 1;
  return block.subarray(from, end);
}

/** The sum of all bytes, those of the sum's own field counted as blanks. */
function headerSum(block: Buffer): number {
  let sum = 8 * BLANK;
  for (let at = 0; at < 148; at += 1) sum += block[at] ?? 0;
  for (let at = 156; at < BLOCK_BYTES; at += 1) sum += block[at] ?? 0;
  return sum;
}

/** A number in octal digits or, when the first bit is set, in base 256. Negative and unsafe ones are `undefined`. */
function readNumber(block: Buffer, from: number, length: number): number | undefined {
  return ((block[from] ?? 0) & 0x80) === 0 ? readOctal(block, from, length) : readBase256(block, from, length);
}

function readOctal(block: Buffer, from: number, length: number): number | undefined {
  let at = from;
  let end = from + length;
  while (at < end && block[at] === BLANK) at += 1;
  const firstDigit = at;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (at === firstDigit) return undefined;
  while (at < end && block[at] === BLANK) at += 1;
  if (at < end && block[at] === NUL) end = at;
  return at === end ? value : undefined;
}

function readBase256(block: Buffer, from: number, length: number): number | undefined {
  let value = (block[from] ?? 0) & 0x7f;
  for (let at = from + 1; at < from + length; at += 1) {
    value = value * 256 + (block[at] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}

function bad(reason: string): HeaderProblem {
  return { problem: "bad-header", reason };
}
