import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { isNotOffered, patienceOn, type Waiting, withPatience } from "../system/index.ts";
import { errnoOf } from "./store-error.ts";
import { thisSystem } from "./this-system.ts";

/*
 * File operations that go on where a system or a file system can not do all of what they consist of. Errors are those of node:fs.
 */

const waiting: Waiting = { patience: patienceOn(thisSystem), sleep };

/** Blocks the thread: what renames and removes here is synchronous. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Renames, on Windows with patience: there it fails while somebody has one of the two open, or a file below them. */
export function movePath(from: string, to: string, how = waiting): void {
  withPatience(() => renameSync(from, to), how);
}

/** Removes a file, with `recursive` a directory with all it holds; nothing there is right as well. On Windows with patience. */
export function removePath(path: string, options: { readonly recursive?: boolean } = {}, how = waiting): void {
  withPatience(() => rmSync(path, { ...options, force: true }), how);
}

/** Sets permission bits of something that this process made, where the file system has any. */
export function changeMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (!isNotOffered(errnoOf(error))) throw error;
  }
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Copies a file to a path where nothing is.
 *
 * Node's own copy sets the mode and fails where that is refused, as on some network mounts; then the bytes alone are copied.
 *
 * @param flags More of `fs.constants.COPYFILE_…`.
 */
export function copyFile(from: string, to: string, flags = 0): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL | flags);
  } catch (error) {
    const mustClone = (flags & constants.COPYFILE_FICLONE_FORCE) !== 0;
    if (mustClone || errnoOf(error) !== "EPERM") throw error;
    copyBytes(from, to);
  }
}

/** Gives a file a second name, or copies it where that is not possible. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined || code === "ENOENT" || code === "EEXIST") throw error;
    copyFile(from, to);
  }
}

function copyBytes(from: string, to: string): void {
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx", fstatSync(source).mode & 0o777);
    try {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      for (let read = readSync(source, piece); read > 0; read = readSync(source, piece))
        for (let at = 0; at < read; ) at += writeSync(target, piece, at, read - at);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Whether two files hold the same bytes. */
export function haveSameBytes(one: string, other: string): boolean {
  const files = [openSync(one, "r"), openSync(other, "r")] as const;
  try {
    const [a, b] = files;
    if (fstatSync(a).size !== fstatSync(b).size) return false;
    const [pieceA, pieceB] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    for (;;) {
      const [readA, readB] = [readSync(a, pieceA), readSync(b, pieceB)];
      if (readA !== readB || pieceA.compare(pieceB, 0, readB, 0, readA) !== 0) return false;
      if (readA === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}
