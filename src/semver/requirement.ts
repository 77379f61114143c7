import { ScanFault, Scanner, type VersionNumber } from "./scanner.ts";
import { quoted, VersionError } from "./version-error.ts";

/** How a comparator compares; `wildcard` is `1.*`, which compares like `=` and is written back with its star. */
export type ComparatorOperator = "=" | ">" | ">=" | "<" | "<=" | "~" | "^" | "wildcard";

/** One condition of a requirement. All objects have the same hidden shape. */
export interface Comparator {
  readonly operator: ComparatorOperator;
  readonly major: VersionNumber;
  /** `undefined` when the text stops before it. */
  readonly minor: VersionNumber | undefined;
  /** `undefined` when the text stops before it. */
  readonly patch: VersionNumber | undefined;
  /** Pre-release identifiers, `""` when absent. Build metadata is read and dropped, as Cargo does. */
  readonly pre: string;
}

/** A version requirement: all comparators must hold. No comparator at all is `*`, every release. */
export interface Requirement {
  readonly comparators: readonly Comparator[];
}

const MOST_COMPARATORS = 32;
const DOT = 46;
const HYPHEN = 45;
const PLUS = 43;
const COMMA = 44;

/**
 * Reads a version requirement such as `1.2`, `>=1.2.0, <2` or `*`.
 *
 * @throws {VersionError} `semver/bad-requirement`, naming the text and what is wrong with it.
 * @see The Cargo Book, "Specifying Dependencies".
 */
export function parseRequirement(text: string): Requirement {
  try {
    return { comparators: scanComparators(new Scanner(text)) };
  } catch (error) {
    if (!(error instanceof ScanFault)) throw error;
    throw new VersionError({
      code: "semver/bad-requirement",
      what: `${quoted(text)} is not a version requirement: ${error.message}`,
      help: 'write comparators separated by commas, such as "1.2.3" or ">=1.2, <2", or "*"',
    });
  }
}

function scanComparators(scanner: Scanner): Comparator[] {
  scanner.skipSpaces();
  if (takeWildcard(scanner)) {
    scanner.skipSpaces();
    if (!scanner.isAtEnd()) throw new ScanFault(`${scanner.found()} after a wildcard, which must be alone`);
    return [];
  }
  const comparators = [scanComparator(scanner)];
  while (!scanner.isAtEnd()) {
    if (!scanner.take(COMMA)) throw new ScanFault(`${scanner.found()} where a comma should separate comparators`);
    scanner.skipSpaces();
    if (comparators.length === MOST_COMPARATORS)
      throw new ScanFault(`it has more than ${MOST_COMPARATORS} comparators`);
    comparators.push(scanComparator(scanner));
  }
  return comparators;
}

function scanComparator(scanner: Scanner): Comparator {
  const written = takeOperator(scanner);
  scanner.skipSpaces();
  const major = scanner.number("major");
  let wildcard = false;
  let minor: VersionNumber | undefined;
  let patch: VersionNumber | undefined;
  if (scanner.take(DOT)) {
    wildcard = takeWildcard(scanner);
    if (!wildcard) minor = scanner.number("minor");
    if (scanner.take(DOT)) {
      if (takeWildcard(scanner)) wildcard = true;
      else if (wildcard) throw new ScanFault(`${scanner.found()} after a wildcard`);
      else patch = scanner.number("patch");
    }
  }
  let pre = "";
  if (patch !== undefined) {
    if (scanner.take(HYPHEN)) pre = scanner.identifiers("pre-release");
    if (scanner.take(PLUS)) scanner.identifiers("build metadata");
  }
  scanner.skipSpaces();
  return { operator: written ?? (wildcard ? "wildcard" : "^"), major, minor, patch, pre };
}

function takeOperator(scanner: Scanner): ComparatorOperator | undefined {
  const { text, at } = scanner;
  const first = text[at];
  if (first === "=" || first === "~" || first === "^") {
    scanner.at = at + 1;
    return first;
  }
  if (first !== ">" && first !== "<") return undefined;
  const orEqual = text[at + 1] === "=";
  scanner.at = at + (orEqual ? 2 : 1);
  return orEqual ? `${first}=` : first;
}

function takeWildcard(scanner: Scanner): boolean {
  const character = scanner.text[scanner.at];
  if (character !== "*" && character !== "x" && character !== "X") return false;
  scanner.at += 1;
  return true;
}

/** Writes a requirement the way Cargo prints it: the default operator as `^`, `1.x` as `1.*`, joined by `, `. */
export function formatRequirement(requirement: Requirement): string {
  return requirement.comparators.length === 0 ? "*" : requirement.comparators.map(formatComparator).join(", ");
}

function formatComparator(comparator: Comparator): string {
  const { operator, major, minor, patch, pre } = comparator;
  let text = operator === "wildcard" ? `${major}` : `${operator}${major}`;
  if (minor !== undefined) text += `.${minor}`;
  if (patch !== undefined) text += `.${patch}`;
  if (pre !== "") text += `-${pre}`;
  return operator === "wildcard" ? `${text}.*` : text;
}
