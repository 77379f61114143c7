import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { ignoredPaths, withAttributes, withIgnoredPaths } from "../../src/plan/index.ts";

const commits = ["none", "crates"] as const;

const blockOf = (commit: (typeof commits)[number]): string =>
  `# >>> cargo-hub: made again from hub.lock\n${ignoredPaths(commit).join("\n")}\n# <<< cargo-hub\n`;

/** A user's file with either line end, perhaps without the last one. */
function anyFile() {
  const pieces = ["/registry/", "!/git/", "*.bak", "# ours", " ", "# <<<", "# >>> cargo-hub", "é", "\n", "\r\n", "\n"];
  return string({ unit: constantFrom(...pieces), maxLength: 12 });
}

describe.each(commits)('.gitignore with commit = "%s"', (commit) => {
  test.each([
    ["", blockOf(commit)],
    ["*.bak", `*.bak\n${blockOf(commit)}`],
    ["/registry/\r\n", `/registry/\r\n${blockOf(commit)}`],
    [`a\n${blockOf(commit)}b`, `a\n${blockOf(commit)}b`],
    [blockOf(commit).replaceAll("\n", "\r\n"), blockOf(commit).replaceAll("\n", "\r\n")],
    [`a\n# cargo-hub: made again from hub.lock\n/registry/\n/git/\n/.global-cache\nb\n`, `a\nb\n${blockOf(commit)}`],
  ])("%j becomes %j", (text, ignoring) => {
    expect(withIgnoredPaths(text, commit)).toBe(ignoring);
  });

  test("keeps every other byte, and is not written twice", () => {
    assert(
      property(anyFile(), anyFile(), (before, after) => {
        const ignoring = withIgnoredPaths(before, commit);
        expect(ignoring.startsWith(before)).toBe(true);
        expect(withIgnoredPaths(ignoring + after, commit)).toBe(ignoring + after);
        for (const other of commits) {
          const there = withIgnoredPaths(withIgnoredPaths(ignoring + after, other), commit);
          expect(there).toBe(ignoring + after);
        }
      }),
    );
  });
});

test(".gitattributes keeps every other byte, and is not written twice", () => {
  assert(
    property(anyFile(), anyFile(), (before, after) => {
      const text = withAttributes(before) + after;
      expect(text.startsWith(before)).toBe(true);
      expect(withAttributes(text)).toBe(text);
    }),
  );
});

test.each([
  ["withIgnoredPaths", (text: string) => withIgnoredPaths(text, "none")],
  ["withAttributes", withAttributes],
])("%s refuses a block that lost its end mark", (_name, complete) => {
  const open = complete("").replace("# <<< cargo-hub\n", "*.bak\n");
  expect(() => complete(open)).toThrow(expect.objectContaining({ code: "plan/block-damaged" }));
});
