import { readFileSync } from "node:fs";
import { assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import {
  compareVersions,
  formatRequirement,
  formatVersion,
  matchesRequirement,
  parseRequirement,
  parseVersion,
  VersionError,
} from "../../src/semver/index.ts";
import { anyVersionText } from "./any-version.ts";

interface Vector {
  readonly req: string;
  readonly error?: string;
  readonly display?: string;
  readonly matches?: string[];
}
const { universe, requirements }: { universe: string[]; requirements: Vector[] } = JSON.parse(
  readFileSync(new URL("../fixtures/semver/semver-vectors.json", import.meta.url), "utf8"),
);
const good = requirements.filter((vector) => vector.error === undefined);
const bad = requirements.filter((vector) => vector.error !== undefined);

test("the vectors are all there", () => {
  expect([universe.length, good.length + bad.length]).toEqual([28, 97]);
});

test.each(good)("the requirement $req matches what it matches in cargo", ({ req, display, matches }) => {
  const requirement = parseRequirement(req);
  expect(universe.filter((version) => matchesRequirement(requirement, parseVersion(version)))).toEqual(matches);
  expect(formatRequirement(requirement)).toBe(display);
});

test.each(bad)("the requirement $req is refused as cargo refuses it", ({ req }) => {
  expect(() => parseRequirement(req)).toThrowError(VersionError);
});

test("a requirement holds at most 32 comparators", () => {
  expect(parseRequirement(Array(32).fill("1").join(", ")).comparators).toHaveLength(32);
  expect(() => parseRequirement(Array(33).fill("1").join(", "))).toThrowError(VersionError);
});

test.each(["\t1", "1\n", "1.2.3 -a", "1 .2", "1. 2", "==1", "~=1", "=>1", "1.2.3-a b", "*x", "x.1", "1,,2"])(
  "parseRequirement refuses %j",
  (text) => {
    expect(() => parseRequirement(text)).toThrowError(expect.objectContaining({ code: "semver/bad-requirement" }));
  },
);

test.each([
  ["18446744073709551615", "18446744073709551615.9.9", true],
  [">=9007199254740993", "9007199254740992.0.0", false],
  [">9007199254740991", "9007199254740992.0.0", true],
  ["~0.9007199254740993.1", "0.9007199254740993.2", true],
])("%s is exact above 2^53 for %s", (requirement, version, matches) => {
  expect(matchesRequirement(parseRequirement(requirement), parseVersion(version))).toBe(matches);
});

test("formatRequirement's text means what the requirement meant", () => {
  assert(
    property(constantFrom(...good.map((vector) => vector.req)), (text) => {
      const requirement = parseRequirement(text);
      expect(parseRequirement(formatRequirement(requirement))).toEqual(requirement);
    }),
  );
});

test("operators with a full version agree with the total order", () => {
  assert(
    property(anyVersionText(), anyVersionText(), (left, right) => {
      const version = { ...parseVersion(left), build: "" };
      const bound = { ...parseVersion(right), build: "" };
      if (version.pre !== "" && !sameNumbers(version, bound)) return;
      if (version.pre !== "" && bound.pre === "") return;
      const order = compareVersions(version, bound);
      const holds = (operator: string) =>
        matchesRequirement(parseRequirement(operator + formatVersion(bound)), version);
      expect([holds("<"), holds("<="), holds("="), holds(">="), holds(">")]).toEqual([
        order < 0,
        order <= 0,
        order === 0,
        order >= 0,
        order > 0,
      ]);
    }),
    { numRuns: 1000 },
  );
});

test("every version satisfies the requirement that is its own text", () => {
  assert(
    property(anyVersionText(), constantFrom("", "=", "^", "~", ">=", "<="), (text, operator) => {
      expect(matchesRequirement(parseRequirement(operator + text), parseVersion(text))).toBe(true);
    }),
  );
});

function sameNumbers(a: ReturnType<typeof parseVersion>, b: ReturnType<typeof parseVersion>): boolean {
  return a.major === b.major && a.minor === b.minor && a.patch === b.patch;
}
