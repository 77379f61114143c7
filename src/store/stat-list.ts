import { sha256Of } from "./crates.ts";

/** A file or symbolic link of a tree, as lstat showed it when the tree was made. */
export interface TreeFile {
  /** Relative to the tree, `/` separates. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** `st_mode`: permission bits and type. */
  readonly mode: number;
  /** Milliseconds since 1970, with a fraction where the file has one. */
  readonly mtimeMs: number;
}

/** A directory of a tree. */
export interface DirectoryEntry {
  /** Relative to the tree; `.` is the tree itself. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Nanoseconds since 1970; tells cheaply whether entries came or went. */
  readonly mtimeNs: bigint;
}

/** Everything in a tree; both lists sorted by path, so that a directory comes before what it holds. */
export interface TreeList {
  readonly directories: readonly DirectoryEntry[];
  readonly files: readonly TreeFile[];
}

const FILE_TYPE = 0o100000;
const LINK_TYPE = 0o120000;
const HEADER = "cargo-hub tree 1\n";

/** Whether `st_mode` is a symbolic link's. */
export function isLink(mode: number): boolean {
  return (mode & 0o170000) === LINK_TYPE;
}

/** The canonical text of a stat list; grammar in docs/formats/store.md. */
export function formatStatList(list: TreeList): string {
  let text = HEADER;
  for (const { path, mode, mtimeNs } of list.directories)
    text += `d ${(mode & 0o7777).toString(8)} ${mtimeNs} ${escapePath(path)}\n`;
  for (const { path, mode, size, mtimeMs } of list.files) {
    const kind = isLink(mode) ? "l" : "f";
    text += `${kind} ${(mode & 0o7777).toString(8)} ${size} ${mtimeMs} ${escapePath(path)}\n`;
  }
  return `${text}sha256 ${sha256Of(text)}\n`;
}

/** Whether a stat list is as it was written: its digest is right. */
export function isIntactTreeList(text: string): boolean {
  const end = text.lastIndexOf("sha256 ");
  return end >= 0 && text.startsWith(HEADER) && text.slice(end) === `sha256 ${sha256Of(text.slice(0, end))}\n`;
}

/** Reads a stat list; undefined when it is damaged in any way. */
export function parseStatList(text: string): TreeList | undefined {
  if (!isIntactTreeList(text)) return undefined;
  const body = text.slice(0, text.lastIndexOf("sha256 "));
  const directories: DirectoryEntry[] = [];
  const files: TreeFile[] = [];
  for (let start = HEADER.length; start < body.length; ) {
    const newline = body.indexOf("\n", start);
    const line = body.slice(start, newline);
    start = newline + 1;
    const entry = line.startsWith("d ") ? parseDirectory(line) : parseFile(line);
    if (entry === undefined) return undefined;
    if ("mtimeNs" in entry) directories.push(entry);
    else files.push(entry);
  }
  return { directories, files };
}

function parseDirectory(line: string): DirectoryEntry | undefined {
  const match = /^d ([0-7]+) (\d+) (.+)$/.exec(line);
  if (match === null) return undefined;
  const [, mode = "", mtimeNs = "", escaped = ""] = match;
  const path = unescapePath(escaped);
  return path === "." || isTreePath(path)
    ? { path, mode: Number.parseInt(mode, 8), mtimeNs: BigInt(mtimeNs) }
    : undefined;
}

function parseFile(line: string): TreeFile | undefined {
  const match = /^([fl]) ([0-7]+) (\d+) (-?[\d.]+) (.+)$/.exec(line);
  if (match === null) return undefined;
  const [, kind, mode = "", size, mtimeMs, escaped = ""] = match;
  const path = unescapePath(escaped);
  const type = kind === "l" ? LINK_TYPE : FILE_TYPE;
  return isTreePath(path)
    ? { path, size: Number(size), mode: Number.parseInt(mode, 8) | type, mtimeMs: Number(mtimeMs) }
    : undefined;
}

/** Whether `path` is relative, stays inside, and is spelled in one way only. */
function isTreePath(path: string): boolean {
  return !/^$|^\/|\/$|\/\/|\0|(?:^|\/)\.\.?(?:\/|$)/.test(path);
}

function escapePath(path: string): string {
  return /[\\\n]/.test(path) ? path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : path;
}

function unescapePath(text: string): string {
  return text.includes("\\")
    ? text.replace(/\\(.)/g, (_all, character: string) => (character === "n" ? "\n" : character))
    : text;
}
