import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../support/git.ts";
import { documentOf, errorOf, hub, hubIn, must, offline, openScene, runIn } from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "hashmap", version: "0.17.1" },
];

const libraryPackage = (name: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "0.0.0"\nedition = "2021"\n${more}`;
const features = "\n[features]\ndefault = []\nbacktrace = []\npanic-unwind = []\n";

/** The sources of a standard library that has just the packages for which cargo asks, and one dependency of a registry. */
const library: Readonly<Record<string, string>> = {
  "Cargo.toml":
    '[workspace]\nresolver = "1"\nmembers = ["std", "sysroot", "core", "alloc", "panic_unwind", "compiler_builtins", "proc_macro", "test"]\n',
  "std/Cargo.toml": libraryPackage(
    "std",
    `${features}\n[dependencies]\nhashmap = "0.17"\n${["core", "alloc", "panic_unwind", "compiler_builtins"].map((name) => `${name} = { path = "../${name}" }\n`).join("")}`,
  ),
  "sysroot/Cargo.toml": libraryPackage(
    "sysroot",
    `${features}\n[dependencies]\nproc_macro = { path = "../proc_macro" }\nstd = { path = "../std" }\ntest = { path = "../test" }\n`,
  ),
  ...Object.fromEntries(
    ["core", "alloc", "panic_unwind", "compiler_builtins", "proc_macro", "test"].map((name) => [
      `${name}/Cargo.toml`,
      libraryPackage(name),
    ]),
  ),
};

interface Toolchain {
  readonly rustc: string;
  readonly library: string;
  readonly lockText: () => string;
}

/** A toolchain whose rustc knows its sysroot and nothing else, with the sources of a standard library. */
async function toolchain(scene: Scene, name = "toolchain"): Promise<Toolchain> {
  const sources = `${name}/lib/rustlib/src/rust/library`;
  for (const [path, text] of Object.entries(library)) {
    scene.write(`${sources}/${path}`, text);
    if (path.includes("/")) scene.write(`${sources}/${dirname(path)}/src/lib.rs`, "");
  }
  const replaced = [
    'source.crates-io.replace-with="loopback"',
    `source.loopback.registry="sparse+${scene.registry.url}"`,
  ];
  const config = replaced.flatMap((setting) => ["--config", setting]);
  const manifest = join(scene.root, sources, "Cargo.toml");
  await must(runIn(scene, { cwd: "." }, ["cargo", ...config, "generate-lockfile", "--manifest-path", manifest]));
  const lockfile = join(scene.root, sources, "Cargo.lock");
  const rustc = fakeRustc(scene, `${name}/bin/rustc`, join(scene.root, name));
  return { rustc, library: dirname(lockfile), lockText: () => readFileSync(lockfile, "utf8") };
}

function fakeRustc(scene: Scene, path: string, sysroot: string): string {
  scene.write(path, `#!/bin/sh\n[ "$*" = "--print sysroot" ] && echo '${sysroot}'\n`);
  chmodSync(join(scene.root, path), 0o755);
  return join(scene.root, path);
}

async function open(): Promise<{ scene: Scene; chain: Toolchain }> {
  const scene = await openScene({ crates, deps: { alpha: "1" } });
  return { scene, chain: await toolchain(scene) };
}

const std = (scene: Scene, { rustc }: Toolchain, ...args: readonly string[]): Promise<Finished> =>
  hubIn(scene, { env: { RUSTC: rustc } }, "fill", "--std", ...args);
/** A cargo beside a rustc. */
const cargo = (rustc: string): string => join(dirname(rustc), "cargo");
const nobody = { RUSTC: "/nowhere/rustc" };
const cratesOf = (scene: Scene, project = "app"): string[] =>
  [...readFileSync(join(scene.root, project, ".cargo/hub.lock"), "utf8").matchAll(/ name = "([^"]+)"/g)].map(
    ([, name]) => name ?? "",
  );

test("with --std the hub is enough for -Zbuild-std and for what rust-analyzer asks cargo, with no network", async () => {
  const { scene, chain } = await open();
  const buildStd = (): Promise<Finished> =>
    offline(scene, { env: { RUSTC_BOOTSTRAP: "1", __CARGO_TESTS_ONLY_SRC_ROOT: chain.library } }, [
      "cargo",
      "fetch",
      "-Zbuild-std",
      "--target=x86_64-unknown-linux-gnu",
      "--offline",
    ]);
  const analyzer = (cargoHome: string): Promise<Finished> =>
    offline(scene, { cwd: chain.library, env: { CARGO_HOME: cargoHome } }, [
      "cargo",
      "metadata",
      "--format-version=1",
      "--locked",
      "--filter-platform=x86_64-unknown-linux-gnu",
    ]);
  await must(hub(scene, "fill"));
  expect((await buildStd()).stderr).toContain("no matching package named `hashmap` found");

  const filled = await must(std(scene, chain, "--json"));
  expect(documentOf(filled)).toMatchObject({ crates: 2, installed: 1 });
  expect(readFileSync(join(scene.project, ".cargo/hub.std.lock"), "utf8")).toBe(chain.lockText());
  expect(readFileSync(join(scene.project, ".cargo/hub.toml"), "utf8")).toBe("version = 1\nstd = true\n");
  await must(buildStd());
  const metadata = await must(analyzer(join(scene.project, ".cargo")));
  expect(metadata.stdout).toContain(`${scene.project}/.cargo/registry/src/`);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  expect((await must(hub(scene, "fill"))).stderr).toContain("Fresh");
});

test("a colleague without that toolchain fills from what is committed, and stays able to when the project changes", async () => {
  const { scene, chain } = await open();
  await must(std(scene, chain));
  await git(scene, {}, "init", "-q", "-b", "main");
  await git(scene, {}, "add", "--all");
  await git(scene, {}, "commit", "-q", "-m", "state");
  await git(scene, { cwd: "." }, "clone", "-q", "app", "clone");
  const there = { cwd: "clone", env: nobody };
  await must(hubIn(scene, there, "fill", "--locked"));
  expect(cratesOf(scene, "clone")).toEqual(["alpha", "hashmap"]);
  expect(await hubIn(scene, there, "verify")).toMatchObject({ code: 0 });
  expect(documentOf(await must(hubIn(scene, there, "status", "--json")))).toMatchObject({
    std: "unknown",
    lockfiles: [{ state: "held" }, { path: ".cargo/hub.std.lock", state: "held" }],
  });

  scene.write("clone/Cargo.lock", 'version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n');
  await must(hubIn(scene, there, "fill"));
  expect(cratesOf(scene, "clone")).toEqual(["hashmap"]);
});

test("another toolchain changes nothing until it is asked for, and then not with --locked", async () => {
  const { scene, chain } = await open();
  await must(std(scene, chain));
  scene.registry.add({ name: "hashmap", version: "0.17.2" });
  const newer = await toolchain(scene, "newer");
  expect(newer.lockText()).not.toBe(chain.lockText());
  const env = { RUSTC: newer.rustc };
  const state = async (): Promise<unknown> => documentOf(await must(hubIn(scene, { env }, "status", "--json")))["std"];
  const before = treeFacts(join(scene.project, ".cargo"));
  await must(hubIn(scene, { env }, "fill"));
  expect(await state()).toBe("other");
  expect(errorOf(await std(scene, newer, "--locked", "--message-format", "json")).code).toBe("hub/lock-outdated");
  expect(treeFacts(join(scene.project, ".cargo"))).toEqual(before);

  await must(std(scene, newer));
  expect(await state()).toBe("same");
  expect(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")).toContain('"hashmap", version = "0.17.2"');
});

test("with std taken out of hub.toml its crates and the copy go; a file of that name that is not ours stays", async () => {
  const { scene, chain } = await open();
  await must(std(scene, chain));
  scene.write("app/.cargo/hub.toml", "version = 1\n");
  expect(documentOf(await must(hub(scene, "fill", "--json")))).toMatchObject({ removed: [{ name: "hashmap" }] });
  expect(existsSync(join(scene.project, ".cargo/hub.std.lock"))).toBe(false);
  scene.write("app/.cargo/hub.std.lock", "mine");
  rmSync(join(scene.project, ".cargo/hub.lock"));
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/hub.std.lock"), "utf8")).toBe("mine");
});

test.each(["the lockfile", "its directory"])("--std-lock takes %s, and needs no toolchain", async (kind) => {
  const { scene, chain } = await open();
  const path = kind === "the lockfile" ? "library.lock" : "lib";
  writeFileSync(join(scene.project, "library.lock"), chain.lockText());
  mkdirSync(join(scene.project, "lib"));
  writeFileSync(join(scene.project, "lib/Cargo.lock"), chain.lockText());
  await must(hubIn(scene, { env: nobody }, "fill", "--std-lock", path));
  expect(cratesOf(scene)).toEqual(["alpha", "hashmap"]);
});

test.each([
  ["a toolchain without sources", "bare"],
  ["a rustc that is not there", "/nowhere/rustc"],
  ["a rustc that fails", "/bin/false"],
])("%s is one clear error, and nothing is written", async (_kind, program) => {
  const { scene } = await open();
  const rustc = program === "bare" ? fakeRustc(scene, "bare/bin/rustc", join(scene.root, "bare")) : program;
  await must(scene.cargo("generate-lockfile"));
  const before = treeFacts(scene.project);
  const error = errorOf(await hubIn(scene, { env: { RUSTC: rustc } }, "fill", "--std", "--message-format", "json"));
  expect(error).toMatchObject({
    code: "hub/std-missing",
    help: expect.stringContaining("rustup component add rust-src"),
  });
  expect(treeFacts(scene.project)).toEqual(before);
});

test("--std-lock with a path that is not there names it", async () => {
  const { scene } = await open();
  const error = errorOf(await hub(scene, "fill", "--std-lock", "lost", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/std-missing", where: join(scene.project, "lost") });
});

test("rustc is RUSTC, else build.rustc, else the one beside CARGO, else the one on PATH", async () => {
  const { scene, chain } = await open();
  const bare = fakeRustc(scene, "bare/bin/rustc", join(scene.root, "bare"));
  const path = (rustc: string): string => `${dirname(rustc)}:${scene.env["PATH"] ?? ""}`;
  const config = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
  const works = async (env: Record<string, string>, rustc?: string): Promise<boolean> => {
    const build = rustc === undefined ? "" : `\n[build]\nrustc = "${rustc}"\n`;
    scene.write("app/.cargo/config.toml", config + build);
    rmSync(join(scene.project, ".cargo/hub.std.lock"), { force: true });
    return (await hubIn(scene, { env }, "fill", "--std")).code === 0;
  };
  expect(await works({ RUSTC: chain.rustc }, bare)).toBe(true);
  expect(await works({ RUSTC: bare }, chain.rustc)).toBe(false);
  expect(await works({ CARGO: cargo(bare) }, chain.rustc)).toBe(true);
  expect(await works({ CARGO: cargo(chain.rustc), PATH: path(bare) })).toBe(true);
  expect(await works({ CARGO: cargo(bare), PATH: path(chain.rustc) })).toBe(false);
  expect(await works({ PATH: path(chain.rustc) })).toBe(true);
  expect(await works({ CARGO: "cargo", PATH: path(bare) })).toBe(false);
});

test("a toolchain before 1.83 has the lockfile one directory further up", async () => {
  const { scene, chain } = await open();
  scene.write("old/lib/rustlib/src/rust/Cargo.lock", chain.lockText());
  await must(std(scene, { ...chain, rustc: fakeRustc(scene, "old/bin/rustc", join(scene.root, "old")) }));
  expect(cratesOf(scene)).toEqual(["alpha", "hashmap"]);
});

test("a copy that is lost is a problem, and comes back from the toolchain; one that was changed is told", async () => {
  const { scene, chain } = await open();
  await must(std(scene, chain));
  const copy = join(scene.project, ".cargo/hub.std.lock");
  rmSync(copy);
  expect(documentOf(await hub(scene, "verify", "--json"))).toMatchObject({
    problems: 1,
    missing: [{ area: "lockfile", path: copy }],
  });
  expect(errorOf(await hubIn(scene, { env: nobody }, "fill", "--message-format", "json")).code).toBe("hub/std-missing");
  await must(hubIn(scene, { env: { RUSTC: chain.rustc } }, "verify", "--repair"));
  expect(readFileSync(copy, "utf8")).toBe(chain.lockText());
  writeFileSync(copy, `${chain.lockText()}\n`);
  expect(documentOf(await hub(scene, "verify", "--json"))).toMatchObject({ problems: 1, outdated: [copy] });
});

test.each([
  ["version = 1\n", "version = 1\nstd = true\n"],
  ["version = 1", "version = 1\nstd = true\n"],
  [
    '# ours\r\nversion = 1 # first\r\nmode = "directory"\r\n',
    '# ours\r\nversion = 1 # first\r\nstd = true\r\nmode = "directory"\r\n',
  ],
  ["std = false # not yet\nversion = 1\n", "std = true # not yet\nversion = 1\n"],
])("hub.toml %j becomes %j", async (before, after) => {
  const { scene, chain } = await open();
  scene.write("app/.cargo/hub.toml", before);
  await must(std(scene, chain));
  expect(readFileSync(join(scene.project, ".cargo/hub.toml"), "utf8")).toBe(after);
});

test("--std together with --recursive and --with goes into each hub, with the caller's paths", async () => {
  const { scene, chain } = await open();
  writeFileSync(join(scene.root, "alpha-1.0.0.crate"), scene.registry.built("alpha", "1.0.0").crate);
  scene.write("projects/one/Cargo.lock", "version = 4\n");
  scene.write("projects/two/Cargo.lock", "version = 4\n");
  const at = { cwd: "projects", env: { RUSTC: chain.rustc, CARGO_HOME: scene.cargoHome } };
  scene.write(
    "cargo-home/config.toml",
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n`,
  );
  const filled = await hubIn(scene, at, "fill", "--std", "--with", "../alpha-1.0.0.crate", "--json");
  expect(documentOf(filled)).toMatchObject({ hubs: [{ crates: 2 }, { crates: 2 }], failed: [] });
  for (const project of ["one", "two"])
    expect(readFileSync(join(scene.root, "projects", project, ".cargo/hub.toml"), "utf8")).toContain(
      '"../../alpha-1.0.0.crate"',
    );
});
