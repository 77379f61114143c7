import { type Arbitrary, array, bigInt, constantFrom, oneof, option, tuple } from "fast-check";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Numbers that collide often, and some around the limits of exact floating point and of u64. */
const anyNumber: Arbitrary<string> = oneof(
  { weight: 8, arbitrary: constantFrom("0", "1", "2", "10") },
  { weight: 1, arbitrary: bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(String) },
  { weight: 1, arbitrary: bigInt({ min: 0n, max: U64_MAX }).map(String) },
);

const preParts = constantFrom(
  "0",
  "1",
  "9",
  "10",
  "18446744073709551616",
  "a",
  "A",
  "-",
  "a-b",
  "1a",
  "alpha",
  "beta",
  "rc",
);
const buildParts = oneof(preParts, constantFrom("00", "01", "001", "010"));

/** Texts that are versions; small enough a universe that two of them often differ in one part only. */
export function anyVersionText(): Arbitrary<string> {
  const pre = option(array(preParts, { minLength: 1, maxLength: 3 }), { nil: undefined });
  const build = option(array(buildParts, { minLength: 1, maxLength: 3 }), { nil: undefined });
  return tuple(anyNumber, anyNumber, anyNumber, pre, build).map(
    ([major, minor, patch, pre, build]) =>
      `${major}.${minor}.${patch}${pre === undefined ? "" : `-${pre.join(".")}`}${build === undefined ? "" : `+${build.join(".")}`}`,
  );
}
