import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { errnoOf } from "./store-error.ts";

/** A process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** Name of its program, without arguments: those may hold secrets. Empty when it can not be read. */
  readonly program: string;
}

/**
 * Finds a process that holds a flock on `path`, by what Linux says about every open file. Takes some milliseconds: ask only before waiting.
 *
 * @returns undefined when none can be seen: other users' processes, other systems.
 */
export function findLockHolder(path: string): LockHolder | undefined {
  const inode = attempt(() => statSync(path, { bigint: true }).ino);
  if (inode === undefined) return undefined;
  const mark = `:${inode} `;
  for (const name of attempt(() => readdirSync("/proc")) ?? []) {
    if (/^\d+$/.test(name) && holds(name, mark)) {
      const program = attempt(() => basename(readlinkSync(`/proc/${name}/exe`))) ?? "";
      return { pid: Number(name), program };
    }
  }
  return undefined;
}

function holds(pid: string, mark: string): boolean {
  const directory = `/proc/${pid}/fdinfo`;
  const names = attempt(() => readdirSync(directory)) ?? [];
  return names.some((name) => {
    const text = attempt(() => readFileSync(`${directory}/${name}`, "latin1")) ?? "";
    return text.split("\n").some((line) => line.startsWith("lock:") && line.includes("FLOCK") && line.includes(mark));
  });
}

/** Processes come and go, and not all may be looked at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
