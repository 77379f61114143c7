import { PACKAGE, packageHead, rowsOf } from "./rows.ts";

const ROOT = `[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n`;
const B = packageHead("b", "2.1.0");
const inWorkspace = (shared: string, a: string, b = B) => ({
  "Cargo.toml": `${ROOT}\n[workspace.dependencies]\n${shared}\n`,
  "a/Cargo.toml": `${packageHead("a")}\n[dependencies]\n${a}`,
  "b/Cargo.toml": b,
});
const withoutShared = (a: string, b = B) => ({
  "Cargo.toml": ROOT,
  "a/Cargo.toml": `${packageHead("a")}${a}`,
  "b/Cargo.toml": b,
});
const AT_A = "--manifest-path a/Cargo.toml";

/** What members take from their workspace, and from each other. */
export const workspaceRows = rowsOf("workspace", [
  ["what the workspace has", inWorkspace('serde = "1.0.219"', ""), `add serde ${AT_A}`],
  ["what it has, sorted in", inWorkspace('serde = "1.0.219"', 'aaa = "0.1"\nzzz = "9"\n'), `add serde ${AT_A}`],
  [
    "what it has, with features",
    inWorkspace('serde = { version = "1.0.219", features = ["rc"] }', ""),
    `add serde --features derive ${AT_A}`,
  ],
  ["what it has, optional", inWorkspace('serde = "1.0.219"', ""), `add serde --optional ${AT_A}`],
  ["what it has, for tests", inWorkspace('serde = "1.0.219"', ""), `add serde --dev ${AT_A}`],
  ["what it has, for a target", inWorkspace('serde = "1.0.219"', ""), `add serde --target cfg(unix) ${AT_A}`],
  ["what it has, public", inWorkspace('serde = "1.0.219"', ""), `add serde --public ${AT_A}`],
  ["what it has in another spelling", inWorkspace('my-hyphen = "1"', ""), `add my_hyphen ${AT_A}`],
  [
    "what it has under another name",
    inWorkspace('ser = { version = "1.0.219", package = "serde" }', ""),
    `add ser ${AT_A}`,
  ],
  ["what it has from a directory", inWorkspace('b = { path = "b" }', ""), `add b ${AT_A}`],
  ["what it has from a repository", inWorkspace('gitty = { git = "file:///w/repos/one" }', ""), `add gitty ${AT_A}`],
  ["what it has, but another version", inWorkspace('serde = "1.0.100"', ""), `add serde@1.0.219 ${AT_A}`],
  [
    "features for what is inherited",
    inWorkspace('serde = "1.0.219"', "serde.workspace = true # w\n"),
    `add serde --features derive ${AT_A}`,
  ],
  [
    "features for what is inherited inline",
    inWorkspace('serde = "1.0.219"', "serde = { workspace = true } # w\n"),
    `add serde --features derive ${AT_A}`,
  ],
  [
    "more features for what is inherited",
    inWorkspace('serde = "1.0.219"', 'serde = { features = ["rc"], workspace = true }\n'),
    `add serde --features derive ${AT_A}`,
  ],
  [
    "inherited, nothing new",
    inWorkspace('serde = "1.0.219"', "# w\nserde . workspace  =  true # w\n"),
    `add serde ${AT_A}`,
  ],
  [
    "inherited inline, nothing new",
    inWorkspace('serde = "1.0.219"', "serde = {workspace=true}\n"),
    `add serde ${AT_A}`,
  ],
  [
    "inherited with features, nothing new",
    inWorkspace('serde = "1.0.219"', 'serde = {workspace=true,features=["rc"]}\n'),
    `add serde ${AT_A}`,
  ],
  [
    "inherited in dotted keys, made optional",
    inWorkspace('serde = "1.0.219"', 'serde.workspace = true\nserde.features = ["rc"]\n'),
    `add serde --optional ${AT_A}`,
  ],
  [
    "inherited in a table of its own",
    inWorkspace('serde = "1.0.219"', 'aaa = "0.1"\n\n[dependencies.serde]\nworkspace = true\nfeatures = ["rc"]\n'),
    `add serde --features derive ${AT_A}`,
  ],
  [
    "inherited in a table of its own, nothing new",
    inWorkspace(
      'serde = "1.0.219"',
      'aaa = "0.1"\n\n# s\n[dependencies.serde] # t\nworkspace = true\n# f\nfeatures = ["rc"]\n',
    ),
    `add serde ${AT_A}`,
  ],
  [
    "for tests what is inherited for all",
    inWorkspace('serde = { version = "1.0.219" }', 'serde = { workspace = true, features = ["rc"] }\n'),
    `add serde --dev ${AT_A}`,
  ],
  [
    "from inherited to a requirement",
    inWorkspace('serde = "1.0.219"', 'serde = { workspace = true, features = ["rc"] }\n'),
    `add serde@1.0.100 ${AT_A}`,
  ],
  [
    "from inherited alone to a requirement",
    inWorkspace('serde = "1.0.219"', "serde.workspace = true\n"),
    `add serde@1.0.100 ${AT_A}`,
  ],
  ["another member", withoutShared(""), `add b ${AT_A}`],
  ["another member, for tests", withoutShared(""), `add b --dev ${AT_A}`],
  ["another member, optional", withoutShared("[dependencies]\n"), `add b --optional ${AT_A}`],
  ["another member, with a requirement", withoutShared("", packageHead("log", "0.4.27")), `add log@0.4 ${AT_A}`],
  ["another member instead of the registry's", withoutShared("", packageHead("log", "0.4.1+x")), `add log ${AT_A}`],
  ["another member, renamed", withoutShared(""), `add b --rename bee ${AT_A}`],
  [
    "a member from the root",
    { "Cargo.toml": `${PACKAGE}\n[workspace]\nmembers = ["a"]\n`, "a/Cargo.toml": packageHead("a") },
    "add a",
  ],
  [
    "the root from a member",
    { "Cargo.toml": `${PACKAGE}\n[workspace]\nmembers = ["a"]\n`, "a/Cargo.toml": packageHead("a") },
    `add app ${AT_A}`,
  ],
  [
    "what the root shares with itself",
    { "Cargo.toml": `${PACKAGE}\n[workspace.dependencies]\nlog = "0.4"\n` },
    "add log",
  ],
  [
    "what the root shares, the table written inline",
    { "Cargo.toml": `${PACKAGE}\n[workspace]\ndependencies = { log = { version = "0.4", features = ["std"] } }\n` },
    "add log --features kv",
  ],
  [
    "a Rust version that is inherited",
    {
      "Cargo.toml": `${ROOT}[workspace.package]\nrust-version = "1.58"\n`,
      "a/Cargo.toml": packageHead("a").replace("edition", "rust-version.workspace = true\nedition"),
      "b/Cargo.toml": B,
    },
    `add msrv --optional ${AT_A}`,
  ],
  [
    "no default features where the workspace has them",
    inWorkspace('serde = "1.0.219"', ""),
    `add serde --no-default-features ${AT_A}`,
  ],
  ["renamed where the workspace has it", inWorkspace('serde = "1.0.219"', ""), `add serde --rename ser ${AT_A}`],
  [
    "of a registry where the workspace has it",
    inWorkspace('serde = "1.0.219"', ""),
    `add serde --registry alt ${AT_A}`,
  ],
  [
    "default features for what is inherited",
    inWorkspace('serde = { version = "1", default-features = false }', "serde.workspace = true\n"),
    `add serde --default-features ${AT_A}`,
  ],
  [
    "a feature that what is inherited does not have",
    inWorkspace('serde = "1.0.219"', ""),
    `add serde --features nope ${AT_A}`,
  ],
]);
