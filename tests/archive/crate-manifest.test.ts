import { expect, test } from "vitest";
import { ArchiveError, readCrateManifest } from "../../src/archive/index.ts";
import { crate, file, gzip, pax, tar } from "../support/archive-builder.ts";

test("the manifest is found in the directory of the first entry, wherever it stands", async () => {
  const bytes = crate([
    pax({ comment: "x" }, { type: "g" }),
    file("a-1.0.0/README", "x".repeat(2000)),
    file("b-1.0.0/Cargo.toml", "other"),
    file("a-1.0.0/sub/Cargo.toml", "deeper"),
    file("a-1.0.0/Cargo.toml", "mine"),
  ]);
  const found = await readCrateManifest(bytes, "a.crate");
  expect(found.topDirectory).toBe("a-1.0.0");
  expect(Buffer.from(found.manifest).toString()).toBe("mine");
});

test("an empty manifest is one", async () => {
  const found = await readCrateManifest(crate([file("a-1.0.0/Cargo.toml", "")]), "a.crate");
  expect(found.manifest.length).toBe(0);
});

test.each([
  ["no manifest", crate([file("a-1.0.0/README", "x")]), "archive/empty"],
  ["a link for a manifest", crate([file("a-1.0.0/Cargo.toml", "", { type: "2", linkName: "x" })]), "archive/empty"],
  ["no archive", Buffer.from("hello, this is no gzip file"), "archive/not-gzip"],
  ["a cut archive", gzip(tar([file("a-1.0.0/Cargo.toml", "x")], Buffer.alloc(0))), "archive/truncated"],
])("a file with %s is refused, and named", async (_name, bytes, code) => {
  const failure: unknown = await readCrateManifest(bytes, "some/a.crate").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ArchiveError);
  expect(failure).toMatchObject({ code, where: "some/a.crate" });
});
