import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cratesIoIdent, hub, hubIn, must, offline } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";
import { differences, filesBelow, timedFacts, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0", buildScript: true },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" }, procMacro: true },
  { name: "gamma-ray", version: "3.0.0+build.7" },
] as const;

describe("a filled hub", () => {
  let scene: Scene;
  let lock: Buffer;
  const read = (path: string): string => readFileSync(join(scene.project, path), "utf8");

  beforeAll(async () => {
    scene = await stage({ crates });
    await must(scene.cargo("generate-lockfile"));
    lock = readFileSync(join(scene.project, "Cargo.lock"));
    await must(hub(scene, "fill"));
  });
  afterAll(() => scene.close());

  test("holds the documented files and no others", () => {
    const packages = ["alpha-1.0.0", "beta-0.2.1", "gamma-ray-3.0.0+build.7"];
    const sources: Record<string, string[]> = { "alpha-1.0.0": ["build.rs"] };
    const expected = [
      ".cargo/.gitattributes",
      ".cargo/.gitignore",
      ".cargo/config.toml",
      ".cargo/hub.config.toml",
      ".cargo/hub.lock",
      ".cargo/registry/.hub-held",
      ".cargo/registry/.hub-lock",
      ".cargo/registry/CACHEDIR.TAG",
      ".cargo/registry/source.toml",
      ...packages.map((name) => `.cargo/registry/cache/${ident}/${name}.crate`),
      ...["config.json", "config.json.sha256"].map((name) => `.cargo/registry/index/${ident}/${name}`),
      ...["al/ph/alpha", "be/ta/beta", "ga/mm/gamma-ray"].flatMap((path) => [
        `.cargo/registry/index/${ident}/${path}`,
        `.cargo/registry/index/${ident}/.cache/${path}`,
      ]),
      ...packages.flatMap((name) =>
        [
          ".cargo-checksum.json",
          ".cargo-ok",
          "Cargo.toml",
          "Cargo.toml.orig",
          "src/lib.rs",
          ...(sources[name] ?? []),
        ].map((path) => `.cargo/registry/src/${ident}/${name}/${path}`),
      ),
      "Cargo.lock",
      "Cargo.toml",
      "src/main.rs",
    ];
    expect(filesBelow(scene.project)).toEqual(expected.toSorted());
    expect(read(".cargo/registry/CACHEDIR.TAG")).toBe("");
  });

  test("builds with cargo --frozen, with no network and an empty CARGO_HOME, and leaves Cargo.lock as it was", async () => {
    const before = treeFacts(join(scene.project, ".cargo"));
    const built = await offline(scene, {}, ["cargo", "build", "--frozen"]);
    expect(built.code, built.stderr).toBe(0);
    const ran = await offline(scene, {}, ["cargo", "run", "--frozen", "--quiet"]);
    expect(ran.stdout).toBe("built offline\n");
    expect(readFileSync(join(scene.project, "Cargo.lock")).equals(lock)).toBe(true);
    expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
  });

  test("records in hub.lock what each crate is, by the lockfile's source and never by the mirror", () => {
    const text = read(".cargo/hub.lock");
    expect(text).not.toContain("127.0.0.1");
    expect(text).toContain(
      '{ source = "registry+https://github.com/rust-lang/crates.io-index", name = "alpha", version = "1.0.0", ' +
        `sha256 = "${scene.registry.built("alpha", "1.0.0").checksum}", ` +
        `size = ${scene.registry.built("alpha", "1.0.0").crate.length}, kind = "full"`,
    );
    expect(text).toMatch(/name = "alpha".*runs = \["build-script"\], license = "MIT OR Apache-2.0" \},\n/);
    expect(text).toMatch(/name = "beta".*runs = \["proc-macro"\]/);
    expect(text).toMatch(/name = "gamma-ray", version = "3.0.0\+build.7".*runs = \[\]/);
  });

  test("has upstream's index lines verbatim", () => {
    for (const [name, version, path] of [
      ["alpha", "1.0.0", "al/ph/alpha"],
      ["gamma-ray", "3.0.0+build.7", "ga/mm/gamma-ray"],
    ] as const) {
      expect(read(`.cargo/registry/index/${ident}/${path}`)).toBe(`${scene.registry.built(name, version).line}\n`);
    }
  });

  test("passes verify", async () => {
    const verified = await hub(scene, "verify", "--json");
    expect(JSON.parse(verified.stdout)).toMatchObject({
      crates: 3,
      missing: [],
      damaged: [],
      foreign: [],
      outdated: [],
      problems: 0,
    });
    expect(verified.code).toBe(0);
  });

  test("is the same in every byte, mode and time wherever it is filled, also through another mirror", async () => {
    const own = timedFacts(join(scene.project, ".cargo"));
    const other = await stage({ crates, registry: { dl: "{origin}/elsewhere/{sha256-checksum}" } });
    try {
      // The mirror stands in another place and has another name.
      other.write("app/.cargo/config.toml", read(".cargo/config.toml").replace(scene.registry.url, other.registry.url));
      other.write("app/Cargo.lock", lock.toString("utf8"));
      mkdirSync(join(other.root, "elsewhere"));
      const env = { CARGO_HUB_STORE: join(other.root, "elsewhere/store"), CARGO_HOME: join(other.root, "elsewhere") };
      const filled = await hubIn(other, { env }, "fill");
      expect(filled.code, filled.stderr).toBe(0);
      expect(differences(own, timedFacts(join(other.project, ".cargo")))).toEqual([
        "config.toml", // holds the mirror's address, which this test wrote
        `registry/index/${ident}/config.json`,
        `registry/index/${ident}/config.json.sha256`,
      ]);
    } finally {
      await other.close();
    }
  });

  test("does not depend on a mirror in somebody's CARGO_HOME", async () => {
    const texts: Record<string, unknown>[] = [];
    for (const name of ["corp", "team-mirror"]) {
      const other = await stage({ crates, files: { ".cargo/config.toml": "[build]\njobs = 1\n" } });
      try {
        other.write(
          "cargo-home/config.toml",
          `[source.crates-io]\nreplace-with = "${name}"\n\n[source.${name}]\nregistry = "sparse+${other.registry.url}"\n`,
        );
        other.write("app/Cargo.lock", lock.toString("utf8"));
        const filled = await hub(other, "fill");
        expect(filled.code, filled.stderr).toBe(0);
        texts.push(timedFacts(join(other.project, ".cargo"), /config\.json/));
        const built = await offline(other, {}, ["cargo", "check", "--frozen"]);
        expect(built.code, built.stderr).toBe(0);
      } finally {
        await other.close();
      }
    }
    expect(differences(texts[0] ?? {}, texts[1] ?? {})).toEqual([]);
  });
});

test("a project without dependencies gets an empty hub that builds and takes its first crate later", async () => {
  const scene = await stage({ crates: [{ name: "alpha", version: "1.0.0" }], deps: {} });
  try {
    expect(await hub(scene, "fill")).toMatchObject({ code: 0 });
    expect(await offline(scene, {}, ["cargo", "build", "--frozen"])).toMatchObject({ code: 0 });
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
    expect((await hub(scene, "fill")).stderr).toContain("Fresh");
    rmSync(join(scene.project, "Cargo.lock"));
    scene.write("app/Cargo.toml", '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nalpha = "1"\n');
    const filled = await hub(scene, "fill");
    expect(filled.code, filled.stderr).toBe(0);
    expect(await offline(scene, {}, ["cargo", "build", "--frozen"])).toMatchObject({ code: 0 });
  } finally {
    await scene.close();
  }
});
