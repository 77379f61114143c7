import { PACKAGE, packageHead, rowsOf } from "./rows.ts";

const BOM = "\ufeff";
const SORTED = `${PACKAGE}\n[dependencies]\naaa = "0.1"\nlog = "0.4"\nzzz = "9"\n`;

/** Where cargo puts things, and what else it does to a text. */
export const layoutRows = rowsOf("layout", [
  ["between sorted keys", SORTED, "add rand"],
  [
    "before sorted keys with comments",
    `${PACKAGE}\n[dependencies]\n# about log\nlog = "0.4" # l\n# about zzz\nzzz = "9"\n`,
    "add aaa",
  ],
  ["behind unsorted keys", `${PACKAGE}\n[dependencies]\nzzz = "9"\naaa = "0.1"\n`, "add rand"],
  [
    "sorted by bytes",
    `${PACKAGE}\n[dependencies]\nmy-hyphen = "1"\nmy_hyphen2 = { version = "1", package = "my-hyphen" }\n`,
    "add my-hyphen --rename my-hyphen1",
  ],
  [
    "keys in groups",
    `${PACKAGE}\n[dependencies]\n# first\naaa = "0.1"\nzzz = "9"\n\n# second\nlog = "0.4"\n`,
    "add rand",
  ],
  [
    "sorted keys in groups",
    `${PACKAGE}\n[dependencies]\n# first\naaa = "0.1"\n\n# second\nlog = "0.4"\n\n# third\nzzz = "9"\n`,
    "add rand",
  ],
  [
    "sorted keys and tables",
    `${PACKAGE}\n[dependencies]\nlog = "0.4"\nzzz = "9"\n\n[dependencies.rand]\nversion = "0.9"\n`,
    "add aaa",
  ],
  ["only tables", `${PACKAGE}\n[dependencies.zzz]\nversion = "9"\n\n[dependencies.rand]\nversion = "0.9"\n`, "add aaa"],
  [
    "only tables, behind others",
    `${PACKAGE}\n[features]\n\n[dependencies.rand]\nversion = "0.9"\n\n[profile.release]\nlto = true\n`,
    "add aaa",
  ],
  ["a comment at the end of the table", `${PACKAGE}\n[dependencies]\naaa = "0.1"\n# the end\n`, "add log"],
  [
    "a comment between tables",
    `${PACKAGE}\n[dependencies]\naaa = "0.1"\n\n# about profiles\n[profile.release]\nlto = true\n`,
    "add log",
  ],
  ["a comment in an empty table", `${PACKAGE}\n[dependencies]\n# nothing yet\n\n[features]\n`, "add log"],
  ["a comment at the end, no table yet", `${PACKAGE}\n# the end\n`, "add log"],
  ["empty lines at the end", `${PACKAGE}\n[dependencies]\naaa = "0.1"\n\n\n\n`, "add log"],
  ["empty lines at the end, no table yet", `${PACKAGE}\n\n\n`, "add log"],
  ["no line end at the end", `${PACKAGE}\n[dependencies]\naaa = "0.1"`, "add log"],
  ["no line end behind the header", `${PACKAGE}\n[dependencies]`, "add log"],
  ["no line end behind a comment", `${PACKAGE}\n[dependencies]\naaa = "0.1" # x`, "add log"],
  ["a new table behind all others", `${PACKAGE}\n[features]\n\n[profile.release]\nlto = true\n`, "add log"],
  ["a new table for tests", SORTED, "add log --dev"],
  ["a new table for tests before a profile", `${SORTED}\n[profile.dev]\nopt-level = 1\n`, "add log --dev"],
  [
    "a new table for building with a table for tests",
    `${SORTED}\n[dev-dependencies]\n\n[[bin]]\nname = "b"\npath = "src/lib.rs"\n`,
    "add log --build",
  ],
  [
    "a new table of a known target",
    `${PACKAGE}\n[target.'cfg(unix)'.dependencies]\nlibc = "0.2"\n\n[features]\n`,
    "add log --target cfg(unix) --dev",
  ],
  [
    "a new table of another target",
    `${PACKAGE}\n[target.'cfg(unix)'.dependencies]\nlibc = "0.2"\n\n[features]\n`,
    "add log --target cfg(windows)",
  ],
  [
    "a known target in other quotes",
    `${PACKAGE}\n[target."cfg(unix)".dependencies]\nlibc = "0.2"\n`,
    "add log --target cfg(unix)",
  ],
  [
    "a target with a header of its own",
    `${PACKAGE}\n[target]\n[target.'cfg(unix)']\n[target.'cfg(unix)'.dev-dependencies]\nlibc = "0.2"\n`,
    "add log --target cfg(unix)",
  ],
  [
    "targets in dotted keys",
    `${PACKAGE}\n[target]\n'cfg(unix)'.dependencies.libc = "0.2"\n`,
    "add log --target cfg(unix)",
  ],
  [
    "targets written inline",
    `target = { 'cfg(unix)' = { dependencies = { libc = "0.2" } } }\n${PACKAGE}`,
    "add log --target cfg(unix)",
  ],
  [
    "another target beside one written inline",
    `target = { 'cfg(unix)' = { dependencies = { libc = "0.2" } } }\n${PACKAGE}`,
    "add log --target cfg(windows)",
  ],
  ["a table written inline", `dependencies = { aaa = "0.1", zzz = "9" }\n${PACKAGE}`, "add log"],
  ["a crooked table written inline", `dependencies = {zzz="9",aaa="0.1"}\n${PACKAGE}`, "add log --optional"],
  ["an empty table written inline", `dependencies = {}\n${PACKAGE}`, "add log"],
  [
    "a table written inline on lines",
    `dependencies = {\n  aaa = "0.1", # a\n  zzz = "9", # z\n}\n${PACKAGE}`,
    "add log",
  ],
  [
    "an entry changed in a table written inline",
    `dependencies = { aaa = "0.1", log = { version = "0.4", features = ["std"] } }\n${PACKAGE}`,
    "add log --features kv",
  ],
  ["dotted keys at the top", `dependencies.aaa = "0.1"\ndependencies.zzz = "9"\n${PACKAGE}`, "add log"],
  [
    "dotted keys below dotted keys",
    `dependencies.log.version = "0.4"\ndependencies.log.features = ["std"]\n${PACKAGE}`,
    "add log --features kv",
  ],
  ["features written inline", `features = { default = [] }\n${PACKAGE}\n[dependencies]\n`, "add log --optional"],
  ["features in dotted keys", `features.default = []\n${PACKAGE}\n[dependencies]\n`, "add log --optional"],
  [
    "features written inline that name it",
    `features = { default = ["log"] }\n${PACKAGE}\n[dependencies]\nlog = { version = "0.4", optional = true }\n`,
    "add log --optional",
  ],
  [
    "features in front of dependencies",
    `${PACKAGE}\n[features]\ndefault = ["std"]\nstd = [\n  # nothing\n]\n\n[dependencies]\nlog = "0.4"\n`,
    "add log --optional",
  ],
  [
    "lines that end as on Windows",
    `${PACKAGE}\n# about\n[dependencies]\naaa = "0.1" # a\n\n[features]\n# none\n`.replaceAll("\n", "\r\n"),
    "add log",
  ],
  [
    "texts of lines that end as on Windows",
    `${PACKAGE}description = """\nfirst\nsecond \\\n  third"""\n[dependencies]\n`.replaceAll("\n", "\r\n"),
    "add log",
  ],
  ["a byte order mark", `${BOM}${PACKAGE}\n[dependencies]\n`, "add log"],
  ["a comment first", `# the first line\n\n${PACKAGE}`, "add log"],
  [
    "tabs and blanks everywhere",
    `  [package]  \n\tname\t=\t"app"\t\n  version = "0.1.0"  # v  \n\n  [ dependencies ]  # d\n    aaa = "0.1"\n  \n  zzz  = "9"  \n`,
    "add log",
  ],
  [
    "blanks in headers",
    `${PACKAGE}[ target . 'cfg(unix)' . dependencies ]\naaa = "0.1"\n[target.  "cfg(unix)" .dev-dependencies]\n`,
    "add log",
  ],
  [
    "headers in any order",
    `[dependencies]\nlog = "0.4"\n\n[package.metadata.docs.rs]\nall-features = true\n\n[package]\nname = "app"\nversion = "0.1.0"\n\n[features]\n\n[package.metadata]\nx = 1\n`,
    "add aaa",
  ],
  [
    "arrays of tables",
    `${PACKAGE}\n[[bin]]\nname = "a"\npath = "src/lib.rs"\n\n[dependencies]\nlog = "0.4"\n\n[[bin]]\nname = "b"\npath = "src/lib.rs"\n\n[[package.metadata.x.y]]\na = 1\n[package.metadata.x.y.z]\n[[package.metadata.x.y]]\n`,
    "add aaa",
  ],
  ["arrays of tables at the end", `${PACKAGE}\n[[bin]]\nname = "a"\npath = "src/lib.rs"\n`, "add aaa"],
  [
    "values of every kind",
    `${PACKAGE}\n[package.metadata]\ni = 1_000\nh = 0xFF\nf = 1.50e3\nn = nan\nd = 1979-05-27 07:32:00Z\nt = 07:32:00\nl = '''\nraw \\ text'''\ns = """a\\u0041\\\n   b"""\na = [ 1 , [ 2,3 ] , { x = 1 , y.z = 2 } , ]\ne = [ ]\nb = { }\n"quoted key" = true\n'lit' = false\n`,
    "add aaa",
  ],
  [
    "dotted keys that were apart",
    `${PACKAGE}\n[package.metadata]\na.x = 1\nb = 2\na.y = 3 # y\n"a".z = 4\n`,
    "add aaa",
  ],
  ["[project] for [package]", PACKAGE.replace("package", "project"), "add aaa"],
  ["a package written in dotted keys", 'package.name = "app"\npackage.version = "0.1.0"\n', "add aaa"],
  ["a package written inline", 'package = { name = "app", version = "0.1.0" }\n', "add aaa"],
  [
    "a package written inline, behind a comment",
    '# c\npackage = { name = "app", version = "0.1.0" } # d\n# e\n',
    "add aaa --dev",
  ],
  [
    "a member elsewhere",
    {
      "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["a"]\n',
      "a/Cargo.toml": `${packageHead("a")}\n[dependencies]\nzzz = "9"\n`,
    },
    "add log --manifest-path a/Cargo.toml",
  ],
  ["several added to sorted keys", SORTED, "add serde anyhow rand"],
  ["several added to unsorted keys", `${PACKAGE}\n[dependencies]\nzzz = "9"\naaa = "0.1"\n`, "add serde anyhow rand"],
  ["several for tests", PACKAGE, "add serde anyhow rand --dev"],
  [
    "one changed among unsorted keys",
    `${PACKAGE}\n[dependencies]\nzzz = "9"\nrand = "0.9"\naaa = "0.1"\n`,
    "add rand@0.8",
  ],
  [
    "sorted with dotted keys",
    `${PACKAGE}\n[dependencies]\naaa.version = "0.1"\nlog.version = "0.4"\nlog.features = ["std"]\nzzz = "9"\n`,
    "add anyhow",
  ],
  [
    "unsorted inside of dotted keys",
    `${PACKAGE}\n[dependencies]\naaa.version = "0.1"\nlog.version = "0.4"\nlog.features = ["std"]\nzzz = "9"\n`,
    "add zzz@9.9",
  ],
]);
