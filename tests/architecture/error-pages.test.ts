import { expect, test } from "vitest";
import { errorPageViolations } from "./error-pages.ts";
import { repositoryFiles } from "./repository-files.ts";

const page = "# store/full\n\nThe disk is full.\n\n## Why it happens\n\nBytes.\n\n## What to do\n\nRun `df`.\n";
const source = 'export type StoreErrorCode =\n  | "store/full"; // "store/gone"';

test("every error code has its page and every page its code", () => {
  expect(errorPageViolations(repositoryFiles())).toEqual([]);
});

test("a code with a good page is fine", () => {
  const files = [
    { path: "src/store/store-error.ts", text: source },
    { path: "docs/errors/store-full.md", text: page },
    { path: "docs/errors/README.md", text: "# Errors" },
  ];
  expect(errorPageViolations(files)).toEqual([]);
});

test.each([
  ["a code without a page", [{ path: "src/store/a.ts", text: source }]],
  ["a code in the class without a page", [{ path: "src/a/a.ts", text: 'class A extends HubError<"a/b-c"> {}' }]],
  ["a page without a code", [{ path: "docs/errors/store-full.md", text: page }]],
  [
    "a page without its advice",
    [
      { path: "src/store/a.ts", text: source },
      { path: "docs/errors/store-full.md", text: page.replace("What to do", "And now") },
    ],
  ],
  [
    "a page under another title",
    [
      { path: "src/store/a.ts", text: source },
      { path: "docs/errors/store-full.md", text: page.replace("# store/full", "# store/empty") },
    ],
  ],
])("%s is found", (_what, files) => {
  expect(errorPageViolations(files)).toHaveLength(1);
});
