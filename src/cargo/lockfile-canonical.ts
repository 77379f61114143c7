import { type WrittenLockfile, type WrittenPackage, writtenPackage } from "./lockfile-text.ts";

// Whole packages at a time by regular expressions, not line by line: a lockfile is read once per run, so what counts
// is the first reading, before the engine has compiled any of our own code.

const TEXT = String.raw`"([^"\\\u0000-\u001f\u007f]*)"`;
const END = String.raw`\r?\n`;

/** The comments at the top and the version. */
const HEAD = new RegExp(
  `(?:#[^\\u0000-\\u0008\\u000a-\\u001f\\u007f]*${END})*(?:version = (0|[1-9][0-9]{0,8})${END})?(?:${END})*`,
  "y",
);

/** One package as cargo writes it, with the empty lines behind it. */
const PACKAGE = new RegExp(
  [
    String.raw`\[\[(package|patch\.unused)\]\]${END}`,
    `name = ${TEXT}${END}`,
    `version = ${TEXT}(?:${END}|$)`,
    `(?:source = ${TEXT}(?:${END}|$))?`,
    `(?:checksum = ${TEXT}(?:${END}|$))?`,
    String.raw`(?:dependencies = \[${END}((?: "[^"\\\u0000-\u001f\u007f]*",${END})*)\](?:${END}|$))?`,
    `(?:replace = ${TEXT}(?:${END}|$))?`,
    `(?:${END})*`,
  ].join(""),
  "y",
);

const METADATA = new RegExp(String.raw`\[metadata\]${END}`, "y");
const METADATA_ENTRY = new RegExp(`(?:([A-Za-z0-9_-]+)|${TEXT}) = ${TEXT}(?:${END}|$)(?:${END})*`, "y");

/**
 * In UTF-16 units, seven times the largest lockfile known. The expressions keep a stack for repetitions, and overflow
 * it at 16 million empty lines.
 */
const LONGEST = 2 * 1024 * 1024;

/**
 * Reads a lockfile that looks as cargo writes it; several times as fast as a TOML reader.
 *
 * @returns `undefined` when anything is different: the text may be edited by hand or damaged, and only a whole TOML
 * reader can tell. Every text that is read here means the same to a TOML reader.
 */
export function readCanonicalLockfile(text: string): WrittenLockfile | undefined {
  if (text.length > LONGEST) return undefined;
  HEAD.lastIndex = 0;
  const version = HEAD.exec(text)?.[1];
  const lockfile: WrittenLockfile = {
    version: version === undefined ? undefined : Number(version),
    packages: [],
    patchUnused: [],
    metadata: undefined,
  };
  const end = readMetadata(text, readPackages(text, HEAD.lastIndex, lockfile), lockfile);
  return end === text.length ? lockfile : undefined;
}

/** @returns Where the packages end. */
function readPackages(text: string, start: number, { packages, patchUnused }: WrittenLockfile): number {
  let offset = start;
  PACKAGE.lastIndex = start;
  for (let match = PACKAGE.exec(text); match !== null; match = PACKAGE.exec(text)) {
    const [, kind, name, version, source, checksum, dependencies, replace] = match;
    const entry: WrittenPackage = writtenPackage(offset);
    entry.name = name;
    entry.version = version;
    entry.source = source;
    entry.checksum = checksum;
    entry.replace = replace;
    if (dependencies !== undefined && dependencies !== "") entry.dependencies = splitDependencies(dependencies);
    (kind === "package" ? packages : patchUnused).push(entry);
    offset = PACKAGE.lastIndex;
  }
  return offset;
}

/** Lines of ` "text",`. */
function splitDependencies(lines: string): string[] {
  if (lines.includes("\r")) return lines.split(/",\r?\n/).flatMap((line) => (line === "" ? [] : line.slice(2)));
  return lines.slice(2, -3).split('",\n "');
}

/** @returns Where `[metadata]` ends; `start` when there is none, or when a key stands twice. */
function readMetadata(text: string, start: number, lockfile: WrittenLockfile): number {
  METADATA.lastIndex = start;
  if (!METADATA.test(text)) return start;
  const metadata = new Map<string, string>();
  let end = METADATA.lastIndex;
  METADATA_ENTRY.lastIndex = end;
  for (let match = METADATA_ENTRY.exec(text); match !== null; match = METADATA_ENTRY.exec(text)) {
    const [, bare, quoted, value = ""] = match;
    const key = bare ?? quoted ?? "";
    if (metadata.has(key)) return start;
    metadata.set(key, value);
    end = METADATA_ENTRY.lastIndex;
  }
  lockfile.metadata = metadata;
  return end;
}
