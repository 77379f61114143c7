import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type ExportShape, exportShapes } from "../../src/formats/index.ts";
import { documentOf, errorOf, hub, must, offline, openScene, runIn } from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { startStaticServer } from "../support/static-server.ts";
import { differences, exactFacts, filesBelow, timedFacts } from "../support/tree-facts.ts";
import { type EverySource, openEverySource, said } from "./every-source-world.ts";
import { openGitScene, projectText } from "./git-scene.ts";

function exportArgs(shape: ExportShape, origin: string, directory: string): string[] {
  return ["export", "--as", shape, ...(shape === "sparse" ? ["--base-url", origin] : []), directory];
}

/** The registries' names, which are the project's own business. */
function registryNames(scene: Scene): string {
  return projectText({ ...scene, project: scene.cargoHome }, "config.toml").replace(/^[^]*?(?=\[registries)/, "");
}

/** Runs the project with nothing but the export. */
function runFrom(scene: Scene, shape: ExportShape, carried: string): Promise<Finished> {
  const run = ["run", "--locked", "--quiet"];
  if (shape === "cargo-home") return offline(scene, { env: { CARGO_HOME: carried } }, ["cargo", ...run, "--offline"]);
  const command = ["cargo", "--config", join(carried, ".cargo-hub/config.toml"), ...run];
  const home = mkdtempSync(join(scene.root, "home-"));
  if (shape === "sparse") return runIn(scene, { env: { CARGO_HOME: home } }, command);
  return offline(scene, {}, [...command, "--offline"]);
}

async function filled(): Promise<EverySource> {
  const world = await openEverySource();
  await must(world.scene.cargo("generate-lockfile"));
  await must(hub(world.scene, "fill"));
  await world.alone();
  return world;
}

test.each(exportShapes)(
  "every kind of source is built from an export as %s alone, and comes back from it byte for byte",
  async (shape) => {
    const { scene } = await filled();
    const server = await startStaticServer();
    onTestFinished(() => server.close());
    const before = timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/);
    const lockfile = projectText(scene, "Cargo.lock");
    const report = documentOf(await must(hub(scene, ...exportArgs(shape, server.origin, "../made"), "--json")));
    expect(report).toMatchObject({ crates: 4, gitPackages: 4, vendored: 0 });
    const checked = await runIn(scene, { cwd: "made" }, ["sha256sum", "--check", "--quiet", ".cargo-hub/SHA256SUMS"]);
    expect(checked).toMatchObject({ code: 0, stdout: "" });
    const carried = join(scene.root, "elsewhere/carried");
    mkdirSync(join(scene.root, "elsewhere"));
    renameSync(join(scene.root, "made"), carried);
    server.serve(carried);
    for (const path of ["app/.cargo", "store"]) rmSync(join(scene.root, path), { recursive: true });
    scene.write("app/.cargo/config.toml", registryNames(scene));
    const run = await runFrom(scene, shape, carried);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toBe(said);
    expect(projectText(scene, "Cargo.lock")).toBe(lockfile);

    rmSync(join(scene.project, ".cargo"), { recursive: true });
    rmSync(join(scene.cargoHome, "registry"), { recursive: true, force: true });
    rmSync(join(scene.cargoHome, "git"), { recursive: true, force: true });
    await must(hub(scene, "fill", "--offline", "--from", carried));
    expect(differences(before, timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/))).toEqual([]);
    await must(hub(scene, "verify"));
  },
);

test.each(exportShapes)(
  "repositories in an export as %s are the same bytes everywhere, also under another umask and without a store",
  async (shape) => {
    const { scene } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    await must(hub(scene, "fill"));
    await must(hub(scene, ...exportArgs(shape, "https://crates.example", "../one")));
    rmSync(join(scene.root, "store"), { recursive: true });
    const command = exportArgs(shape, "https://crates.example", "../two").join(" ");
    const script = `umask 077; exec "$NODE" "$HUB" ${command} --link copy`;
    await must(runIn(scene, { env: hubProgram() }, ["sh", "-ec", script]));
    expect(differences(exactFacts(join(scene.root, "one")), exactFacts(join(scene.root, "two")))).toEqual([]);
  },
);

function hubProgram(): Record<string, string> {
  return { NODE: process.execPath, HUB: new URL("../../dist/cargo-hub.js", import.meta.url).pathname };
}

test("a damaged pack in hub and store does not get out; one of the two is enough", async () => {
  const { scene } = await openGitScene();
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "fill", "--link", "copy"));
  await must(hub(scene, "export", "--as", "directory", "../right"));
  const cache = join(scene.project, ".cargo/registry/cache");
  const packs = filesBelow(cache).filter((path) => path.endsWith(".pack"));
  const pack = join(cache, packs[0] ?? "");
  const bytes = readFileSync(pack);
  writeFileSync(pack, Buffer.from(bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte))));
  await must(hub(scene, "export", "--as", "directory", "../still-right"));
  expect(differences(exactFacts(join(scene.root, "right")), exactFacts(join(scene.root, "still-right")))).toEqual([]);
  rmSync(join(scene.root, "store"), { recursive: true });
  const error = errorOf(await hub(scene, "export", "--as", "cargo-home", "../wrong", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/export-incomplete", where: pack });
});

test("a pack of a named folder that is not the commit's is one error", async () => {
  const { scene } = await openGitScene();
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "fill"));
  await must(
    hub(scene, "export", "--as", "sparse", "--base-url", "https://crates.example", "--link", "copy", "../site"),
  );
  for (const path of ["app/.cargo", "store", "cargo-home/git"]) rmSync(join(scene.root, path), { recursive: true });
  const packs = filesBelow(join(scene.root, "site")).filter((path) => path.endsWith(".pack"));
  const pack = join(scene.root, "site", packs[0] ?? "");
  writeFileSync(pack, readFileSync(pack).subarray(0, -1));
  const error = errorOf(await hub(scene, "fill", "--offline", "--from", "../site", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/folder-damaged", where: pack });
});

test("crates in quarantine do not disable an export as directory, and are as any other in the rest", async () => {
  const broken = {
    name: "broken",
    version: "0.1.0",
    files: { "Cargo.toml": '[package]\nname = "broken"\nversion = "0.1.0"\nedition = 2021\n' },
  };
  const scene = await openScene({
    crates: [{ name: "plain", version: "1.0.0" }, broken],
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nplain = "1"\n\n[target."cfg(windows)".dependencies]\nbroken = "0.1"\n',
    },
  });
  await must(hub(scene, "fill"));
  const before = timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/);
  const lockfile = projectText(scene, "Cargo.lock");
  for (const shape of ["cargo-home", "directory", "local-registry"] as const)
    await must(hub(scene, "export", "--as", shape, `../as-${shape}`));
  expect(existsSync(join(scene.root, "as-directory/.quarantine/broken-0.1.0/Cargo.toml"))).toBe(true);
  expect(existsSync(join(scene.root, "as-directory/broken-0.1.0/.cargo-checksum.json"))).toBe(true);
  for (const shape of ["cargo-home", "directory", "local-registry"] as const) {
    for (const path of ["app/.cargo", "store", "cargo-home/registry", "app/target"])
      rmSync(join(scene.root, path), { recursive: true, force: true });
    const carried = join(scene.root, `as-${shape}`);
    const home = shape === "cargo-home" ? { env: { CARGO_HOME: carried } } : {};
    const config = shape === "cargo-home" ? [] : ["--config", join(carried, ".cargo-hub/config.toml")];
    await must(offline(scene, home, ["cargo", ...config, "check", "--frozen"]));
    rmSync(join(scene.project, "Cargo.lock"));
    await must(offline(scene, home, ["cargo", ...config, "generate-lockfile", "--offline"]));
    expect(projectText(scene, "Cargo.lock"), shape).toBe(lockfile);
    scene.write("app/.cargo/config.toml", loopback(scene));
    await must(hub(scene, "fill", "--offline", "--from", carried));
    expect(differences(before, timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/)), shape).toEqual([]);
  }
});

function loopback({ registry }: Scene): string {
  return `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${registry.url}"\n`;
}

test("crates that are held unpacked only leave as directory, and come back; the other shapes say what they lack", async () => {
  const scene = await openScene({
    crates: [
      { name: "alpha", version: "1.0.0" },
      { name: "beta", version: "0.2.1" },
    ],
  });
  await must(scene.cargo("vendor", "--respect-source-config", "../vendor"));
  scene.registry.setFault(/./, { kind: "status", status: 500 });
  rmSync(join(scene.cargoHome, "registry"), { recursive: true });
  await must(hub(scene, "fill", "--offline", "--from", "../vendor"));
  const before = timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/);
  await must(hub(scene, "export", "--as", "directory", "../made"));
  for (const shape of ["cargo-home", "local-registry", "sparse"] as const) {
    const args = exportArgs(shape, "https://crates.example", "../never");
    const error = errorOf(await hub(scene, ...args, "--message-format", "json"));
    expect(error.code).toBe("hub/export-incomplete");
    expect(error.what).toContain(`alpha-1.0.0 unpacked only, but an export as ${shape}`);
  }
  for (const path of ["app/.cargo", "store", "vendor"]) rmSync(join(scene.root, path), { recursive: true });
  const config = join(scene.root, "made/.cargo-hub/config.toml");
  await must(offline(scene, {}, ["cargo", "--config", config, "check", "--frozen"]));
  scene.write("app/.cargo/config.toml", loopback(scene));
  await must(hub(scene, "fill", "--offline", "--from", "../made"));
  expect(differences(before, timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$/))).toEqual([]);
});
