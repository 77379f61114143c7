import { existsSync, lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildCrate, buildCrateAround } from "../support/crate-builder.ts";
import { cratesIoIdent, documentOf, errorOf, hub, must, offline, openScene } from "../support/hub-runs.ts";
import { packGzip, packTar } from "../support/tar-writer.ts";

test("a crate with a symlink is filled, verified and built", async () => {
  const spec = { name: "linked", version: "1.0.0" };
  const plain = Object.entries(buildCrate(spec).files).map(([path, content]) => ({
    path: `linked-1.0.0/${path}`,
    content,
  }));
  const link = { path: "linked-1.0.0/src/same.rs", type: "2", linkName: "lib.rs" };
  const scene = await openScene({ crates: [], deps: { linked: "1" } });
  scene.registry.add(buildCrateAround(spec, packGzip(packTar([...plain, link]), "linked-1.0.0.crate")));
  await must(hub(scene, "fill"));
  const path = join(scene.project, ".cargo/registry/src", cratesIoIdent, "linked-1.0.0/src/same.rs");
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(documentOf(await must(hub(scene, "verify", "--json")))).toMatchObject({ problems: 0 });
  expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
});

test.each([
  ["another name", '[package]\nname = "other"\nversion = "1.0.0"\n'],
  ["another version", '[package]\nname = "liar"\nversion = "1.0.1"\n'],
  ["the version with more behind it", '[package]\nname = "liar"\nversion = "1.0.0+more"\n'],
  ["other letters", '[package]\nname = "Liar"\nversion = "1.0.0"\n'],
])("a crate whose manifest has %s is one error, as it is for cargo, and no hub", async (_what, manifest) => {
  const scene = await openScene({ crates: [], deps: { liar: "1" } });
  scene.registry.add(buildCrate({ name: "liar", version: "1.0.0", files: { "Cargo.toml": manifest } }));
  scene.write("cargo-home/config.toml", readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
  rmSync(join(scene.project, ".cargo/config.toml"));
  for (const hubToml of ["", 'mode = "cargo-home"\n']) {
    scene.write("app/.cargo/hub.toml", `version = 1\n${hubToml}`);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error.code).toBe("hub/crate-mismatch");
    expect(readFileSync(error.where ?? "", "utf8")).toBe(manifest);
    expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
  }
  expect((await scene.cargo("check")).stderr).toContain("failed to find liar v1.0.0");
});

test("a crate without a manifest is one error", async () => {
  const spec = { name: "bare", version: "1.0.0" };
  const scene = await openScene({ crates: [], deps: { bare: "1" } });
  const tar = packTar([{ path: "bare-1.0.0/src/lib.rs", content: Buffer.from("") }]);
  scene.registry.add(buildCrateAround(spec, packGzip(tar, "bare-1.0.0.crate")));
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/crate-mismatch", what: expect.stringContaining("no Cargo.toml") });
});

test("the bytes of all downloads are counted, also of those that threads have unpacked", async () => {
  const crates = Array.from({ length: 20 }, (_, at) => ({ name: `crate-${at}`, version: "1.0.0" }));
  const scene = await openScene({ crates });
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  const bytes = crates.reduce((sum, { name }) => sum + scene.registry.built(name, "1.0.0").crate.length, 0);
  expect(report).toMatchObject({ downloadedCrates: 20, downloadedBytes: bytes, bytes });
});
