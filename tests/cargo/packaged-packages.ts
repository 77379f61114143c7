import { readFileSync } from "node:fs";

/** Files of hand-made packages, by path below `p/<name>/`; `src/lib.rs` is added where nothing else can be built. */
export const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: { "Cargo.toml": '[package]\nname = "plain"\nversion = "0.1.0"\n', "src/lib.rs": "" },
  inherits: {
    "Cargo.toml": `[package]
name = "inherits"
version.workspace = true
authors = { workspace = true }
edition.workspace = true
rust-version.workspace = true
description.workspace = true
documentation.workspace = true
homepage.workspace = true
repository.workspace = true
readme.workspace = true
license-file.workspace = true
keywords.workspace = true
categories.workspace = true
publish.workspace = true
exclude.workspace = true

[lints]
workspace = true

[dependencies]
good.workspace = true
plain = { workspace = true, features = [] }
renamed = { workspace = true, optional = true, features = ["more"] }

[build-dependencies]
good = { workspace = true, default-features = false }

[target.'cfg(windows)'.dev-dependencies]
off = { workspace = true, default-features = true }

[features]
a = ["dep:renamed", "renamed?/more"]
`,
    "src/lib.rs": "",
    "notes.txt": "",
  },
  targets: {
    "Cargo.toml": `[package]
name = "targets"
version = "0.1.0+build.7"
edition = "2021"
default-run = "one"

[features]
extra = []

[lib]
name = "other_name"
crate-type = ["rlib", "cdylib"]
doctest = false
bench = false

[[bin]]
name = "named"
path = "./src/bin/../bin/one.rs"
required-features = ["extra"]
test = false

[[bin]]
name = "two"
doc = false

[[bin]]
name = "one"
path = "src/main.rs"

[[example]]
name = "shown"
crate-type = ["staticlib"]
doc-scrape-examples = true
edition = "2018"

[[bench]]
name = "fast"
harness = false
`,
    "src/lib.rs": "",
    "src/main.rs": "fn main() {}",
    "src/bin/one.rs": "fn main() {}",
    "src/bin/two/main.rs": "fn main() {}",
    "src/bin/.hidden.rs": "",
    "src/bin/empty/readme.rs": "",
    "examples/shown.rs": "",
    "examples/big/main.rs": "fn main() {}",
    "tests/zeta.rs": "",
    "tests/alpha.rs": "",
    "tests/common/mod.rs": "",
    "benches/fast.rs": "fn main() {}",
    "build.rs": "fn main() {}",
  },
  oldest: {
    "Cargo.toml": `[package]
name = "oldest"
version = "0.1.0"
edition = "2015"
[lib]
name = "legacy"
[[bench]]
name = "bench"
[[test]]
name = "only"
`,
    "src/legacy.rs": "",
    "src/bench.rs": "",
    "tests/only.rs": "",
    "tests/ignored.rs": "",
    "examples/seen.rs": "fn main() {}",
  },
  "old-program": {
    "Cargo.toml": '[package]\nname = "old-program"\nversion = "0.1.0"\n[[bin]]\nname = "run"\n[[bin]]\nname = "main"\n',
    "src/run.rs": "fn main() {}",
    "src/main.rs": "fn main() {}",
  },
  "no-auto": {
    "Cargo.toml": `[package]
name = "no-auto"
version = "0.1.0"
edition = "2024"
autolib = false
autobins = false
autotests = false
autoexamples = false
autobenches = false
build = "./make/build.rs"
links = "thing"
[[bin]]
name = "z"
path = "./programs/z.rs"
[[bin]]
name = "a"
path = "programs/a.rs"
[[test]]
name = "given"
`,
    "src/lib.rs": "",
    "tests/given.rs": "",
    "tests/ignored.rs": "",
    "programs/z.rs": "fn main() {}",
    "programs/a.rs": "fn main() {}",
    "make/build.rs": "fn main() {}",
  },
  "no-script": {
    "Cargo.toml": '[package]\nname = "no-script"\nversion = "0.1.0"\nbuild = false\nreadme = false\n',
    "src/lib.rs": "",
    "build.rs": "",
    "README.md": "",
  },
  "left-out": {
    "Cargo.toml": `[package]
name = "left-out"
version = "0.1.0"
edition = "2021"
build = true
exclude = ["/tests", "examples/*.rs", "build.rs"]
readme = "docs/../docs/READ.md"
license-file = "./LICENSE"
[[test]]
name = "gone"
[[bench]]
name = "never"
`,
    "src/lib.rs": "",
    "docs/READ.md": "",
    LICENSE: "",
    "build.rs": "fn main() {}",
    "tests/gone.rs": "",
    "examples/gone.rs": "fn main() {}",
    "examples/kept/main.rs": "fn main() {}",
  },
  outside: {
    "Cargo.toml": `[package]
name = "outside"
version = "0.1.0"
edition = "2018"
workspace = "../.."
readme = "../../docs/GUIDE.md"
license-file = "../../LICENSE-TEXT"
`,
    "src/lib.rs": "",
  },
  depends: {
    "Cargo.toml": `[package]
name = "depends"
version = "0.1.0"
edition = "2021"

[dependencies]
good = "1"
plain = { path = "../plain", version = "0.1" }
local = { path = "../no-script", version = "=0.1.0", package = "no-script", default-features = false, optional = true }

[dev-dependencies]
targets = { path = "../targets" }
oldest = { path = "../oldest", version = "0.1.0" }

[build-dependencies]
good = { version = "1", features = ["more"] }

[target.'cfg(unix)'.dependencies]
good = { version = ">=1, <2", features = [] }

[target.x86_64-pc-windows-msvc]

[target."cfg(target_os = \\"linux\\")".dev-dependencies]
targets = { path = "../targets" }

[features]
default = ["x"]
x = ["targets/extra", "good/more", "dep:local"]
y = ["local?/z"]
`,
    "src/lib.rs": "",
  },
  spellings: {
    "Cargo.toml": `[project]
name = "spellings"
version = " 0.1.0 "
authors = []

[lib]
crate_type = ["lib"]
proc_macro = false

[dependencies]
good = { version = "1", default_features = false, public = true, nonsense = 1 }

[dev_dependencies]
off = "1"

[build_dependencies]

[target.'cfg(unix)'.build_dependencies]
off = "1"

[unknown]
key = 1
`,
    "src/lib.rs": "",
    "README.txt": "",
    README: "",
  },
  values: {
    "Cargo.toml": readFileSync(new URL("../fixtures/packages/values.toml", import.meta.url), "utf8"),
    "src/lib.rs": "",
  },
};

/** The workspace's root manifest. */
export const ROOT = `[workspace]
members = ["p/*"]
exclude = ["p/nothing"]
resolver = "2"

[workspace.package]
version = "2.3.4"
authors = ["Ann <ann@example.org>", "Bob"]
edition = "2021"
rust-version = "1.70"
description = "shared"
documentation = "https://example.org/docs"
homepage = "https://example.org"
repository = "https://example.org/repository"
license-file = "LICENSE-TEXT"
keywords = ["one", "two"]
categories = ["science"]
publish = false
exclude = ["*.txt"]

[workspace.dependencies]
good = "1"
plain = { path = "p/plain", version = "0.1" }
renamed = { version = "1", package = "good", features = ["more"] }
off = { version = "1", default-features = false }

[workspace.lints.rust]
unsafe_code = "forbid"
unexpected_cfgs = { level = "warn", check-cfg = ["cfg(fuzzing)"] }

[profile.release]
lto = true

[patch."https://example.org/nowhere"]
plain = { path = "p/plain" }
`;

/** Files at the root that packages point to. */
export const ROOT_FILES: Readonly<Record<string, string>> = {
  "Cargo.toml": ROOT,
  "README.md": "# Shared\n",
  "LICENSE-TEXT": "free\n",
  "docs/GUIDE.md": "# Guide\n",
};
