import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registryIdent } from "../../src/cargo/index.ts";
import { documentOf, errorOf, hub, hubIn, must, offline } from "../support/hub-runs.ts";
import { type EverySource, openEverySource, said } from "./every-source-world.ts";
import { projectText } from "./git-scene.ts";
import { TOKEN } from "./private-world.ts";

/** Filled with what cargo itself locked from the same servers, which are gone then. */
async function filled(hubToml = ""): Promise<EverySource> {
  const world = await openEverySource(hubToml);
  await must(world.scene.cargo("generate-lockfile"));
  const run = await must(hub(world.scene, "fill", "-vv"));
  expect(run.stdout + run.stderr).not.toContain(TOKEN);
  await world.alone();
  return world;
}

test("every kind of source is filled and builds with no network in mode directory; the lockfile stays", async () => {
  const { scene } = await filled();
  const lockfile = projectText(scene, "Cargo.lock");
  // The registries' names and addresses are the project's; a token is nobody's business here.
  const home = mkdtempSync(join(scene.root, "home-"));
  writeFileSync(join(home, "config.toml"), projectText({ ...scene, project: scene.cargoHome }, "config.toml"));
  const run = await must(offline(scene, { env: { CARGO_HOME: home } }, ["cargo", "run", "--frozen", "--quiet"]));
  expect(run.stdout).toBe(said);
  expect(projectText(scene, "Cargo.lock")).toBe(lockfile);
  const { problems, crates, gitPackages } = documentOf(await must(hub(scene, "verify", "--json")));
  expect({ problems, crates, gitPackages }).toEqual({ problems: 0, crates: 4, gitPackages: 4 });
});

test("and in mode cargo-home, where cargo also locks the same again from what the hub holds", async () => {
  const { scene, server } = await filled('mode = "cargo-home"\n');
  const lockfile = projectText(scene, "Cargo.lock");
  const home = { env: { CARGO_HOME: join(scene.project, ".cargo") } };
  const run = await must(offline(scene, home, ["cargo", "run", "--frozen", "--quiet"]));
  expect(run.stdout).toBe(said);
  rmSync(join(scene.project, "Cargo.lock"));
  await must(offline(scene, home, ["cargo", "generate-lockfile", "--offline"]));
  expect(projectText(scene, "Cargo.lock")).toBe(lockfile);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
  const ident = registryIdent({ kind: "registry", url: `${server.origin}/index` });
  expect(existsSync(join(scene.project, ".cargo/registry/index", ident, "HEAD"))).toBe(true);
  scene.write("app/.cargo/hub.toml", "version = 1\n");
  await must(hub(scene, "fill", "--offline"));
  expect(existsSync(join(scene.project, ".cargo/registry/index", ident, "HEAD"))).toBe(false);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("a fill again, a fill from the store and a fill of a copy change nothing and ask nobody", async () => {
  const { scene } = await filled();
  const lock = projectText(scene, ".cargo/hub.lock");
  expect((await must(hub(scene, "fill", "--frozen"))).stderr).toContain("Fresh");
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  await must(hub(scene, "fill", "--frozen"));
  expect(projectText(scene, ".cargo/hub.lock")).toBe(lock);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("without the token there is one error that names the registry, and no hub", async () => {
  const { scene, closed } = await openEverySource();
  await must(scene.cargo("generate-lockfile"));
  rmSync(join(scene.cargoHome, "credentials.toml"));
  const run = await hub(scene, "fill", "--message-format", "json");
  const error = errorOf(run);
  expect(error.code).toMatch(/^registry\//);
  expect(`${error.where} ${error.what}`).toContain(closed.origin);
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
});

test("a git index that is gone is one error, unless the store has it", async () => {
  const { scene, server } = await openEverySource();
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "fill"));
  await server.close();
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  await must(hub(scene, "fill"));
  rmSync(join(scene.project, ".cargo"), { recursive: true });
  const run = await hubIn(
    scene,
    { env: { CARGO_HUB_STORE: join(scene.root, "empty") } },
    "fill",
    "--message-format",
    "json",
  );
  expect(errorOf(run)).toMatchObject({ code: "git/unreachable", where: expect.stringContaining(server.origin) });
});
