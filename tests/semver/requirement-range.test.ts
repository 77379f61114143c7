import { assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import {
  compareTriples,
  matchesRequirement,
  parseRequirement,
  parseVersion,
  requirementRange,
  type Version,
  type VersionRange,
} from "../../src/semver/index.ts";
import { anyVersionText } from "./any-version.ts";

const OPERATORS = ["", "=", "^", "~", ">", ">=", "<", "<="] as const;
const CUTS = [/[-+].*/, /\.\d+([-+].*)?$/, /\.\d+\.\d+([-+].*)?$/] as const;

/** Whether the range holds a version's numbers; its end is open. */
function holds({ from, end }: VersionRange, { major, minor, patch }: Version): boolean | undefined {
  if (typeof major !== "number" || typeof minor !== "number" || typeof patch !== "number") return undefined;
  const triple = { major, minor, patch };
  return compareTriples(from, triple) <= 0 && (end === undefined || compareTriples(triple, end) < 0);
}

test("a requirement's range holds exactly the releases that fulfil it, and no pre-release fulfils it", () => {
  const one = constantFrom(...OPERATORS);
  const cut = constantFrom(...CUTS);
  assert(
    property(
      anyVersionText(),
      one,
      cut,
      anyVersionText(),
      one,
      cut,
      anyVersionText(),
      (...[a, op, cutA, b, op2, cutB, text]) => {
        const requirement = parseRequirement(`${op}${a.replace(cutA, "")}, ${op2}${b.replace(cutB, "")}`);
        const version = parseVersion(text);
        const range = requirementRange(requirement);
        if (range === undefined) return;
        const held = holds(range, version);
        if (held === undefined) return;
        expect(matchesRequirement(requirement, version)).toBe(held && version.pre === "");
      },
    ),
    { numRuns: 3000 },
  );
});

function shown(triple: VersionRange["end"]): string | undefined {
  return triple === undefined ? undefined : `${triple.major}.${triple.minor}.${triple.patch}`;
}

test.each([["1.2.3-alpha"], [">=1.0.0, <2.0.0-0"], ["18446744073709551615"]])("%s has no range", (text) => {
  expect(requirementRange(parseRequirement(text))).toBeUndefined();
});

test.each([
  ["*", "0.0.0", undefined],
  ["1", "1.0.0", "2.0.0"],
  ["0.0", "0.0.0", "0.1.0"],
  ["^0.0.3", "0.0.3", "0.0.4"],
  [">1.2", "1.3.0", undefined],
  ["<=1.2", "0.0.0", "1.3.0"],
  ["1.*", "1.0.0", "2.0.0"],
  [">=1.2, <1.5.1", "1.2.0", "1.5.1"],
])("%s goes from %s to %s", (text, from, end) => {
  const range = requirementRange(parseRequirement(text));
  expect([shown(range?.from), shown(range?.end)]).toEqual([from, end]);
});
