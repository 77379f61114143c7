import { PACKAGE, packageHead, rowsOf } from "./rows.ts";

const LIBRARY = { "lib/Cargo.toml": `${packageHead("lib")}[features]\nextra = []\n` };
const withEntry = (entry: string): string => `${PACKAGE}\n[dependencies]\n${entry}\n`;
const withLibrary = (entry: string) => ({ "Cargo.toml": withEntry(entry), ...LIBRARY });

/** What cargo makes of an entry that is there. */
export const changedEntryRows = rowsOf("changed entry", [
  ["nothing to change", withEntry('serde = "1.0.100"'), "add serde"],
  ["nothing to change in a spelling of its own", withEntry("serde   =   '1.0.100'   # why"), "add serde"],
  ["another requirement", withEntry('serde = "1.0.100"'), "add serde@1.0.219"],
  ["another requirement, in quotes of another kind", withEntry("serde   =   '1.0.100'   # why"), "add serde@1.0.219"],
  [
    "another requirement in an inline table",
    withEntry('serde = { version = "1", features = ["rc"] }'),
    "add serde@1.0.219",
  ],
  ["features for a text", withEntry('serde = "1.0" # keep me'), "add serde@1.0.219 --features derive"],
  [
    "features for features in order",
    withEntry('serde = { version = "1.0.219", features = ["alloc", "rc"] }'),
    "add serde --features derive",
  ],
  [
    "features for features in disorder",
    withEntry('serde = { version = "1.0.219", features = ["rc", "alloc"] }'),
    "add serde --features derive,alloc",
  ],
  [
    "features that are there",
    withEntry('serde = { version = "1.0.219", features = ["derive"] }'),
    "add serde --features derive",
  ],
  [
    "features on several lines",
    withEntry('serde = { version = "1.0.219", features = [\n  "rc", # counted\n  "alloc",\n] }'),
    "add serde --features derive",
  ],
  [
    "features of a crooked inline table",
    withEntry('serde={version="1.0.219",features=["rc"]}#x'),
    "add serde --features derive",
  ],
  [
    "an inline table on several lines",
    withEntry('serde = {\n  version = "1.0.219", # v\n  features = ["rc"],\n}'),
    "add serde --features derive",
  ],
  [
    "an inline table on several lines, nothing new",
    withEntry('serde = {\n  version = "1.0.219",\n  features = ["rc"],\n}'),
    "add serde",
  ],
  ["an inline table with one key", withEntry('serde  =  {  version = "1.0.219"  }  # x'), "add serde --optional"],
  [
    "an empty inline table is none",
    withEntry('serde = { version = "1.0.219", default-features = true }'),
    "add serde --no-default-features",
  ],
  [
    "default features switched on",
    withEntry('serde = { version = "1.0.219", default-features = false }'),
    "add serde --default-features",
  ],
  ["default features switched off", withEntry('serde = "1.0.219"'), "add serde --no-default-features"],
  [
    "default features already off",
    withEntry('serde = { version = "1.0.219", default-features = false, features = ["rc"] }'),
    "add serde --features alloc",
  ],
  ["made optional", withEntry('serde = "1.0.219"'), "add serde --optional"],
  [
    "made optional, with what features say",
    `${withEntry('serde = "1.0.219"')}\n[features]\nx = ["serde/rc"]\n`,
    "add serde --optional",
  ],
  [
    "made required",
    `${withEntry('serde = { version = "1.0.219", optional = true }')}\n[features]\na = ["b"]\nb = ["dep:serde", "serde?/rc"]\nc = ["serde/rc"]\n`,
    "add serde --no-optional",
  ],
  [
    "made required with an implicit feature",
    `${withEntry('serde = { version = "1.0.219", optional = true }\nlog = { version = "0.4", optional = true }')}\n[features]\na = ["serde", "log"]\nb = ["serde?/rc"]\n`,
    "add serde --no-optional",
  ],
  [
    "already optional",
    withEntry('serde = { version = "1.0.219", optional = true }'),
    "add serde --optional --features rc",
  ],
  [
    "a feature of the dependency's name is replaced",
    `${withEntry('serde = "1.0.219"')}\n[features]\nserde = ["x"] # mine\nx = []\n`,
    "add serde --optional",
  ],
  [
    "a table of its own",
    `${PACKAGE}\n[dependencies.serde]\nversion = "1.0.219"\nfeatures = ["rc"]\n`,
    "add serde --features derive",
  ],
  [
    "a table of its own with comments",
    `${PACKAGE}\n# above\n[dependencies.serde] # beside\n# v\nversion = "1.0.100" # one\n\n# o\noptional = false\n# end\n`,
    "add serde@1.0.219 --features derive",
  ],
  [
    "a table of its own with one key",
    `${PACKAGE}\n# above\n[dependencies.serde] # beside\nversion = "1.0.219"\n\n[dependencies.log]\nversion = "0.4"\n`,
    "add serde --features derive",
  ],
  [
    "a table of its own with one key, beside others",
    `${PACKAGE}\n[dependencies]\nlog = "0.4"\n\n[dependencies.serde]\nversion = "1.0.219"\n`,
    "add serde --features derive",
  ],
  ["dotted keys", withEntry('serde.version = "1.0.219"\nserde.features = ["rc"]'), "add serde --features derive"],
  [
    "dotted keys with comments",
    withEntry('# v\nserde . version = "1.0.219" # v\n# f\nserde.features = ["rc"] # f'),
    "add serde@1.0.100 --no-default-features",
  ],
  [
    "dotted keys apart",
    withEntry('serde.version = "1.0.219"\nlog = "0.4"\nserde.default-features = false'),
    "add serde --default-features --features rc",
  ],
  ["one dotted key", withEntry('# v\nserde.version = "1.0.219" # v'), "add serde --features derive"],
  [
    "dotted keys of all",
    `${PACKAGE}\n[dependencies]\nlog.version = "0.4"\nserde.version = "1.0.219"\nserde.optional = true\n`,
    "add log --optional",
  ],
  [
    "keys that are quoted",
    withEntry('"serde" = { "version" = "1.0.219", \'features\' = ["rc"] }'),
    "add serde --features derive",
  ],
  [
    "keys that nobody knows",
    withEntry('serde = { version = "1.0.219", strange = 1, artifact-less = true }'),
    "add serde --features derive",
  ],
  [
    "renamed already",
    withEntry('ser = { version = "1.0.219", package = "serde" }'),
    "add serde --rename ser --features rc",
  ],
  ["the name of a renamed one", withEntry('serde = { version = "0.4", package = "log" }'), "add serde@1"],
  [
    "the name of an optional renamed one",
    withEntry('serde = { version = "0.4", package = "log", optional = true, features = ["std"] }'),
    "add serde@1.0.219",
  ],
  ["renamed beside its own name", withEntry('serde = "1.0.219"'), "add serde --rename ser"],
  [
    "from the registry to a directory",
    withLibrary('lib = { version = "1", registry = "alt", default-features = false }'),
    "add lib --path lib",
  ],
  ["from the registry to a directory, a text", withLibrary('lib = "1"'), "add lib --path lib"],
  [
    "from a directory to the registry",
    {
      "Cargo.toml": withEntry('log = { path = "lib", version = "0.2", optional = true }'),
      "lib/Cargo.toml": packageHead("log"),
    },
    "add log@0.4",
  ],
  ["a directory kept", withLibrary('lib = { path = "./lib/", features = ["extra"] }'), "add lib --optional"],
  ["a directory alone kept", withLibrary('lib = { path = "./lib//" }'), "add lib --features extra"],
  [
    "from a directory to a repository",
    {
      "Cargo.toml": withEntry('gitty = { path = "gitty", version = "0.3", optional = true }'),
      "gitty/Cargo.toml": packageHead("gitty", "0.3.0"),
    },
    "add gitty --git file:///w/repos/one --tag v1",
  ],
  [
    "from a branch to a revision",
    withEntry('gitty = { git = "file:///w/repos/one", branch = "next", default-features = false }'),
    "add gitty --git file:///w/repos/one --rev v1",
  ],
  [
    "from a tag to the default branch",
    withEntry('gitty = { git = "file:///w/repos/one", tag = "v1", version = "0.3.0", features = ["more"] }'),
    "add gitty --git file:///w/repos/one",
  ],
  ["a repository kept", withEntry('gitty = { git = "file:///w/repos/one", tag = "v1" }'), "add gitty --features more"],
  [
    "from a repository to the registry",
    withEntry('log = { git = "file:///w/repos/one", rev = "v1", package = "gitty", features = ["more"] }'),
    "add log@0.4",
  ],
  [
    "from the registry to another",
    withEntry('serde = { version = "1.0.219", features = ["rc"] }'),
    "add serde@2 --registry alt",
  ],
  [
    "another registry kept",
    withEntry('alt-only = { version = "0.7", registry = "alt" }'),
    "add alt-only --features one",
  ],
  [
    "another registry with one key more",
    withEntry('alt-only = { version = "0.7.0", registry = "alt", optional = true }'),
    "add alt-only@0.7 --no-optional",
  ],
  [
    "for tests what is there for all",
    withEntry('serde = { version = "1.0.100", features = ["rc"], default-features = false }'),
    "add serde --dev",
  ],
  ["for building what is there for tests", `${PACKAGE}\n[dev-dependencies]\nrand = "0.8"\n`, "add rand --build"],
  [
    "for all what is there for a target",
    `${PACKAGE}\n[target.'cfg(unix)'.dependencies]\nrand = { version = "0.8", optional = true }\n`,
    "add rand",
  ],
  [
    "what is there in several sections",
    `${PACKAGE}\n[dev-dependencies]\nrand = "0.9"\n[build-dependencies]\nrand = "0.8"\n`,
    "add rand",
  ],
  [
    "for tests a directory that is there for all",
    withLibrary('lib = { path = "lib", version = "0.2" }'),
    "add lib --dev",
  ],
  [
    "for all a directory that is there for tests",
    { "Cargo.toml": `${PACKAGE}\n[dev-dependencies]\nlib = { path = "lib" }\n`, ...LIBRARY },
    "add lib",
  ],
  [
    "for tests a repository that is there for all",
    withEntry('gitty = { git = "file:///w/repos/one", version = "0.3" }'),
    "add gitty --dev",
  ],
  [
    "for tests, again, with a version",
    { "Cargo.toml": `${PACKAGE}\n[dev-dependencies]\nlib = { path = "lib", version = "0.2" }\n`, ...LIBRARY },
    "add lib --path lib --dev",
  ],
  ["in another spelling", withEntry('my-hyphen = "1"'), "add my_hyphen --features fast"],
  [
    "in another spelling, from a directory",
    { "Cargo.toml": withEntry('my-lib = { path = "my-lib" }'), "my-lib/Cargo.toml": packageHead("my-lib") },
    "add my_hyphen",
  ],
  ["made public", withEntry('serde = { version = "1.0.219", optional = true }'), "add serde --public"],
  ["no longer public", withEntry('serde = { version = "1.0.219", public = true }'), "add serde --no-public"],
  [
    "the keys in the order written",
    withEntry('serde = { optional = true, features = ["rc"], default-features = false, version = "1.0.100" }'),
    "add serde@1.0.219 --default-features --features alloc",
  ],
  [
    "a requirement for what has features of itself",
    `${withEntry('rand = "0.8"')}\n[features]\nrand = []\nx = ["rand"]\n`,
    "add rand@0.9",
  ],
]);
