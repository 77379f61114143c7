import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildCrate } from "../support/crate-builder.ts";
import { errorOf, hub, must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, timedFacts, touchedFacts } from "../support/tree-facts.ts";

const crates = [{ name: "alpha", version: "1.0.0" }];

const LIBRARY: Readonly<Record<string, string>> = {
  "Cargo.toml":
    '[package]\nname = "mylib"\nversion = "0.3.0"\nedition = "2021"\ndescription = "mine"\n\n[dependencies]\nalpha = "1"\n\n[features]\nmore = []\n',
  "src/lib.rs": 'pub const TEXT: &str = include_str!("../data.txt");\n',
  "data.txt": "hello\n",
  "run.sh": "#!/bin/sh\n",
  ".hidden": "not packed\n",
  "target/debug/junk": "not packed\n",
};

function write(scene: Scene, below: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) scene.write(`${below}/${path}`, text);
}

function read(scene: Scene, path: string): string {
  return readFileSync(join(scene.project, path), "utf8");
}

/** The error that a fill ends with, by code. */
async function refusal(scene: Scene, ...args: readonly string[]): Promise<string> {
  const before = existsSync(join(scene.project, ".cargo/hub.toml"));
  const run = await hub(scene, "fill", ...args, "--message-format", "json");
  expect(run.code).toBe(101);
  expect(existsSync(join(scene.project, ".cargo/hub.toml"))).toBe(before);
  return errorOf(run).code;
}

test("a package folder is packed, found by cargo add with no network, and stays", async () => {
  const scene = await openScene({ crates });
  write(scene, "mylib", LIBRARY);
  chmodSync(join(scene.root, "mylib/run.sh"), 0o755);
  const filled = await must(hub(scene, "fill", "--with", "../mylib"));
  expect(filled.stderr).toContain("Packaging mylib v0.3.0");
  expect(read(scene, ".cargo/hub.toml")).toBe('version = 1\nwith = ["../mylib"]\n');
  await must(offline(scene, {}, ["cargo", "add", "mylib", "--offline", "--features", "more"]));
  scene.write("app/src/main.rs", 'fn main() {\n    print!("{}", mylib::TEXT);\n}\n');
  const ran = await must(offline(scene, {}, ["cargo", "run", "--offline", "--quiet"]));
  expect(ran.stdout).toBe("hello\n");
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  await must(hub(scene, "fill", "--offline"));
  await must(hub(scene, "verify"));
  const before = touchedFacts(join(scene.project, ".cargo"));
  expect((await must(hub(scene, "fill", "--frozen"))).stderr).toMatch(/^ +Fresh 2 crates, /);
  expect(differences(before, touchedFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("the same folder gives the same hub.lock wherever it lies", async () => {
  const locks = [];
  for (const files of [LIBRARY, { ...LIBRARY, "target/release/other": "", ".other": "" }]) {
    const scene = await openScene({ crates });
    write(scene, "mylib", files);
    await must(hub(scene, "fill", "--with", "../mylib"));
    locks.push(
      read(scene, ".cargo/hub.lock")
        .split("\n")
        .filter((line) => line.includes('"mylib"'))
        .join(),
    );
  }
  expect(locks[0]).toContain('"mylib"');
  expect(locks[1]).toBe(locks[0]);
});

test("a crate file serves what a lockfile names, with no request for it", async () => {
  const scene = await openScene({ crates: [...crates, { name: "beta", version: "2.0.0", deps: { alpha: "1" } }] });
  await must(scene.cargo("generate-lockfile"));
  const lock = read(scene, "Cargo.lock");
  writeFileSync(join(scene.root, "beta-2.0.0.crate"), scene.registry.built("beta", "2.0.0").crate);
  scene.registry.requests.length = 0;
  await must(hub(scene, "fill", "--with", "../beta-2.0.0.crate"));
  expect(scene.registry.paths().filter((path) => path.includes("beta"))).toEqual([]);
  await must(offline(scene, {}, ["cargo", "build", "--frozen"]));
  expect(read(scene, "Cargo.lock")).toBe(lock);
  await must(hub(scene, "fill", "--refresh"));
  expect(scene.registry.paths().filter((path) => path.includes("beta"))).toEqual([]);
  await must(hub(scene, "verify"));
});

test.each(["cargo-home", "directory", "local-registry", "sparse"])(
  "where the folder is not, the crate comes from an export as %s",
  async (shape) => {
    const scene = await openScene({ crates });
    write(scene, "mylib", LIBRARY);
    await must(hub(scene, "fill", "--with", "../mylib"));
    await must(offline(scene, {}, ["cargo", "add", "mylib", "--offline", "--features", "more"]));
    await must(offline(scene, {}, ["cargo", "check", "--offline"]));
    await must(hub(scene, "fill"));
    const before = timedFacts(join(scene.project, ".cargo/registry"), /^\.hub-lock$/);
    const baseUrl = shape === "sparse" ? ["--base-url", "https://crates.example"] : [];
    await must(hub(scene, "export", "--as", shape, ...baseUrl, "../out"));
    const lock = read(scene, ".cargo/hub.lock");
    for (const path of ["mylib", "store", "app/.cargo/registry", "app/.cargo/hub.toml", "app/.cargo/hub.lock"])
      rmSync(join(scene.root, path), { recursive: true });
    await must(hub(scene, "fill", "--offline", "--from", "../out"));
    expect(read(scene, ".cargo/hub.lock")).toBe(lock);
    expect(differences(before, timedFacts(join(scene.project, ".cargo/registry"), /^\.hub-lock$/))).toEqual([]);
    await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  },
);

test("without any other crate nobody is asked", async () => {
  const scene = await openScene({ crates: [], deps: {} });
  write(scene, "lone", { "Cargo.toml": '[package]\nname = "lone"\nversion = "1.0.0"\n', "src/lib.rs": "" });
  await must(hub(scene, "fill", "--offline", "--with", "../lone"));
  expect(scene.registry.paths()).toEqual([]);
  await must(offline(scene, {}, ["cargo", "add", "lone", "--offline"]));
  await must(offline(scene, {}, ["cargo", "build", "--offline"]));
});

test("what hub.toml names no more goes with the next fill", async () => {
  const scene = await openScene({ crates });
  write(scene, "mylib", LIBRARY);
  await must(hub(scene, "fill", "--with", "../mylib"));
  scene.write("app/.cargo/hub.toml", "version = 1\n");
  expect((await must(hub(scene, "fill"))).stderr).toContain("Removing mylib v0.3.0");
  await must(hub(scene, "verify"));
});

test("an edited folder makes the next fill pack it anew, unless --locked", async () => {
  const scene = await openScene({ crates });
  write(scene, "mylib", LIBRARY);
  await must(hub(scene, "fill", "--with", "../mylib"));
  scene.write("mylib/data.txt", "changed\n");
  expect(await refusal(scene, "--locked")).toBe("hub/lock-outdated");
  expect((await must(hub(scene, "fill"))).stderr).toContain("Packaging mylib v0.3.0");
  await must(hub(scene, "verify"));
});

test("a member of a workspace in a checkout brings what it inherits and nothing that git ignores", async () => {
  const scene = await openScene({ crates });
  write(scene, "all", {
    "Cargo.toml":
      '[workspace]\nmembers = ["m"]\nresolver = "2"\n[workspace.package]\nversion = "4.5.6"\nlicense = "MIT"\n[workspace.dependencies]\nalpha = "1"\n',
    "m/Cargo.toml":
      '[package]\nname = "m"\nversion.workspace = true\nlicense.workspace = true\n[dependencies]\nalpha.workspace = true\n',
    "m/src/lib.rs": "",
    "m/.kept": "",
    "m/ignored.log": "",
    ".gitignore": "*.log\n",
  });
  for (const args of [
    ["init", "-q"],
    ["add", "."],
  ])
    await must(scene.run("git", ["-C", join(scene.root, "all"), ...args]));
  await must(hub(scene, "fill", "--with", "../all/m"));
  const unpacked = join(scene.project, ".cargo/registry/src");
  const found = await must(scene.run("find", [unpacked, "-path", "*m-4.5.6/*", "-type", "f", "-printf", "%P\n"]));
  const names = found.stdout.split("\n").map((path) => path.replace(/^.*?m-4\.5\.6\//, ""));
  expect(names.filter((name) => name !== "").sort()).toEqual(
    [".cargo-checksum.json", ".cargo-ok", ".kept", "Cargo.toml", "Cargo.toml.orig", "src/lib.rs"].sort(),
  );
  expect(read(scene, ".cargo/hub.lock")).toMatch(/"m", version = "4\.5\.6".*license = "MIT"/);
});

test("a package that may be published to one registry belongs to it", async () => {
  const scene = await openScene({ crates });
  write(scene, "corp", {
    "Cargo.toml": '[package]\nname = "corp"\nversion = "1.0.0"\npublish = ["corp"]\n[dependencies]\nalpha = "1"\n',
    "src/lib.rs": "",
  });
  const config = read(scene, ".cargo/config.toml");
  const index = "sparse+http://127.0.0.1:9/index/";
  scene.write("app/.cargo/config.toml", `${config}\n[registries.corp]\nindex = "${index}"\n`);
  await must(hub(scene, "fill", "--with", "../corp"));
  expect(read(scene, ".cargo/hub.lock")).toContain(`source = "${index}", name = "corp"`);
  await must(offline(scene, {}, ["cargo", "add", "corp", "--registry", "corp", "--offline"]));
  await must(offline(scene, {}, ["cargo", "build", "--offline"]));
});

test("a lockfile's checksum counts", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const other = buildCrate({ name: "alpha", version: "1.0.0", files: { "src/lib.rs": "// other\n" } });
  writeFileSync(join(scene.root, "alpha-1.0.0.crate"), other.crate);
  expect(await refusal(scene, "--with", "../alpha-1.0.0.crate")).toBe("plan/with-checksum");
});

test("a crate file that is another one is refused", async () => {
  const scene = await openScene({ crates });
  const { crate } = buildCrate({ name: "beta", version: "1.0.0" });
  writeFileSync(join(scene.root, "gamma-1.0.0.crate"), crate);
  expect(await refusal(scene, "--with", "../gamma-1.0.0.crate")).toBe("hub/with-mismatch");
  const liar = buildCrate({
    name: "beta",
    version: "1.0.0",
    files: { "Cargo.toml": '[package]\nname = "gamma"\nversion = "1.0.0"\n' },
  });
  writeFileSync(join(scene.root, "beta-1.0.0.crate"), liar.crate);
  expect(await refusal(scene, "--with", "../beta-1.0.0.crate")).toBe("hub/with-mismatch");
  writeFileSync(join(scene.root, "beta-1.0.0.crate"), "no crate at all");
  expect(await refusal(scene, "--with", "../beta-1.0.0.crate")).toBe("archive/not-gzip");
});

test.each([
  ["nothing", {}, "hub/with-missing"],
  ["no manifest", { "src/lib.rs": "" }, "hub/with-missing"],
  [
    "a path without a version",
    {
      "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\n[dependencies]\ny = { path = "y" }\n',
      "src/lib.rs": "",
    },
    "cargo/manifest-invalid",
  ],
  [
    "two registries",
    { "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\npublish = ["a", "b"]\n', "src/lib.rs": "" },
    "hub/with-registry",
  ],
  [
    "an unknown registry",
    {
      "Cargo.toml":
        '[package]\nname = "x"\nversion = "1.0.0"\n[dependencies]\ny = { version = "1", registry = "nobody" }\n',
      "src/lib.rs": "",
    },
    "hub/with-registry",
  ],
  [
    "no readme",
    { "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\nreadme = "R.md"\n', "src/lib.rs": "" },
    "cargo/package-file-missing",
  ],
] satisfies readonly (readonly [string, Readonly<Record<string, string>>, string])[])(
  "a folder with %s is refused",
  async (_name, files, code) => {
    const scene = await openScene({ crates });
    write(scene, "x", files);
    expect(await refusal(scene, "--with", "../x")).toBe(code);
  },
);

test("a link that leaves the package is refused, and --locked keeps hub.toml", async () => {
  const scene = await openScene({ crates });
  write(scene, "mylib", LIBRARY);
  writeFileSync(join(scene.root, "secret"), "secret\n");
  symlinkSync("../secret", join(scene.root, "mylib/secret"));
  expect(await refusal(scene, "--with", "../mylib")).toBe("hub/with-link");
  rmSync(join(scene.root, "mylib/secret"));
  expect(await refusal(scene, "--with", "../mylib", "--locked")).toBe("hub/lock-outdated");
  mkdirSync(join(scene.root, "elsewhere"));
  copyFileSync(join(scene.root, "secret"), join(scene.root, "elsewhere/file"));
  symlinkSync("../elsewhere", join(scene.root, "mylib/linked"));
  expect(await refusal(scene, "--with", "../mylib")).toBe("hub/with-link");
});
