import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultHubToml } from "../../src/formats/index.ts";
import {
  type HubSource,
  hasCompatBlock,
  hubConfigText,
  sourceTomlText,
  withCompatBlock,
} from "../../src/plan/index.ts";

const ident = "registry.example-0123456789abcdef";
const cratesIo: HubSource = {
  name: "cargo-hub-dir",
  directory: `registry/src/${ident}`,
  hooks: [{ name: "crates-io" }],
};
const corp: HubSource = {
  name: "cargo-hub-dir-corp.example-fedcba9876543210",
  directory: "registry/src/corp.example-fedcba9876543210",
  hooks: [{ name: 'a "mirror"', location: { key: "registry", value: "sparse+https://corp.example/" } }],
};

test("source.toml hooks each source and names its directory", () => {
  expect(
    sourceTomlText([cratesIo, corp]),
  ).toBe(`# Written by cargo-hub. Present: the hub is on; absent: it is off (\`cargo-hub off\`).

[source.crates-io]
replace-with = "cargo-hub-dir"

[source.cargo-hub-dir]
directory = "registry/src/registry.example-0123456789abcdef"

[source."a \\"mirror\\""]
registry = "sparse+https://corp.example/"
replace-with = "cargo-hub-dir-corp.example-fedcba9876543210"

[source."cargo-hub-dir-corp.example-fedcba9876543210"]
directory = "registry/src/corp.example-fedcba9876543210"
`);
});

test("source.toml of a hub without crates replaces nothing", () => {
  expect(sourceTomlText([])).toMatch(/^#.*\n$/);
});

const include = 'include = [{ path = "registry/source.toml", optional = true }]\n';

test.each([
  { offline: false, compat: false, head: include, tail: "" },
  { offline: true, compat: false, head: include, tail: "\n[net]\noffline = true\n" },
  { offline: false, compat: true, head: "", tail: "" },
  { offline: true, compat: true, head: "", tail: "\n[net]\noffline = true\n" },
])("hub.config.toml with offline = $offline and compat = $compat", ({ head, tail, ...said }) => {
  expect(hubConfigText({ ...defaultHubToml, ...said })).toBe(
    "# Written by cargo-hub from hub.toml. Cargo 1.94 and later read it through `include` in config.toml.\n" +
      head +
      '\n[cache]\nauto-clean-frequency = "never" # cargo would delete crates of the hub that it has not used for a while\n' +
      tail,
  );
});

/** A user's file: lines of TOML and remarks, with either line end, perhaps without the last one. */
function anyFile() {
  const pieces = [
    "[build]",
    "jobs = 2",
    "# ours",
    "",
    " ",
    "\t",
    '"x" = "cargo-hub"',
    "# <<<",
    "# >>> cargo-hub",
    "é",
    "/registry/",
    "!/git/",
  ];
  return string({ unit: constantFrom(...pieces, "\n", "\r\n", "\n"), maxLength: 12 });
}

describe("the block for older cargos", () => {
  test("stands at the end, between its marks, and names the directory as config.toml has to", () => {
    const text = withCompatBlock("[build]\njobs = 2\n", [cratesIo]);
    expect(text).toBe(`[build]
jobs = 2
# >>> cargo-hub: written for Cargo before 1.94 because hub.toml says \`compat = true\`
[source.crates-io]
replace-with = "cargo-hub-dir"

[source.cargo-hub-dir]
directory = ".cargo/registry/src/registry.example-0123456789abcdef"
# <<< cargo-hub
`);
    expect(hasCompatBlock(text)).toBe(true);
    expect(hasCompatBlock("[build]\njobs = 2\n")).toBe(false);
  });

  test("is put in, kept, replaced and taken out without touching another byte", () => {
    assert(
      property(anyFile(), anyFile(), (before, after) => {
        const file = withCompatBlock(before, [cratesIo]);
        expect(file.startsWith(before)).toBe(true);
        expect(withCompatBlock(file, [cratesIo])).toBe(file);
        expect(withCompatBlock(file, [])).toBe(endedLine(before));

        const edited = file + after;
        expect(withCompatBlock(edited, [])).toBe(endedLine(before) + after);
        const replaced = withCompatBlock(edited, [corp]);
        expect(replaced.startsWith(endedLine(before) + after)).toBe(true);
        expect(replaced).not.toContain(ident);
        expect(withCompatBlock(replaced, [])).toBe(endedLine(endedLine(before) + after));
      }),
    );
  });

  test("leaves a file without a block as it is when there is nothing to put in", () => {
    assert(
      property(anyFile(), (text) => {
        expect(withCompatBlock(text, [])).toBe(text);
      }),
    );
  });
});

/** A last line without an end gets one before something is added behind it. */
function endedLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

test("a block that git gave CRLF line ends is known, kept and taken out as a whole", () => {
  const file = withCompatBlock("[build]\njobs = 2\n", [cratesIo]).replaceAll("\n", "\r\n");
  expect(withCompatBlock(file, [cratesIo])).toBe(file);
  expect(withCompatBlock(file, [])).toBe("[build]\r\njobs = 2\r\n");
  expect(withCompatBlock(file, [corp]).split("# >>> cargo-hub")).toHaveLength(2);
});

test("a block that lost its end mark is refused, because the rest of the file may be the user's", () => {
  const text = withCompatBlock("[net]\nretry = 2\n", [cratesIo]).replace("# <<< cargo-hub\n", "[build]\njobs = 2\n");
  expect(() => withCompatBlock(text, [])).toThrow(expect.objectContaining({ code: "plan/compat-block-damaged" }));
});
