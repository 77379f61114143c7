import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, utimesSync, writeSync } from "node:fs";
import { join, relative } from "node:path";
import type { Random } from "./random.ts";

/** All files below a directory, absolute and sorted. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** One line a file below `directory`: path, mode, digest, and the time of sources, which cargo compares. */
export function listing(directory: string): string[] {
  return filesBelow(directory).map((path) => {
    const { mode, mtimeMs } = lstatSync(path);
    const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
    const time = path.includes("/registry/src/") && !/\/\.cargo-[^/]*$/.test(path) ? mtimeMs : "";
    return `${relative(directory, path)} ${mode.toString(8)} ${digest} ${time}`;
  });
}

/** A bit that was turned over in place. */
export interface Flip {
  readonly path: string;
  /** For messages: where, which bit, and whether the time was put back. */
  readonly told: string;
  restore(): void;
}

/** Turns one random bit of one random byte over; the size stays, and in half the cases the file's time. */
export function flipSomewhere(path: string, random: Random): Flip {
  return flipByte(path, {
    offset: random.below(lstatSync(path).size),
    bit: random.below(8),
    keepTime: random.below(2) === 0,
  });
}

export function flipByte(
  path: string,
  { offset, bit, keepTime }: { readonly offset: number; readonly bit: number; readonly keepTime: boolean },
): Flip {
  const before = lstatSync(path);
  const file = openSync(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, offset);
    const was = byte[0] ?? 0;
    writeSync(file, Buffer.from([was ^ (1 << bit)]), 0, 1, offset);
    if (keepTime) utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
    return {
      path,
      told: `bit ${bit} of byte ${offset} of ${path}${keepTime ? ", its time kept" : ""}`,
      restore() {
        const again = openSync(path, "r+");
        writeSync(again, Buffer.from([was]), 0, 1, offset);
        closeSync(again);
        utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
      },
    };
  } finally {
    closeSync(file);
  }
}

/** For each file of some directories, all paths there that are the same file. */
export function sharing(directories: readonly string[]): (path: string) => string[] {
  const byInode = new Map<string, string[]>();
  for (const path of directories.flatMap(filesBelow))
    byInode.set(inodeOf(path), [...(byInode.get(inodeOf(path)) ?? []), path]);
  return (path) => byInode.get(inodeOf(path))?.toSorted() ?? [];
}

/** What tells one file from another, whatever its paths are. */
export function inodeOf(path: string): string {
  const { dev, ino } = lstatSync(path);
  return `${dev}:${ino}`;
}
