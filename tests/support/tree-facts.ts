import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a file, link or directory is like. */
export interface FileFacts {
  readonly kind: "file" | "directory" | "link";
  /** Permission bits, octal. */
  readonly mode: string;
  /** SHA-256 of a file's bytes, or a link's target; empty for a directory. */
  readonly content: string;
}

/** {@link FileFacts} and what tells whether somebody wrote it again. */
export interface TouchedFacts extends FileFacts {
  readonly inode: number;
  readonly mtimeNs: bigint;
}

/** Everything below `directory` by path, with content and mode. `skip` leaves paths out, with what is below them. */
export function treeFacts(directory: string, skip: RegExp = /^$/): Record<string, FileFacts> {
  return walk(directory, skip, facts);
}

/** {@link treeFacts} with inodes and times: equal means that nothing was touched. */
export function touchedFacts(directory: string, skip: RegExp = /^$/): Record<string, TouchedFacts> {
  return walk(directory, skip, (path) => {
    const { ino, mtimeNs } = lstatSync(path, { bigint: true });
    return { ...facts(path), inode: Number(ino), mtimeNs };
  });
}

/** {@link treeFacts} with the modification times that came out of crate files; a file that was made here and now has none. */
export function timedFacts(directory: string, skip: RegExp = /^$/): Record<string, FileFacts & { mtimeMs?: number }> {
  const lastYear = Date.now() - 365 * 86_400_000;
  return walk(directory, skip, (path) => {
    const { mtimeMs } = lstatSync(path);
    return mtimeMs < lastYear ? { ...facts(path), mtimeMs } : facts(path);
  });
}

/** {@link treeFacts} with the modification time of everything, `directory` itself included as ".". */
export function exactFacts(directory: string): Record<string, ExactFacts> {
  return { ".": exact(directory), ...walk(directory, /^$/, exact) };
}

/** {@link FileFacts} and the modification time. */
interface ExactFacts extends FileFacts {
  readonly mtimeNs: bigint;
}

function exact(path: string): ExactFacts {
  return { ...facts(path), mtimeNs: lstatSync(path, { bigint: true }).mtimeNs };
}

/** The paths of all files below `directory`, sorted. */
export function filesBelow(directory: string, skip?: RegExp): string[] {
  return Object.entries(treeFacts(directory, skip))
    .filter(([, { kind }]) => kind !== "directory")
    .map(([path]) => path)
    .toSorted();
}

/** The paths whose facts differ between two listings, sorted. */
export function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => text(before[path]) !== text(after[path]))
    .toSorted();
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? String(part) : part)) ?? "";
}

function walk<Facts>(directory: string, skip: RegExp, look: (path: string) => Facts): Record<string, Facts> {
  const found: Record<string, Facts> = {};
  const visit = (below: string): void => {
    for (const name of readdirSync(join(directory, below)).toSorted()) {
      const path = below === "" ? name : `${below}/${name}`;
      if (skip.test(path)) continue;
      found[path] = look(join(directory, path));
      if (lstatSync(join(directory, path)).isDirectory()) visit(path);
    }
  };
  visit("");
  return found;
}

function facts(path: string): FileFacts {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isDirectory()) return { kind: "directory", mode, content: "" };
  if (stat.isSymbolicLink()) return { kind: "link", mode, content: readlinkSync(path) };
  return { kind: "file", mode, content: createHash("sha256").update(readFileSync(path)).digest("hex") };
}
