import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { crate, file, type Member } from "../support/archive-builder.ts";
import { type DiskFacts, stick } from "../support/strange-disk/disk-facts.ts";
import { needStrangeDisks, strangeDisks } from "../support/strange-disk/strange-disk.ts";
import { LIBRARY, MANIFEST, TOP } from "./scene.ts";

const disks = strangeDisks(new URL("unpack-process.ts", import.meta.url));
const plain: readonly Member[] = [MANIFEST, LIBRARY, file(`${TOP}/run.sh`, "#!/bin/sh\n", { mode: 0o755 })];
const edited = ["damaged src/lib.rs: differs from the crate file", "foreign src/more.rs: is not in the crate file"];

beforeEach(needStrangeDisks);

async function unpackOn(facts: Partial<DiskFacts>, members: readonly Member[]): Promise<unknown> {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-archive-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const mountPoint = join(root, "disk");
  mkdirSync(mountPoint);
  writeFileSync(join(root, "a.crate"), crate([...members]));
  return disks.run(facts, mountPoint, [join(root, "a.crate"), TOP, mountPoint]);
}

test.each<[string, Partial<DiskFacts>]>([
  ["a plain disk", {}],
  ["a disk that ignores modes", { modes: "ignored" }],
  ["a disk that refuses modes", { modes: "refused" }],
  ["a disk that ignores case", { ignoresCase: true }],
  ["a memory stick", stick],
])("on %s a crate is unpacked, found right, and an edit and a new file are found", async (_name, facts) => {
  expect(await unpackOn(facts, plain)).toMatchObject({
    files: ["Cargo.toml", "run.sh", "src/lib.rs"],
    listed: ["Cargo.toml", "run.sh", "src", "src/lib.rs"],
    latest: 0,
    before: [],
    after: edited,
  });
});

test("where modes are kept, a wrong one is found beside a wrong byte", async () => {
  expect(await unpackOn({}, [...plain, file(`${TOP}/src/more.rs`, "", { mode: 0o600 })])).toMatchObject({
    before: [],
    after: edited.slice(0, 1),
  });
});

const twins: readonly Member[] = [...plain, file(`${TOP}/README.md`, "read"), file(`${TOP}/readme.md`, "read")];

test("two files with one content whose names differ in case are both there, also as one", async () => {
  const names = ["Cargo.toml", "README.md", "readme.md", "run.sh", "src/lib.rs"];
  expect(await unpackOn({}, twins)).toMatchObject({ files: names, listed: expect.arrayContaining(names), before: [] });
  expect(await unpackOn({ ignoresCase: true }, twins)).toMatchObject({
    files: names,
    listed: ["Cargo.toml", "README.md", "run.sh", "src", "src/lib.rs"],
    before: [],
    after: edited,
  });
});

test.each<[string, readonly Member[], string]>([
  ["a second one with other content", [...plain, ...twins.slice(3, 4), file(`${TOP}/readme.md`, "other")], "readme.md"],
  ["one of them once more with other content", [...twins, file(`${TOP}/README.md`, "other")], "README.md"],
  ["a third spelling with other content", [...twins, file(`${TOP}/Readme.md`, "other")], "Readme.md"],
])("where case does not count, %s is refused instead of lost", async (_what, members, name) => {
  expect(await unpackOn({ ignoresCase: true }, members)).toMatchObject({
    code: "archive/conflict",
    entry: `${TOP}/${name}`.replace(`${TOP}/`, ""),
    what: expect.stringContaining("differs only in case"),
  });
  expect(await unpackOn({}, members)).toMatchObject({ before: [], files: expect.arrayContaining(["README.md", name]) });
});

test("where case does not count, two spellings of a directory are one, and nothing of it is foreign", async () => {
  const members = [...plain, file(`${TOP}/Data/a`, "a"), file(`${TOP}/data/b`, "b")];
  const report = await unpackOn({ ignoresCase: true }, members);
  expect(report).toMatchObject({ files: expect.arrayContaining(["Data/a", "data/b"]), before: [], after: edited });
});

test("a symlink is made where the disk has them, and refused with a code where it has none", async () => {
  const members = [...plain, { name: `${TOP}/link`, type: "2", linkName: "Cargo.toml" }];
  expect(await unpackOn({}, members)).toMatchObject({ symlinks: 1, before: [] });
  expect(await unpackOn(stick, members)).toMatchObject({ code: "archive/bad-link", entry: "link" });
});

test("a hard link is a copy where the disk has none", async () => {
  const members = [...plain, { name: `${TOP}/twin.sh`, type: "1", linkName: `${TOP}/run.sh` }];
  for (const facts of [{}, stick, { mostLinks: 1 }])
    expect(await unpackOn(facts, members)).toMatchObject({
      listed: expect.arrayContaining(["twin.sh"]),
      latest: 0,
      before: [],
    });
});
