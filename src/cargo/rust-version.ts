import { parseRequirement, VersionError } from "../semver/index.ts";

/**
 * True for what cargo takes as `rust-version`: one to three numbers, such as `1.56` or `1.56.1`.
 *
 * @see The Cargo Book, "The rust-version field".
 */
export function isRustVersion(text: string): boolean {
  if (text.startsWith("^") || text.includes("+")) return false;
  try {
    const [comparator, ...others] = parseRequirement(text).comparators;
    return comparator?.operator === "^" && comparator.pre === "" && others.length === 0;
  } catch (error) {
    if (error instanceof VersionError) return false;
    throw error;
  }
}
