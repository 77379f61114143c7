import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  cratesIoIdent,
  documentOf,
  errorOf,
  hub,
  hubIn,
  must,
  offline,
  openFilled,
  openScene,
} from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, filesBelow, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

function forget(scene: Scene, ...paths: string[]): void {
  for (const path of paths) rmSync(join(scene.root, path), { recursive: true });
}

test.each([["--offline"], ["--frozen"], ["--locked", "--offline"]])(
  "with a warm store %s fills and sends nothing",
  async (...flags) => {
    const scene = await openFilled({ crates });
    const before = treeFacts(join(scene.project, ".cargo"));
    forget(scene, "app/.cargo/registry");
    scene.registry.requests.length = 0;
    const report = documentOf(await must(hub(scene, "fill", ...flags, "--json")));
    expect(report).toMatchObject({ changed: true, installed: 2, downloadedCrates: 0, downloadedBytes: 0 });
    expect(scene.registry.requests).toEqual([]);
    expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
  },
);

test("--offline with a cold store sends nothing and names what is missing", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  scene.registry.requests.length = 0;
  const error = errorOf(await hub(scene, "fill", "--offline", "--message-format", "json"));
  expect(error.code).toBe("registry/offline");
  expect(`${error.what} ${error.where}`).toMatch(/alpha|beta/);
  expect(scene.registry.requests).toEqual([]);
});

test("--offline with the index but without the bytes names the crate", async () => {
  const scene = await openFilled({ crates });
  forget(scene, "app/.cargo/registry", "store/crates", "store/trees");
  scene.registry.requests.length = 0;
  const error = errorOf(await hub(scene, "fill", "--offline", "--message-format", "json"));
  expect(error.code).toBe("registry/offline");
  expect(`${error.what} ${error.where}`).toMatch(/alpha|beta/);
  expect(scene.registry.requests).toEqual([]);
});

test.each([
  ["net.offline in the configuration", "[net]\noffline = true\n", {}],
  ["CARGO_NET_OFFLINE", "", { CARGO_NET_OFFLINE: "true" }],
] as const)("%s counts as --offline", async (_name, config, env) => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  scene.write(
    "app/.cargo/config.toml",
    `${readFileSync(join(scene.project, ".cargo/config.toml"), "utf8")}\n${config}`,
  );
  scene.registry.requests.length = 0;
  const error = errorOf(await hubIn(scene, { env }, "fill", "--message-format", "json"));
  expect(error.code).toBe("registry/offline");
  expect(scene.registry.requests).toEqual([]);
});

test("--offline without a Cargo.lock lets cargo make it offline, so nothing is sent", async () => {
  const scene = await openFilled({ crates });
  forget(scene, "app/Cargo.lock");
  scene.registry.requests.length = 0;
  await must(hub(scene, "fill", "--offline"));
  expect(scene.registry.requests).toEqual([]);
});

test("deleting the store loses nothing: verify is clean, and fill sends nothing", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  forget(scene, "store");
  scene.registry.requests.length = 0;
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  expect((await must(hub(scene, "fill"))).stderr).toMatch(/^ +Fresh 2 crates/m);
  expect(scene.registry.requests).toEqual([]);
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("without the store a damaged part of the hub is made again from the hub's own crate file, with no network", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  forget(scene, "store", `app/.cargo/registry/src/${ident}/alpha-1.0.0`, `app/.cargo/registry/index/${ident}/.cache`);
  scene.registry.requests.length = 0;
  await must(hub(scene, "fill"));
  expect(scene.registry.requests).toEqual([]);
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
  const { checksum } = scene.registry.built("alpha", "1.0.0");
  expect(filesBelow(join(scene.root, "store"))).toContain(`crates/${checksum.slice(0, 2)}/${checksum}`);
});

test("a damaged crate in the store is not used: it is fetched again", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  const { checksum } = scene.registry.built("alpha", "1.0.0");
  const at = `store/crates/${checksum.slice(0, 2)}/${checksum}`;
  forget(scene, at, "app/.cargo/registry");
  scene.write(at, "other bytes");
  scene.registry.requests.length = 0;
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ downloadedCrates: 1 });
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("a second project is filled from the store alone", async () => {
  const scene = await openFilled({ crates });
  for (const path of ["Cargo.toml", "Cargo.lock", "src/main.rs"])
    scene.write(`second/${path}`, readFileSync(join(scene.project, path), "utf8"));
  const own = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
  scene.write("second/.cargo/config.toml", own.slice(own.indexOf("[source.crates-io]")));
  scene.registry.requests.length = 0;
  await must(hubIn(scene, { cwd: "second" }, "fill", "--offline"));
  expect(scene.registry.requests).toEqual([]);
  expect(differences(treeFacts(join(scene.project, ".cargo")), treeFacts(join(scene.root, "second/.cargo")))).toEqual(
    [],
  );
  await must(offline(scene, { cwd: "second" }, ["cargo", "check", "--frozen"]));
});
