import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAbandoned } from "./abandoned.ts";
import { removePath } from "./careful-files.ts";
import type { LockMode } from "./flock.ts";
import type { LockHolder } from "./lock-holder.ts";
import { listNames, makeDirectories } from "./partial.ts";
import { uniqueName } from "./process-identity.ts";

/**
 * Locks where there is no flock(1): one empty file per holder in `<path>.owners/`, named after the process that holds it.
 *
 * Whoever wants the lock first makes its file, then lists the directory. Of two that do so at once, at least one sees the other and goes
 * back; names are never used twice, so removing a dead process's file can not hit a living one's.
 *
 * @returns The path of our file when the lock is held, else who holds it.
 */
export function tryOwnerFile(
  path: string,
  mode: LockMode,
): { readonly file: string } | { readonly holder: LockHolder } {
  const directory = `${path}.owners`;
  const name = `${mode === "shared" ? "s" : "x"}-${uniqueName()}`;
  const file = join(directory, name);
  makeDirectories(directory);
  writeFileSync(file, "", { flag: "wx" });
  for (const other of readdirSync(directory)) {
    if (other === name || !/^[sx]-/.test(other)) continue;
    if (mode === "shared" && other.startsWith("s")) continue;
    const owner = other.slice(2);
    const its = join(directory, other);
    if (isAbandoned({ path: its, owner }, Date.now())) {
      removePath(its);
      continue;
    }
    removePath(file);
    return { holder: { pid: Number.parseInt(owner, 10), program: "" } };
  }
  return { file };
}

/**
 * Whether a process that found no flock(1) holds a lock by its owner file. Who holds the lock by flock does not meet it.
 *
 * @param path The lock file.
 */
export function hasOwnerFiles(path: string): boolean {
  const directory = `${path}.owners`;
  return listNames(directory)
    .filter((name) => /^[sx]-/.test(name))
    .some((name) => !isAbandoned({ path: join(directory, name), owner: name.slice(2) }, Date.now()));
}

/** A random pause before the next attempt, so that two who both went back do not meet again. */
export async function pause(): Promise<void> {
  await sleep(20 + Math.random() * 80);
}
