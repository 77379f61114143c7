import type { LockedDependency } from "./lockfile.ts";
import { LockfileError, RESTORE, shown } from "./lockfile-error.ts";
import { type LockfileVersion, parseSourceId, type SourceId } from "./source-id.ts";

/** Reads the source strings and dependency strings of one lockfile; equal texts give one object. */
export interface LockedTexts {
  /** `undefined` for path sources, which cargo reads and never writes. */
  source(text: string, place: () => string): SourceId | undefined;
  dependency(text: string, place: () => string): LockedDependency;
}

/** @param version The lockfile's version, which decides how git references are encoded. */
export function lockedTexts(version: LockfileVersion): LockedTexts {
  const sources = new Map<string, SourceId | undefined>();
  const dependencies = new Map<string, LockedDependency>();
  const source = (text: string, place: () => string): SourceId | undefined => {
    if (sources.has(text)) return sources.get(text);
    const written = parseSourceId(text, place(), version);
    const id = written.kind === "path" ? undefined : written;
    sources.set(text, id);
    return id;
  };
  const dependency = (text: string, place: () => string): LockedDependency => {
    let read = dependencies.get(text);
    if (read === undefined) {
      read = readDependencyText(text, { place, source });
      dependencies.set(text, read);
    }
    return read;
  };
  return { source, dependency };
}

interface Reader {
  readonly place: () => string;
  readonly source: (text: string, place: () => string) => SourceId | undefined;
}

/** `name`, `name version` or `name version (source)`, with single blanks. */
function readDependencyText(text: string, { place, source }: Reader): LockedDependency {
  const nameEnd = text.indexOf(" ");
  if (nameEnd === -1 && text !== "") return { name: text, version: undefined, source: undefined };
  const name = text.slice(0, nameEnd);
  const versionEnd = text.indexOf(" ", nameEnd + 1);
  const version = text.slice(nameEnd + 1, versionEnd === -1 ? text.length : versionEnd);
  if (nameEnd < 1 || version === "") throw notADependency(text, place());
  if (versionEnd === -1) return { name, version, source: undefined };
  if (!text.startsWith("(", versionEnd + 1) || !text.endsWith(")")) throw notADependency(text, place());
  return { name, version, source: source(text.slice(versionEnd + 2, -1), place) };
}

function notADependency(text: string, where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-syntax",
    what: `${shown(text)} is not a dependency, which reads "name", "name version" or "name version (source)"`,
    where,
    help: RESTORE,
  });
}
