import type { VersionNumber } from "./scanner.ts";
import type { Version } from "./version.ts";

/**
 * Cargo's total order: major, minor, patch, pre-release, then build metadata.
 *
 * Zero only for versions that are equal including build metadata. A release is greater than its pre-releases, and
 * build metadata is greater than none.
 *
 * @returns A negative number, zero or a positive number, for `Array.prototype.sort`.
 */
export function compareVersions(a: Version, b: Version): number {
  if (a.major !== b.major) return compareNumbers(a.major, b.major);
  if (a.minor !== b.minor) return compareNumbers(a.minor, b.minor);
  if (a.patch !== b.patch) return compareNumbers(a.patch, b.patch);
  if (a.pre !== b.pre) return comparePre(a.pre, b.pre);
  return a.build === b.build ? 0 : compareParts(a.build, b.build, compareBuildNumbers);
}

/** Compares two different numbers; a `number` and a `bigint` are never equal. */
function compareNumbers(a: VersionNumber, b: VersionNumber): number {
  return a < b ? -1 : 1;
}

/** Orders pre-release texts; the empty one, a release, is the greatest. */
export function comparePre(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  return compareParts(a, b, comparePreNumbers);
}

type NumberOrder = (a: string, b: string) => number;

function compareParts(a: string, b: string, numbers: NumberOrder): number {
  const left = a.split(".");
  const right = b.split(".");
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at += 1) {
    const order = comparePart(left[at] ?? "", right[at] ?? "", numbers);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function comparePart(a: string, b: string, numbers: NumberOrder): number {
  if (a === b) return 0;
  const leftIsNumber = isDigits(a);
  const rightIsNumber = isDigits(b);
  if (leftIsNumber && rightIsNumber) return numbers(a, b);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  return a < b ? -1 : 1;
}

/** True for the empty text too: absent build metadata counts as the least number. */
function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Numbers without leading zeros and of any length: the longer one is greater. */
function comparePreNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a === b ? 0 : 1;
}

/** Build numbers may have leading zeros: by value, then the longer spelling is greater. */
function compareBuildNumbers(a: string, b: string): number {
  return comparePreNumbers(withoutLeadingZeros(a), withoutLeadingZeros(b)) || a.length - b.length;
}

function withoutLeadingZeros(digits: string): string {
  let at = 0;
  while (digits.charCodeAt(at) === 48) at += 1;
  return digits.slice(at);
}
