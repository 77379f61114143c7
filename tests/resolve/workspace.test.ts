import { join } from "node:path";
import { expect, test } from "vitest";
import type { Update } from "../../src/resolve/index.ts";
import { resolveDirectory } from "../support/resolve-driver.ts";
import { compareNew, compareUpdate, expectSameLock, type SceneOptions, scene } from "./scene.ts";

const member = (name: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;

/** Rows end in cargo's lockfile or in a failure of both. */
const rows: Readonly<Record<string, SceneOptions & { readonly fails?: true }>> = {
  "a virtual workspace whose members share dependencies": {
    crates: [
      { name: "x", version: "1.2.0", features: { fast: [], slow: [] }, deps: { y: { version: "1", optional: true } } },
      { name: "y", version: "1.0.0" },
    ],
    manifest:
      '[workspace]\nmembers = ["a", "b"]\n' +
      '[workspace.dependencies]\nx = { version = "1", default-features = false, features = ["fast"] }\nb.path = "b"\n',
    files: {
      "app/a/Cargo.toml": member(
        "a",
        '[dependencies]\nx = { workspace = true, features = ["y"] }\nb.workspace = true\n',
      ),
      "app/b/Cargo.toml": member("b", "[build-dependencies]\nx.workspace = true\n"),
    },
  },
  "members whose order decides": {
    crates: [
      { name: "x", version: "1.0.0" },
      { name: "x", version: "1.1.0" },
      { name: "p", version: "1.0.0", deps: { x: "=1.0.0" } },
      { name: "p", version: "1.1.0", deps: { x: "=1.1.0" } },
      { name: "q", version: "1.0.0", deps: { x: "=1.1.0" } },
      { name: "q", version: "1.1.0", deps: { x: "=1.0.0" } },
    ],
    manifest: '[workspace]\nmembers = ["b", "a"]\n',
    files: {
      "app/a/Cargo.toml": member("a", '[dependencies]\np = "1"\n'),
      "app/b/Cargo.toml": member("b", '[dependencies]\nq = "1"\n'),
    },
  },
  "Rust versions of all members": {
    crates: [
      { name: "x", version: "1.0.0", rustVersion: "1.50" },
      { name: "x", version: "1.1.0", rustVersion: "1.60" },
      { name: "x", version: "1.2.0", rustVersion: "1.70" },
    ],
    manifest: '[workspace]\nmembers = ["a", "b", "c"]\nresolver = "3"\n',
    files: {
      "app/a/Cargo.toml": member("a", 'rust-version = "1.65"\n[dependencies]\nx = "1"\n'),
      "app/b/Cargo.toml": member("b", 'rust-version = "1.75"\n'),
      "app/c/Cargo.toml": member("c"),
    },
  },
  "a virtual workspace of edition 2024 without a resolver": {
    crates: [
      { name: "x", version: "1.0.0", rustVersion: "1.50" },
      { name: "x", version: "1.2.0", rustVersion: "1.999" },
    ],
    manifest: '[workspace]\nmembers = ["a"]\n',
    files: { "app/a/Cargo.toml": member("a", '[dependencies]\nx = "1"\n').replace("2021", "2024") },
  },
  "a root package of edition 2024": {
    crates: [
      { name: "x", version: "1.0.0", rustVersion: "1.50" },
      { name: "x", version: "1.2.0", rustVersion: "1.999" },
    ],
    manifest: member("top", 'rust-version = "1.85"\n[dependencies]\nx = "1"\n[workspace]\n').replace("2021", "2024"),
  },
  "the lockfile's version by the oldest Rust version": {
    manifest: '[workspace]\nmembers = ["a", "b"]\n',
    files: {
      "app/a/Cargo.toml": member("a", 'rust-version = "1.60"\n'),
      "app/b/Cargo.toml": member("b", 'rust-version = "1.83"\n'),
    },
  },
  "a lockfile of version 2": {
    crates: [{ name: "x", version: "1.0.0" }],
    manifest: member("top", 'rust-version = "1.41"\n[dependencies]\nx = "1"\n').replace("2021", "2018"),
  },
  "a lockfile of version 1": {
    crates: [{ name: "x", version: "1.0.0" }],
    manifest: member("top", 'rust-version = "1"\n[dependencies]\nx = "1"\n').replace("2021", "2015"),
  },
  "two members that link one native library": {
    manifest: '[workspace]\nmembers = ["a", "b"]\n',
    files: {
      "app/a/Cargo.toml": member("a", 'links = "z"\nbuild = "build.rs"\n'),
      "app/b/Cargo.toml": member("b", 'links = "z"\nbuild = "build.rs"\n'),
      "app/a/build.rs": "fn main() {}\n",
      "app/b/build.rs": "fn main() {}\n",
    },
    fails: true,
  },
  "legacy spellings": {
    crates: [
      { name: "x", version: "1.0.0", features: { default: ["dep:y"] }, deps: { y: { version: "1", optional: true } } },
      { name: "y", version: "1.0.0" },
      { name: "z", version: "1.0.0" },
    ],
    manifest:
      '[project]\nname = "top"\nversion = "0.1.0"\n[dependencies]\nx = { version = "1", default_features = false }\n' +
      '[dev_dependencies]\nz = "1"\n',
  },
  "features of members": {
    crates: [
      { name: "x", version: "1.0.0", features: { f: ["dep:y"] }, deps: { y: { version: "1", optional: true } } },
      { name: "y", version: "1.0.0" },
    ],
    manifest: member(
      "top",
      '[features]\ndefault = []\nmore = ["x/f"]\n[dependencies]\nx = { version = "1", optional = true }\n',
    ),
  },
};

test.each(Object.entries(rows))("%s", async (_name, { fails, ...options }) => {
  const { lock } = await expectSameLock(options);
  expect(lock === undefined).toBe(fails === true);
});

const keepAll: Update = { kind: "nothing" };

test("a lockfile that says the same is left as it is, line ends too", () => {
  const built = scene({ manifest: '[dependencies]\na = "1"\n', crates: [{ name: "a", version: "1.0.0" }] });
  try {
    const app = join(built.root, "app");
    const { lock = "" } = resolveDirectory(app, built.world);
    const crlf = lock.replaceAll("\n", "\r\n");
    built.write("app/Cargo.lock", crlf);
    expect(resolveDirectory(app, built.world, keepAll).lock).toBe(crlf);
  } finally {
    built.remove();
  }
});

test.each([
  ["of version 3", (lock: string) => lock.replace("version = 4", "version = 3")],
  ["with comments", (lock: string) => `# mine\n# too\n${lock}`],
  ["with one comment between cargo's own", (lock: string) => lock.replace("\n", "\n# mine\n")],
  ["with metadata", (lock: string) => `${lock}\n[metadata]\n"a b" = "c"\n`],
  ["without a version line", (lock: string) => lock.replace("version = 4\n\n", "")],
  ["without a package", (lock: string) => lock.replace(/\[\[package\]\]\nname = "b"\n[^[]*/, "")],
  ["with a package nobody needs", (lock: string) => `${lock}\n[[package]]\nname = "z"\nversion = "1.0.0"\n`],
  ["with an edge that could be two packages", (lock: string) => lock.replace('"b 1.0.0"', '"b"')],
])("a lockfile %s is read and written as cargo does", async (_what, edit) => {
  const crates = [
    { name: "a", version: "1.0.0", deps: { b: "1" } },
    { name: "b", version: "1.0.0" },
    { name: "b", version: "2.0.0" },
  ];
  const built = scene({ manifest: '[dependencies]\na = "1"\nb = "2"\n', crates });
  try {
    const { lock = "" } = await compareNew(built);
    for (const later of [crates, [...crates, { name: "b", version: "1.1.0" }, { name: "b", version: "2.1.0" }]]) {
      built.publish(later);
      built.write("app/Cargo.lock", edit(lock));
      expect((await compareUpdate(built, ["update", "--workspace"], keepAll)).lock).toBeDefined();
      built.write("app/Cargo.lock", edit(lock));
      expect((await compareUpdate(built, ["update"], { kind: "everything" })).lock).toBeDefined();
    }
  } finally {
    built.remove();
  }
});

test("a lockfile without packages that look like either of the old versions is read as cargo does", async () => {
  const built = scene({ manifest: "" });
  try {
    for (const end of ["", "\n"]) {
      built.write("app/Cargo.lock", `[[package]]\nname = "app"\nversion = "0.1.0"\n${end}`);
      expect((await compareUpdate(built, ["update", "--workspace"], keepAll)).lock).toBeDefined();
    }
  } finally {
    built.remove();
  }
});
