import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cratesIoIdent, hub, must, offline, openScene, runIn } from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { type StaticServer, startStaticServer } from "../support/static-server.ts";
import { filesBelow } from "../support/tree-facts.ts";

const shapes = ["cargo-home", "directory", "local-registry", "sparse"] as const;

type Shape = (typeof shapes)[number];

const crates = [
  { name: "alpha", version: "1.0.0", buildScript: true },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" }, procMacro: true },
  { name: "gamma-ray", version: "3.0.0+build.7", files: { ".gitignore": "target\n", "src/data.txt": "data\n" } },
];

interface Exported {
  readonly scene: Scene;
  readonly server: StaticServer;
  /** Where the exports were carried to. */
  readonly carried: string;
}

/** Exports the filled hub in one shape and carries the result elsewhere; the hub, the store and the registry are gone then. */
async function exportAndCarry(scene: Scene, shape: Shape): Promise<Exported> {
  const server = await startStaticServer();
  onTestFinished(() => server.close());
  const base = shape === "sparse" ? ["--base-url", `${server.origin}/`] : [];
  await must(hub(scene, "export", "--as", shape, ...base, "../made"));
  const carried = join(scene.root, "elsewhere", "carried");
  mkdirSync(join(scene.root, "elsewhere"));
  renameSync(join(scene.root, "made"), carried);
  for (const path of ["app/.cargo", "store"]) rmSync(join(scene.root, path), { recursive: true });
  scene.registry.setFault(/./, { kind: "status", status: 500 });
  server.serve(carried);
  return { scene, server, carried };
}

/** Runs cargo on the project with nothing but the export. */
function cargoWith({ scene, carried }: Exported, shape: Shape, args: readonly string[]): Promise<Finished> {
  if (shape === "cargo-home") return offline(scene, { env: { CARGO_HOME: carried } }, ["cargo", ...args, "--offline"]);
  const command = ["cargo", "--config", join(carried, ".cargo-hub/config.toml"), ...args];
  return shape === "sparse" ? runIn(scene, {}, command) : offline(scene, {}, [...command, "--offline"]);
}

test.each(shapes)("cargo builds from an export as %s alone, and writes the same lockfile", async (shape) => {
  const scene = await openScene({ crates });
  await must(hub(scene, "fill"));
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  const exported = await exportAndCarry(scene, shape);
  const built = await cargoWith(exported, shape, ["build", "--locked"]);
  expect(built.code, built.stderr).toBe(0);
  rmSync(join(scene.project, "Cargo.lock"));
  const locked = await cargoWith(exported, shape, ["generate-lockfile"]);
  expect(locked.code, locked.stderr).toBe(0);
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lock);
});

test.each(shapes)("an export as %s of two registries works for both", async (shape) => {
  const scene = await openScene({
    crates: [...crates, { name: "inhouse", version: "2.0.0" }],
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nalpha = "1"\ninhouse = { version = "2", registry = "corp" }\n',
    },
  });
  const corp = `sparse+${scene.registry.url.replace("127.0.0.1", "localhost")}`;
  const registries = `[registries.corp]\nindex = "${corp}"\n`;
  scene.write(
    "app/.cargo/config.toml",
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n\n${registries}`,
  );
  await must(hub(scene, "fill"));
  const exported = await exportAndCarry(scene, shape);
  scene.write("app/.cargo/config.toml", registries);
  const built = await cargoWith(exported, shape, ["check", "--locked"]);
  expect(built.code, built.stderr).toBe(0);
});

test("each shape holds the documented files and no others", async () => {
  const scene = await openScene({ crates });
  await must(hub(scene, "fill"));
  const packages = ["alpha-1.0.0", "beta-0.2.1", "gamma-ray-3.0.0+build.7"];
  const names = ["al/ph/alpha", "be/ta/beta", "ga/mm/gamma-ray"];
  const sources: Record<string, string[]> = {
    "alpha-1.0.0": ["build.rs"],
    "gamma-ray-3.0.0+build.7": [".gitignore", "src/data.txt"],
  };
  const own = [".cargo-hub/SHA256SUMS", ".cargo-hub/export.toml", ".cargo-hub/hub.lock"];
  const config = ".cargo-hub/config.toml";
  const upstream = `.cargo-hub/registry/index/${cratesIoIdent}/config.json`;
  const unpacked = (root: string, mark: string): string[] =>
    packages.flatMap((name) =>
      [mark, "Cargo.toml", "Cargo.toml.orig", "src/lib.rs", ...(sources[name] ?? [])].map(
        (path) => `${root}${name}/${path}`,
      ),
    );
  const expected: Record<Shape, string[]> = {
    "cargo-home": [
      "config.toml",
      "registry/CACHEDIR.TAG",
      `registry/index/${cratesIoIdent}/config.json`,
      ...names.map((name) => `registry/index/${cratesIoIdent}/.cache/${name}`),
      ...packages.map((name) => `registry/cache/${cratesIoIdent}/${name}.crate`),
      ...unpacked(`registry/src/${cratesIoIdent}/`, ".cargo-ok"),
    ],
    directory: [
      config,
      upstream,
      ...names.map((name) => `.cargo-hub/registry/index/${cratesIoIdent}/${name}`),
      ...packages.map((name) => `.cargo-hub/registry/cache/${cratesIoIdent}/${name}.crate`),
      ...unpacked("", ".cargo-checksum.json"),
    ],
    "local-registry": [
      config,
      upstream,
      ...names.map((name) => `index/${name}`),
      ...packages.map((name) => `${name}.crate`),
    ],
    sparse: [
      config,
      upstream,
      "index/config.json",
      ...names.map((name) => `index/${name}`),
      ...packages.map((name) => `crates/${name}.crate`),
    ],
  };
  for (const shape of shapes) {
    const base = shape === "sparse" ? ["--base-url", "https://crates.example/hub/"] : [];
    await must(hub(scene, "export", "--as", shape, ...base, `../as-${shape}`));
    expect(filesBelow(join(scene.root, `as-${shape}`))).toEqual([...own, ...expected[shape]].toSorted());
    const checked = await runIn(scene, { cwd: `as-${shape}` }, [
      "sha256sum",
      "--check",
      "--strict",
      "--quiet",
      own[0] ?? "",
    ]);
    expect(checked, shape).toMatchObject({ code: 0, stdout: "" });
  }
  expect(readFileSync(join(scene.root, "as-sparse/index/config.json"), "utf8")).toBe(
    '{"dl":"https://crates.example/hub/crates/{crate}-{version}.crate"}\n',
  );
});

test("an export as directory is what cargo vendor makes, but for files that git would change or hide", async () => {
  const scene = await openScene({ crates });
  await must(hub(scene, "fill"));
  await must(hub(scene, "export", "--as", "directory", "../ours"));
  await must(hub(scene, "off"));
  await must(scene.cargo("vendor", "--versioned-dirs", "--respect-source-config", "../cargos"));
  const ours = filesBelow(join(scene.root, "ours"), /^\.cargo-hub$/);
  const cargos = filesBelow(join(scene.root, "cargos"));
  expect(ours.filter((path) => !cargos.includes(path))).toEqual(["gamma-ray-3.0.0+build.7/.gitignore"]);
  for (const path of cargos)
    expect(readFileSync(join(scene.root, "ours", path), "utf8"), path).toBe(
      readFileSync(join(scene.root, "cargos", path), "utf8"),
    );
});

test("a sparse export is needed nowhere but where it is served: cargo asks for absolute addresses below --base-url", async () => {
  const scene = await openScene({ crates });
  await must(hub(scene, "fill"));
  const server = await startStaticServer();
  onTestFinished(() => server.close());
  await must(hub(scene, "export", "--as", "sparse", "--base-url", `${server.origin}/a/b%20c/`, "../site"));
  cpSync(join(scene.root, "site"), join(scene.root, "docroot/a/b c"), { recursive: true });
  server.serve(join(scene.root, "docroot"));
  rmSync(join(scene.project, ".cargo"), { recursive: true });
  const config = join(scene.root, "site/.cargo-hub/config.toml");
  await must(runIn(scene, {}, ["cargo", "--config", config, "fetch", "--locked"]));
  expect(server.paths).toContain("/a/b%20c/crates/gamma-ray-3.0.0+build.7.crate");
});
