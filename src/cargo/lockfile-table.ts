import { isTomlTable, parseToml, TomlError, type TomlTable, type TomlValue } from "../toml/index.ts";
import { LockfileError, RESTORE } from "./lockfile-error.ts";
import { placeFinder, type WrittenLockfile, type WrittenPackage, writtenPackage } from "./lockfile-text.ts";

const CONFLICT_MARKER = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/m;
const PACKAGE_HEADER = /^[ \t]*\[\[[ \t]*(package|patch[ \t]*\.[ \t]*unused)[ \t]*\]\]/gm;

/**
 * Reads a lockfile that may be any TOML: edited by hand, with keys that cargo ignores, or of the time when the root
 * package stood in `[root]`.
 *
 * @throws {LockfileError} `cargo/lockfile-merge` for an unresolved merge, else `cargo/lockfile-syntax`.
 */
export function readLockfileTable(text: string, at: string): WrittenLockfile {
  const marker = CONFLICT_MARKER.exec(text);
  if (marker !== null) throw unresolvedMerge(placeFinder(text, at)(marker.index));
  const table = readToml(text, at);
  const offsets = headerOffsets(text);
  const place = placeFinder(text, at);
  const version = own(table, "version");
  if (version !== undefined && typeof version !== "number") throw wrong("version", "an integer", at);
  const patch = own(table, "patch");
  const unused = isTomlTable(patch) ? own(patch, "unused") : patch;
  const root = own(table, "root");
  return {
    version,
    packages: [
      ...(root === undefined ? [] : packageList([root], { offsets: [], place })),
      ...packageList(own(table, "package"), { offsets: offsets.packages, place }),
    ],
    patchUnused: packageList(unused, { offsets: offsets.unused, place }),
    metadata: readMetadata(own(table, "metadata"), at),
  };
}

function readToml(text: string, at: string): TomlTable {
  try {
    return parseToml(text, at);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const parts = { code: "cargo/lockfile-syntax", what: cause.what, help: RESTORE, cause } as const;
    throw new LockfileError(cause.where === undefined ? parts : { ...parts, where: cause.where });
  }
}

/** An own key; a lockfile may say `__proto__`. */
function own(table: TomlTable, key: string): TomlValue | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Where the packages' headers stand. A long string can look like one; then the line in a message is off, no more. */
function headerOffsets(text: string): { packages: number[]; unused: number[] } {
  const offsets: { packages: number[]; unused: number[] } = { packages: [], unused: [] };
  for (const match of text.matchAll(PACKAGE_HEADER)) {
    (match[1] === "package" ? offsets.packages : offsets.unused).push(match.index);
  }
  return offsets;
}

interface Headers {
  readonly offsets: readonly number[];
  readonly place: (offset: number) => string;
}

function packageList(value: TomlValue | undefined, { offsets, place }: Headers): WrittenPackage[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong("package", "an array of tables", place(-1));
  const known = offsets.length === value.length;
  return value.map((table, index) => readPackage(table, known ? (offsets[index] ?? -1) : -1, place));
}

function readPackage(table: TomlValue, offset: number, place: (offset: number) => string): WrittenPackage {
  if (!isTomlTable(table)) throw wrong("package", "a table", place(offset));
  const written = writtenPackage(offset);
  for (const key of ["name", "version", "source", "checksum", "replace"] as const) {
    const value = own(table, key);
    if (value !== undefined && typeof value !== "string") throw wrong(key, "a string", place(offset));
    written[key] = value;
  }
  const dependencies = own(table, "dependencies");
  if (dependencies === undefined) return written;
  if (!Array.isArray(dependencies) || !dependencies.every((value) => typeof value === "string")) {
    throw wrong("dependencies", "an array of strings", place(offset));
  }
  written.dependencies = dependencies;
  return written;
}

function readMetadata(value: TomlValue | undefined, at: string): Map<string, string> | undefined {
  if (value === undefined) return undefined;
  if (!isTomlTable(value)) throw wrong("metadata", "a table", at);
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw wrong(`metadata.${key}`, "a string", at);
    metadata.set(key, text);
  }
  return metadata;
}

function wrong(key: string, expected: string, where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-syntax",
    what: `\`${key}\` is not ${expected}`,
    where,
    help: RESTORE,
  });
}

function unresolvedMerge(where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-merge",
    what: "the file holds conflict markers: a merge of two versions of it was not resolved",
    where,
    help: "take either side with `git checkout --ours Cargo.lock` or `--theirs`, then run `cargo metadata` to complete it",
  });
}
