import { expect, test } from "vitest";
import {
  cleanWorkspace,
  type EditOutcome,
  editMessageText,
  ManifestEditError,
  withoutUnusedPatches,
} from "../../src/cargo/index.ts";
import { parseVersion } from "../../src/semver/index.ts";
import { TomlError } from "../../src/toml/index.ts";
import { addTo, edited, removeFrom } from "./manifest-edits/simple-edit.ts";

const HEAD = '[package]\nname = "app"\n';

function codeOf(outcome: EditOutcome): string {
  return outcome.kind === "refused" ? outcome.error.code : "edited";
}

/** Manifests that cargo itself would not load, with what is asked of them. */
const faults: readonly (readonly [story: string, text: string, edit: (text: string) => EditOutcome, code: string])[] = [
  [
    "dependencies that are no table",
    "dependencies = 1\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "dependencies that are several tables",
    "[[dependencies]]\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a target that is no table",
    "target.x = true\n",
    (text) => addTo(text, { crates: ["log"] }, { kind: "dev", target: "x" }),
    "cargo/edit-impossible",
  ],
  [
    "features that are no table",
    "features = 1\n",
    (text) => addTo(text, { crates: ["log"], optional: true }),
    "cargo/edit-impossible",
  ],
  [
    "an entry that is a number",
    "[dependencies]\nlog = 1\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a version that is a number",
    "[dependencies]\nlog = { version = 1 }\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "an entry that says nothing",
    "[dependencies]\nlog = {}\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a workspace that is false",
    "[dependencies]\nlog.workspace = false\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a workspace that does not have it",
    "[dependencies]\nlog.workspace = true\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a workspace that takes it from itself",
    "[workspace.dependencies]\nlog.workspace = true\n",
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "features that are a text",
    '[dependencies]\nlog = { version = "1", features = "x" }\n',
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "features that are numbers",
    '[dependencies]\nlog = { version = "1", features = [1] }\n',
    (text) => addTo(text, { crates: ["log"] }),
    "cargo/edit-impossible",
  ],
  [
    "a repository that has no URL",
    HEAD,
    (text) => addTo(text, { crates: ["x"], git: { url: "git@host:x.git" } }),
    "cargo/add-contradictory",
  ],
  ["nothing asked for", HEAD, (text) => addTo(text, { crates: [] }), "cargo/add-contradictory"],
  [
    "removing from dependencies that are no table",
    "dependencies = 1\n",
    (text) => removeFrom(text, "log"),
    "cargo/no-such-dependency",
  ],
  [
    "removing from dependencies that are several tables",
    "[[dependencies]]\nlog = 1\n",
    (text) => removeFrom(text, "log"),
    "cargo/no-such-dependency",
  ],
];

test.each(faults)("%s: the edit is refused", (...[, text, edit, code]) => {
  expect(codeOf(edit(text))).toBe(code);
});

test("a text that is not TOML is an error with its place", () => {
  expect(() => addTo("[dependencies\n", { crates: ["log"] })).toThrow(TomlError);
  expect(() => removeFrom("a = 1\na = 2\n", "log")).toThrow("/app/Cargo.toml:2");
});

test("what was told before an edit was refused is not lost", () => {
  const outcome = addTo(HEAD, { crates: ["log", "serde"], features: ["serde/none"] });
  expect(outcome.messages.map((message) => message.kind)).toEqual(["adding", "features", "adding"]);
  expect(codeOf(outcome)).toBe("cargo/no-such-feature");
});

test("no Rust version counts when neither the package nor a rustc has one", () => {
  expect(edited(addTo(HEAD, { crates: ["log"] }))).toBe(`${HEAD}\n[dependencies]\nlog = "1.2.3"\n`);
});

test("the marks before features are painted, and nothing else", () => {
  const { messages } = addTo(HEAD, { crates: ["log"], features: ["std"] });
  const [, list] = messages.map((message) => editMessageText(message, (style, mark) => `<${style} ${mark}>`));
  const lines = ["Features:", "<good +> std", "<bad -> more"].map((line) => `${" ".repeat(13)}${line}`);
  expect(list).toEqual({ kind: "lines", lines });
});

const place = { at: "/app/Cargo.toml", directory: "/app" };

test("a registry that is not configured stops the cleaning of overrides that may need it", () => {
  const text = '[dependencies]\nlog = { version = "1", registry = "none" }\n[profile.dev.package.log]\nopt-level = 1\n';
  const manifest = { text, ...place };
  expect(() => cleanWorkspace(manifest, [manifest], () => undefined)).toThrow(ManifestEditError);
  expect(cleanWorkspace(manifest, [manifest], () => "sparse+http://127.0.0.1:1/")).toBe(text);
});

test("a patch for which two unused packages stand is kept, and a text without unused patches is not written", () => {
  const text = '[patch.crates-io]\nlog = { git = "https://localhost/log" }\n';
  const unused = ["1.0.0", "2.0.0"].map((version) => ({
    name: "log",
    version: parseVersion(version),
    source: { kind: "git", url: "https://localhost/log" } as const,
  }));
  const clean = (count: number): string | undefined =>
    withoutUnusedPatches({ text, ...place }, unused.slice(0, count), () => undefined);
  expect([clean(0), clean(1), clean(2)]).toEqual([undefined, "", undefined]);
});
