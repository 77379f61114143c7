import { PACKAGE, packageHead, rowsOf } from "./rows.ts";

const THREE = `${PACKAGE}\n[dependencies]\naaa = "0.1"\nlog = "0.4"\nzzz = "9"\n`;
const FEATURES = (features: string): string =>
  `${PACKAGE}\n[dependencies]\nlog = { version = "0.4", optional = true }\nserde = { version = "1", optional = true }\n\n[features]\n${features}`;
const ROOT = '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n';
const MEMBERS = {
  "a/Cargo.toml": `${packageHead("a")}\n[dependencies]\nlog.workspace = true\nserde = { workspace = true, features = ["rc"] }\n`,
  "b/Cargo.toml": `${packageHead("b")}\n[dependencies]\nserde.workspace = true\n`,
};
const SHARED = `${ROOT}\n[workspace.dependencies]\n# about log\nlog = "0.4" # l\n# about serde\nserde = "1.0.219"\n\n# never used\n[workspace.dependencies.zzz]\nversion = "9"\n`;

/** What cargo takes away. */
export const removalRows = rowsOf("remove", [
  ["one of three", THREE, "remove log"],
  ["the first", THREE, "remove aaa"],
  ["the last", THREE, "remove zzz"],
  ["several", THREE, "remove zzz aaa"],
  ["all, and the table", THREE, "remove aaa log zzz"],
  [
    "the only one, and the table",
    `${PACKAGE}\n# deps\n[dependencies] # d\n# l\nlog = "0.4"\n# end\n\n# f\n[features]\n`,
    "remove log",
  ],
  ["one with comments around", THREE.replace('log = "0.4"', '# about log\nlog = "0.4" # l\n# about zzz'), "remove log"],
  ["one before an empty line", `${PACKAGE}\n[dependencies]\naaa = "0.1"\n\nlog = "0.4"\n\nzzz = "9"\n`, "remove log"],
  [
    "one in a table of its own",
    `${PACKAGE}\n[dependencies]\naaa = "0.1"\n\n# l\n[dependencies.log] # l\nversion = "0.4"\nfeatures = ["std"]\n\n[features]\n`,
    "remove log",
  ],
  [
    "the only one in a table of its own",
    `${PACKAGE}\n[dependencies.log]\nversion = "0.4"\n\n[features]\n`,
    "remove log",
  ],
  [
    "one in dotted keys",
    `${PACKAGE}\n[dependencies]\nlog.version = "0.4"\n# f\nlog.features = ["std"]\nzzz = "9"\n`,
    "remove log",
  ],
  ["one in dotted keys at the top", `dependencies.log = "0.4"\ndependencies.zzz = "9"\n${PACKAGE}`, "remove log"],
  ["one of a table written inline", `dependencies = { aaa = "0.1", log = "0.4", zzz = "9" }\n${PACKAGE}`, "remove log"],
  ["the last of a table written inline", `dependencies = { aaa = "0.1", zzz = "9" }\n${PACKAGE}`, "remove zzz"],
  ["the first of a table written inline", `dependencies = { aaa = "0.1", zzz = "9" }\n${PACKAGE}`, "remove aaa"],
  ["all of a table written inline", `# d\ndependencies = { log = "0.4" } # e\n${PACKAGE}`, "remove log"],
  ["from tests", `${THREE}\n[dev-dependencies]\nlog = "0.4"\nrand = "0.9"\n`, "remove log --dev"],
  ["from building", `${THREE}\n[build-dependencies]\nlog = "0.4"\n`, "remove log --build"],
  [
    "from a target",
    `${THREE}\n[target.'cfg(unix)'.dependencies]\nlibc = "0.2"\nlog = "0.4"\n`,
    "remove libc --target cfg(unix)",
  ],
  [
    "all from a target",
    `${THREE}\n[target.'cfg(unix)'.dependencies]\nlibc = "0.2"\n\n[target.'cfg(windows)'.dependencies]\nlog = "0.4"\n`,
    "remove libc --target cfg(unix)",
  ],
  [
    "all from a target with a header",
    `${THREE}\n[target.'cfg(unix)']\n[target.'cfg(unix)'.dependencies]\nlibc = "0.2"\n`,
    "remove libc --target cfg(unix)",
  ],
  [
    "from tests on a target",
    `${PACKAGE}\n[target.x86_64-pc-windows-msvc.dev-dependencies]\nlog = "0.4"\n`,
    "remove log --dev --target x86_64-pc-windows-msvc",
  ],
  ["a renamed one", `${PACKAGE}\n[dependencies]\nlogger = { version = "0.4", package = "log" }\n`, "remove logger"],
  ["what features say of it", FEATURES('default = ["log"]\nx = ["dep:serde", "serde?/rc"]\n'), "remove log"],
  [
    "what features say of it with dep:",
    FEATURES(
      'default = ["dep:log", "other"]\nother = ["log?/std", "dep:log", "log/kv"]\nlog = ["dep:log"]\nx = ["serde"]\n',
    ),
    "remove log",
  ],
  [
    "what features say of it on lines",
    FEATURES('default = [\n  "serde", # s\n  # about log\n  "dep:log", # l\n  # about x\n  "x",\n]\nx = []\n'),
    "remove log",
  ],
  [
    "the last of a feature's lines",
    FEATURES('default = [\n  "serde",\n  # about log\n  "log", # l\n  # end\n]\n'),
    "remove log",
  ],
  [
    "the only one of a feature's lines",
    FEATURES('default = [\n  # about log\n  "log" # l\n  # end\n]\n'),
    "remove log",
  ],
  [
    "a feature's blanks",
    FEATURES('default = [ "log" , "serde" ]\nx = ["serde","log"]\ny = ["serde", "log",]\n'),
    "remove log",
  ],
  [
    "features that stay for another section",
    `${FEATURES('default = ["log", "dep:serde"]\nx = ["log/std", "log?/kv"]\n')}\n[build-dependencies]\nlog = "0.4"\n`,
    "remove log",
  ],
  [
    "features that stay for an optional one",
    `${FEATURES('default = ["log", "dep:serde"]\nx = ["log/std"]\n')}\n[target.'cfg(unix)'.dependencies]\nlog = { version = "0.4", optional = true }\n`,
    "remove log",
  ],
  [
    "features written inline",
    `features = { default = ["dep:serde"] }\n${PACKAGE}\n[dependencies]\nlog = "0.4"\nserde = { version = "1", optional = true }\n`,
    "remove log",
  ],
  ["lines that end as on Windows", THREE.replaceAll("\n", "\r\n"), "remove log"],
  ["a byte order mark", `\ufeff${THREE}`, "remove log"],
  ["no line end at the end", THREE.trimEnd(), "remove aaa"],
  [
    "what the workspace shares with nobody else",
    { "Cargo.toml": SHARED, ...MEMBERS },
    "remove log --manifest-path a/Cargo.toml",
  ],
  [
    "what the workspace shares with others",
    { "Cargo.toml": SHARED, ...MEMBERS },
    "remove serde --manifest-path b/Cargo.toml",
  ],
  [
    "all that the workspace shares",
    {
      "Cargo.toml": `${ROOT}\n# shared\n[workspace.dependencies] # s\nlog = "0.4"\n\n# p\n[workspace.package]\nedition = "2021"\n`,
      "a/Cargo.toml": `${packageHead("a")}[dependencies]\nlog.workspace = true\n`,
      "b/Cargo.toml": packageHead("b"),
    },
    "remove log --manifest-path a/Cargo.toml",
  ],
  [
    "what a package shares with itself",
    `${PACKAGE}\n[dependencies]\nlog.workspace = true\n\n[workspace.dependencies]\nlog = "0.4"\nserde = "1"\n`,
    "remove log",
  ],
  [
    "what is shared in a table written inline",
    {
      "Cargo.toml": `${ROOT}dependencies = { log = "0.4" }\n`,
      "a/Cargo.toml": `${packageHead("a")}[dependencies]\nlog.workspace = true\n`,
      "b/Cargo.toml": packageHead("b"),
    },
    "remove log --manifest-path a/Cargo.toml",
  ],
  [
    "a workspace in lines that end as on Windows",
    {
      "Cargo.toml": ROOT.replaceAll("\n", "\r\n"),
      "a/Cargo.toml": `${packageHead("a")}[dependencies]\nlog = "0.4"\nzzz = "9"\n`.replaceAll("\n", "\r\n"),
      "b/Cargo.toml": packageHead("b").replaceAll("\n", "\r\n"),
    },
    "remove log --manifest-path a/Cargo.toml",
  ],
  [
    "profiles of what is gone",
    `${THREE}\n[profile.dev.package.log]\nopt-level = 3\n\n[profile.dev.package.zzz]\nopt-level = 3\n\n[profile.release]\nlto = true\n`,
    "remove log",
  ],
  [
    "profiles in every form",
    `${THREE}\n[profile.dev.package]\nlog = { opt-level = 3 }\n"log@0.4.27" = { opt-level = 2 }\n"zzz:9.9.9" = { opt-level = 1 }\n"zzz:8.0.0" = { opt-level = 1 }\n"*" = { opt-level = 1 }\n\n[profile.release.package.other]\nopt-level = 1\n\n[profile.bench]\n`,
    "remove log",
  ],
  [
    "profiles of what comes from elsewhere",
    `${THREE}gitty = { git = "file:///w/repos/one" }\n\n[profile.dev.package."file:///w/repos/one#gitty"]\nopt-level = 1\n\n[profile.dev.package."https://github.com/rust-lang/crates.io-index#zzz"]\nopt-level = 1\n\n[profile.dev.package."https://localhost/other#zzz"]\nopt-level = 1\n`,
    "remove log",
  ],
  [
    "profiles of what comes from elsewhere in the graph",
    `${THREE}serde_json = "1"\n\n[profile.dev.package.serde]\nopt-level = 3\n\n[profile.dev.package.serde_json]\nopt-level = 3\n`,
    "remove log",
  ],
  [
    "profiles of what a workspace shares",
    {
      "Cargo.toml": `${SHARED}\n[profile.dev.package]\nlog.opt-level = 3\nserde.opt-level = 3\n"serde@1.0.219".opt-level = 2\n`,
      ...MEMBERS,
    },
    "remove log --manifest-path a/Cargo.toml",
  ],
  [
    "profiles with headers and comments",
    `${THREE}\n# profiles\n[profile] # p\n# dev\n[profile.dev] # d\n# packages\n[profile.dev.package] # q\n# log\n[profile.dev.package.log] # l\nopt-level = 3\n`,
    "remove log",
  ],
  ["a profile that is there and empty", `${THREE}\n[profile.release]\n\n[profile.dev]\nopt-level = 1\n`, "remove log"],
  [
    "replacements",
    `${THREE}\n[replace]\n"log:0.4.27" = { path = "log" }\n"zzz:9.9.9" = { git = "file:///w/repos/one" }\n`,
    "remove log",
  ],
  [
    "patches that nothing uses",
    {
      "Cargo.toml": `${THREE}gitty = { git = "file:///w/repos/one" }\n\n[patch.crates-io]\nright-pkg = { git = "file:///w/repos/two" }\n`,
      "x/Cargo.toml": packageHead("x"),
    },
    "remove log",
    { unusedPatches: ["right-pkg 2.0.0 git+file:///w/repos/two#0123456789012345678901234567890123456789"] },
  ],
  [
    "patches by directory that nothing uses",
    { "Cargo.toml": `${THREE}\n[patch.crates-io]\nright = { path = "x" }\n`, "x/Cargo.toml": packageHead("right") },
    "remove log",
    { unusedPatches: ["right 0.2.0 path+file:///w/app/x"] },
  ],
  [
    "patches that are used",
    {
      "Cargo.toml": `${THREE}\n[patch.crates-io]\nzzz = { path = "x" }\n`,
      "x/Cargo.toml": packageHead("zzz", "9.9.10"),
    },
    "remove log",
  ],
  [
    "a patch that only it used",
    {
      "Cargo.toml": `${THREE}\n# patches\n[patch.crates-io] # p\n# log\nlog = { path = "x" }\n\n[patch."file:///w/repos/one"]\ngitty = { git = "file:///w/repos/two", package = "left-pkg" }\n`,
      "x/Cargo.toml": packageHead("log", "0.4.99"),
    },
    "remove log",
    {
      unusedPatches: [
        "log 0.4.99 path+file:///w/app/x",
        "left-pkg 1.0.0 git+file:///w/repos/two#0123456789012345678901234567890123456789",
      ],
    },
  ],
]);
