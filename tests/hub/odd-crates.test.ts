import { lstatSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildCrate, buildCrateAround } from "../support/crate-builder.ts";
import { cratesIoIdent, documentOf, hub, must, offline, openScene } from "../support/hub-runs.ts";
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

test("the bytes of all downloads are counted, also of those that threads have unpacked", async () => {
  const crates = Array.from({ length: 20 }, (_, at) => ({ name: `crate-${at}`, version: "1.0.0" }));
  const scene = await openScene({ crates });
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  const bytes = crates.reduce((sum, { name }) => sum + scene.registry.built(name, "1.0.0").crate.length, 0);
  expect(report).toMatchObject({ downloadedCrates: 20, downloadedBytes: bytes, bytes });
});
