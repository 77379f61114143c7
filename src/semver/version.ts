import { ScanFault, Scanner, type VersionNumber } from "./scanner.ts";
import { quoted, VersionError } from "./version-error.ts";

/** A version by the rules of Semantic Versioning 2.0 as Cargo reads them. All objects have the same hidden shape. */
export interface Version {
  readonly major: VersionNumber;
  readonly minor: VersionNumber;
  readonly patch: VersionNumber;
  /** Pre-release identifiers joined by dots, without the hyphen; `""` for a release. */
  readonly pre: string;
  /** Build metadata identifiers joined by dots, without the plus sign; `""` when absent. */
  readonly build: string;
}

const DOT = 46;
const HYPHEN = 45;
const PLUS = 43;

/**
 * Reads a version: three numbers, then optionally a pre-release and build metadata. No `v`, no blanks.
 *
 * @throws {VersionError} `semver/bad-version`, naming the text and what is wrong with it.
 * @see https://semver.org and the Cargo Book, "Version field".
 */
export function parseVersion(text: string): Version {
  try {
    return scanVersion(text);
  } catch (error) {
    if (!(error instanceof ScanFault)) throw error;
    throw new VersionError({
      code: "semver/bad-version",
      what: `${quoted(text)} is not a version: ${error.message}`,
      help: "write three numbers, such as 1.2.3, then optionally -pre and +build",
    });
  }
}

function scanVersion(text: string): Version {
  const scanner = new Scanner(text);
  const major = scanner.number("major");
  expectDot(scanner, "major");
  const minor = scanner.number("minor");
  expectDot(scanner, "minor");
  const patch = scanner.number("patch");
  const pre = scanner.take(HYPHEN) ? scanner.identifiers("pre-release") : "";
  const build = scanner.take(PLUS) ? scanner.identifiers("build metadata") : "";
  if (!scanner.isAtEnd()) throw new ScanFault(`${scanner.found()} after the end of the version`);
  return { major, minor, patch, pre, build };
}

function expectDot(scanner: Scanner, position: string): void {
  if (!scanner.take(DOT)) throw new ScanFault(`${scanner.found()} after the ${position} number instead of a dot`);
}

/** Writes the one text of a version; `parseVersion` gives the same version back. */
export function formatVersion(version: Version): string {
  let text = `${version.major}.${version.minor}.${version.patch}`;
  if (version.pre !== "") text += `-${version.pre}`;
  if (version.build !== "") text += `+${version.build}`;
  return text;
}

/** Whether the text is a version. */
export function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch (error) {
    if (error instanceof VersionError) return false;
    throw error;
  }
}
