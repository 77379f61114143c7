import { posix } from "node:path";
import { type RepositoryFile, withoutComments } from "./repository-files.ts";

/** The floor each room stands on; imports point only to lower ones. */
const floors: ReadonlyMap<string, number> = new Map([
  ["errors", 0],
  ["semver", 1],
  ["system", 1],
  ["toml", 1],
  ["cargo", 2],
  ["formats", 2],
  ["resolve", 3],
  ["plan", 4],
  ["store", 5],
  ["archive", 5],
  ["registry", 5],
  ["git", 5],
  ["hub", 6],
  ["cli", 8],
]);

/** Rooms below this floor are pure: no file, network, clock, random number or environment variable. */
const firstFloorWithEffects = 5;

/** Which room may use which library; everything else stays behind that room's door. */
const libraries: ReadonlyMap<string, string> = new Map([
  ["smol-toml", "toml"],
  ["@decimalturn/toml-patch", "toml"],
  ["commander", "cli"],
]);

/** `cli` may name this file, to hand it to a worker thread. */
const workerEntry = "src/hub/worker.ts";

/**
 * Checks every import of src/, static or dynamic, against the floors.
 *
 * @returns One sentence for each import that breaks a rule, beginning with the file's path.
 */
export function importViolations(sources: readonly RepositoryFile[]): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const room = roomOf(path);
    if (room === undefined) return [];
    if (!floors.has(room)) return [`${path}: the room ${room} has no floor`];
    return importsOf(text).flatMap((specifier) => {
      const problem = importProblem({ path, room }, specifier);
      return problem === undefined ? [] : [`${path}: ${problem}`];
    });
  });
}

function importProblem(from: { path: string; room: string }, specifier: string): string | undefined {
  if (specifier === "") return "imports a name that is computed at run time";
  if (specifier.startsWith("node:")) {
    return floor(from.room) < firstFloorWithEffects ? `is pure, but imports ${specifier}` : undefined;
  }
  if (!specifier.startsWith(".")) return libraryProblem(from.room, specifier);
  const target = posix.join(posix.dirname(from.path), specifier);
  const room = roomOf(target);
  if (room === undefined) return `leaves src/ with ${specifier}`;
  if (room === from.room) return undefined;
  if (floor(room) >= floor(from.room)) return `imports ${room}, which is not below ${from.room}`;
  if (target === `src/${room}/index.ts` || (from.room === "cli" && target === workerEntry)) return undefined;
  return `enters ${room} by ${specifier}, not by its index.ts`;
}

function libraryProblem(room: string, specifier: string): string | undefined {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const owner = libraries.get(name);
  if (owner === undefined) return `imports ${name}, which no room may use`;
  return owner === room ? undefined : `imports ${name}, which belongs to ${owner}`;
}

/** What a file imports; a dynamic import of something that is not a plain string gives "". */
function importsOf(text: string): readonly string[] {
  const code = withoutComments(text);
  const fixed = code.matchAll(/^\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"']+)["']/gm);
  const dynamic = code.matchAll(/\bimport\s*\(\s*(?:["']([^"']+)["'])?/g);
  return [...fixed, ...dynamic].map((match) => match[1] ?? "");
}

/** Finds default exports: a name given at the importing side is another name for one thing. */
export function defaultExportViolations(sources: readonly RepositoryFile[]): readonly string[] {
  return sources
    .filter(({ text }) => /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/.test(withoutComments(text)))
    .map(({ path }) => `${path}: has a default export`);
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function floor(room: string): number {
  return floors.get(room) ?? -1;
}
