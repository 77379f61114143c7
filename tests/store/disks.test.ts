import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type DiskFacts, stick } from "../support/strange-disk/disk-facts.ts";
import { needStrangeDisks, strangeDisks } from "../support/strange-disk/strange-disk.ts";
import { scratch } from "./scratch.ts";

const disks = strangeDisks(new URL("disk-process.ts", import.meta.url));
const files = { "Cargo.toml": "[package]\n", "src/lib.rs": "// a\n", "src/Deep/Mod.rs": "// deep\n" };
const contents = Object.values(files);

beforeEach(needStrangeDisks);

type Where = "both" | "store" | "hub";

/** Runs a task with the store, the hub or both on a made-up disk. */
function onDisk(facts: Partial<DiskFacts>, where: Where, [task, detail]: readonly [string, string]): Promise<unknown> {
  const root = scratch();
  const disk = join(root, "disk");
  mkdirSync(disk);
  mkdirSync(join(root, "hub"));
  const store = where === "hub" ? join(root, "store") : join(disk, "store");
  return disks.run(facts, disk, [task, store, where === "store" ? join(root, "hub") : disk, detail]);
}

function tree(facts: Partial<DiskFacts>, where: Where, of: Readonly<Record<string, string>> = files): Promise<unknown> {
  return onDisk(facts, where, ["tree", JSON.stringify(of)]);
}

test.each<[string, Partial<DiskFacts>]>([
  ["a plain disk", {}],
  ["a memory stick", stick],
  ["a disk that refuses modes and links", { modes: "refused", mostLinks: 1 }],
  ["a disk that lists lower case", { ignoresCase: true, lowersNames: true }],
  ["a disk with times of two seconds", { timeStepMs: 2000 }],
])("on %s a tree is stored under the names it was given, found intact and linked", async (_name, facts) => {
  for (const where of ["both", "store", "hub"] as const) {
    const report = await tree(facts, where);
    expect(report, where).toMatchObject({ listed: Object.keys(files).toSorted(), check: "intact", contents });
  }
});

test("a file that may have two names only is linked once, then copied", async () => {
  expect(await tree({ mostLinks: 2 }, "both")).toMatchObject({ counts: { reflink: 0, hardlink: 3, copy: 0 } });
  expect(await tree({ mostLinks: 1 }, "both")).toMatchObject({ counts: { reflink: 0, hardlink: 0, copy: 3 } });
});

test("two files that differ only in case go to a hub where case does not count when they are alike, and are refused when not", async () => {
  const alike = { ...files, "README.md": "read", "readme.md": "read", "SRC/more.rs": "" };
  expect(await tree({ ignoresCase: true }, "hub", alike)).toMatchObject({ contents: Object.values(alike) });
  expect(await tree({ ignoresCase: true }, "both", alike)).toMatchObject({ contents: Object.values(alike) });
  expect(await tree({ ignoresCase: true }, "store", alike)).toMatchObject({ contents: Object.values(alike) });
  const unlike = { ...files, "README.md": "read", "readme.md": "other" };
  expect(await tree({ ignoresCase: true }, "hub", unlike)).toEqual({
    code: "store/name-collision",
    hub: expect.any(Array),
  });
});

test("a file that somebody has open for a moment is moved and removed with the patience that Windows needs, and only there", async () => {
  const facts = { holdsOpenFiles: true };
  expect(await onDisk(facts, "both", ["held", "windows:300"])).toEqual(["done", "done"]);
  expect(await onDisk(facts, "both", ["held", "linux:300"])).toEqual(["EACCES", "EACCES"]);
  expect(await onDisk({}, "both", ["held", "linux:300"])).toEqual(["done", "done"]);
});
