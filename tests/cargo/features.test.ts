import { expect, test } from "vitest";
import { featureTableProblem, implicitFeatures } from "../../src/cargo/index.ts";

const optional = { name: "a", optional: true };
const needed = { name: "a", optional: false };

test.each([
  ["an optional dependency that nothing names", {}, [optional], { a: ["dep:a"] }],
  ["an optional dependency in one table and a needed one in another", {}, [needed, optional], { a: ["dep:a"] }],
  ["a needed dependency", {}, [needed], {}],
  ["a feature of the same name", { a: [] }, [optional], {}],
  ["a value dep:a somewhere", { b: ["dep:a"] }, [optional], {}],
  ["a value that is only like dep:a", { b: ["dep:a/x", "a/x", "a?/x", "a"] }, [optional], { a: ["dep:a"] }],
])("%s: the implicit features are these", (...row) => {
  const [, features, dependencies, implicit] = row;
  expect(Object.fromEntries(implicitFeatures(new Map(Object.entries(features)), dependencies))).toEqual(implicit);
});

test("a problem names the feature and the value", () => {
  expect(featureTableProblem(new Map([["b", ["a/x/y"]]]), [needed])).toBe(
    "feature `b` includes `a/x/y`, which has more than one slash",
  );
  expect(featureTableProblem(new Map([["b", ["a/x"]]]), [needed])).toBeUndefined();
});
