import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, constantFrom, property, string } from "fast-check";
import { expect, test } from "vitest";
import { parseGitConfig } from "../../src/git/git-config.ts";
import { gitTestEnvironment } from "../support/git-repository.ts";
import { scratch } from "./scene.ts";

test.each([
  ["", []],
  ["# nothing\n; here\n", []],
  [
    '[submodule "a b"]\n\tpath = vendor/a\n\turl = ../a.git\n',
    ["submodule.a b.path=vendor/a", "submodule.a b.url=../a.git"],
  ],
  ["[core]\nbare\n", ["core.bare"]],
  ["[Core] Bare = true # yes\n", ["core.bare=true"]],
  ['[a "B"] x="  q\\"uo\\\\te;d  " ; c\n', ['a.B.x=  q"uo\\te;d  ']],
  ["[a]\nx = one \\\n two\n", ["a.x=one  two"]],
  ["[a]\nx = a   b\t c   \n", ["a.x=a   b\t c"]],
  ["[a.B]\nx=1\n", ["a.b.x=1"]],
  ["\ufeff[a]\r\nx = 1\r\n", ["a.x=1"]],
  ['[a "\\"q\\\\"]\nx=\n', ['a."q\\.x=']],
])("%j is read", (text, entries) => {
  expect(shown(text)).toEqual(entries);
});

test.each([
  "x = 1\n",
  "[a\n",
  '[a "b]\n',
  "[a]\n= 1\n",
  "[a]\n1x = 1\n",
  '[a]\nx = "1\n',
  "[a]\nx = \\q\n",
  "[a] !\n",
  "[]\n",
])("%j is no configuration file", (text) => {
  expect(parseGitConfig(text)).toBeUndefined();
});

// No tab: git before 2.45 reads one within a value as a blank.
const pieces = constantFrom(
  "[a]",
  '[a "b"]',
  "[A.b]",
  "\n",
  "x",
  "y-1",
  " = ",
  "=",
  "one",
  " ",
  '"',
  "\\\\",
  '\\"',
  "\\n",
  "\\\n",
  "\\t",
  "#",
  ";",
  "1",
  "]",
  "\r\n",
  "é",
);

// A key in front of any section is an error here and in libgit2, by which cargo reads; git takes it.
test("we read what git reads, and refuse what it refuses", () => {
  const file = join(scratch("/dev/shm"), "config");
  assert(
    property(
      array(pieces, { maxLength: 14 }).map((list) => `[z]\n${list.join("")}`),
      (text) => {
        writeFileSync(file, text);
        const done = spawnSync("git", ["config", "--file", file, "--list", "-z"], { env: { ...gitTestEnvironment } });
        const theirs = done.status === 0 ? done.stdout.toString("utf8").split("\0").slice(0, -1) : undefined;
        const ours = parseGitConfig(text)?.map(nulForm);
        expect(ours, JSON.stringify(text)).toEqual(theirs);
      },
    ),
    { numRuns: 400 },
  );
});

test("any text as a quoted value comes back", () => {
  assert(
    property(
      string({ unit: "binary" }).filter((text) => !/[\0\r]/.test(text)),
      (value) => {
        const quoted = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
        expect(parseGitConfig(`[a]\nx = "${quoted}"\n`)).toEqual([
          { section: "a", subsection: undefined, key: "x", value },
        ]);
      },
    ),
  );
});

type Entry = NonNullable<ReturnType<typeof parseGitConfig>>[number];

function nameOf({ section, subsection, key }: Entry): string {
  return subsection === undefined ? `${section}.${key}` : `${section}.${subsection}.${key}`;
}

function nulForm(entry: Entry): string {
  return entry.value === undefined ? nameOf(entry) : `${nameOf(entry)}\n${entry.value}`;
}

function shown(text: string): string[] | undefined {
  return parseGitConfig(text)?.map((entry) =>
    entry.value === undefined ? nameOf(entry) : `${nameOf(entry)}=${entry.value}`,
  );
}
