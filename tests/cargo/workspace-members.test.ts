import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findMembers, type ListDirectory, manifestLoader, WorkspaceError } from "../../src/cargo/index.ts";
import { cargoWorld } from "./cargo-world.ts";

function packageText(name: string, more = ""): string {
  return `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
}

interface Layout {
  /** Path of a Cargo.toml → its text. */
  readonly manifests: Readonly<Record<string, string>>;
  /** The directory cargo is asked in; the top one unless told. */
  readonly from?: string;
  /** Names of the members in order, or the code of the error that both have. */
  readonly members: readonly string[] | string;
  /** Path → where the link leads. */
  readonly links?: Readonly<Record<string, string>>;
}

const layouts: Readonly<Record<string, Layout>> = {
  "a package alone, which does not take in its path dependencies": {
    manifests: { "Cargo.toml": packageText("top", '[dependencies]\na.path = "a"\n'), "a/Cargo.toml": packageText("a") },
    members: ["top"],
  },
  "members in the order of the manifest, then the root": {
    manifests: {
      "Cargo.toml": packageText("top", '[workspace]\nmembers = ["b", "a"]\n'),
      "a/Cargo.toml": packageText("a"),
      "b/Cargo.toml": packageText("b"),
    },
    members: ["b", "a", "top"],
  },
  "path dependencies behind the member that has them": {
    manifests: {
      "Cargo.toml": packageText("top", '[dependencies]\nz.path = "z"\n[workspace]\nmembers = ["b", "a"]\n'),
      "a/Cargo.toml": packageText("a"),
      "b/Cargo.toml": packageText(
        "b",
        '[dev-dependencies]\nc.path = "../c"\n[build-dependencies]\nd.path = "../d"\n[dependencies]\ne.path = "../e"\n',
      ),
      "c/Cargo.toml": packageText("c", '[dependencies]\nf.path = "../f"\n'),
      "d/Cargo.toml": packageText("d", '[target.\'cfg(windows)\'.dependencies]\nb.path = "../b"\ng.path = "../g"\n'),
      "e/Cargo.toml": packageText("e", '[dependencies]\nf = { path = "../f", optional = true }\n'),
      "f/Cargo.toml": packageText("f"),
      "g/Cargo.toml": packageText("g"),
      "z/Cargo.toml": packageText("z"),
    },
    members: ["b", "e", "f", "c", "d", "g", "a", "top", "z"],
  },
  "patterns by name, files aside": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["crates/*", "tool-?", "[x-z][!a]", "deep/**/leaf"]\n',
      "crates/b/Cargo.toml": packageText("b"),
      "crates/.hidden/Cargo.toml": packageText("hidden"),
      "crates/a10/Cargo.toml": packageText("a10"),
      "crates/a9/Cargo.toml": packageText("a9"),
      "crates/B/Cargo.toml": packageText("upper"),
      "tool-1/Cargo.toml": packageText("tool-1"),
      "tool-10/Cargo.toml": packageText("tool-10"),
      "xa/Cargo.toml": packageText("xa"),
      "xb/Cargo.toml": packageText("xb"),
      "deep/leaf/Cargo.toml": packageText("leaf-0"),
      "deep/p/leaf/Cargo.toml": packageText("leaf-1"),
      "deep/p/q/leaf/Cargo.toml": packageText("leaf-2"),
    },
    members: ["hidden", "upper", "a10", "a9", "b", "tool-1", "xb", "leaf-0", "leaf-1", "leaf-2"],
  },
  "a pattern that goes through a link": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n', "far/a/Cargo.toml": packageText("a") },
    links: { crates: "far" },
    members: ["a"],
  },
  "a member outside, by a path with dots": {
    manifests: {
      "ws/Cargo.toml": '[workspace]\nmembers = ["./a/../a", "../out"]\n',
      "ws/a/Cargo.toml": packageText("a"),
      "out/Cargo.toml": packageText("out", 'workspace = "../ws"\n'),
    },
    from: "ws",
    members: ["a", "out"],
  },
  "a path dependency outside, which is no member": {
    manifests: {
      "ws/Cargo.toml": packageText("top", '[dependencies]\nout.path = "../out"\n[workspace]\n'),
      "out/Cargo.toml": packageText("out"),
    },
    from: "ws",
    members: ["top"],
  },
  "excluded packages": {
    manifests: {
      "Cargo.toml": packageText(
        "top",
        '[dependencies]\nb.path = "b"\n[workspace]\nmembers = ["crates/*"]\nexclude = ["b", "crates/c"]\n',
      ),
      "b/Cargo.toml": packageText("b"),
      "crates/a/Cargo.toml": packageText("a"),
      "crates/c/Cargo.toml": packageText("c"),
    },
    members: ["a", "top"],
  },
  "what members take from the workspace": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a"]\n[workspace.dependencies]\nb = { path = "b" }\n',
      "a/Cargo.toml": packageText("a", "[dependencies]\nb.workspace = true\n"),
      "b/Cargo.toml": packageText("b"),
    },
    members: ["a", "b"],
  },
  "a member that is not there": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["a"]\n' },
    members: "cargo/workspace-member-missing",
  },
  "a pattern that matches a directory without a package": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
      "crates/a/Cargo.toml": packageText("a"),
      "crates/b/inner/Cargo.toml": packageText("inner"),
    },
    members: "cargo/workspace-member-missing",
  },
  "two members of one name": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
      "a/Cargo.toml": packageText("a"),
      "b/Cargo.toml": packageText("a"),
    },
    members: "cargo/workspace-member-invalid",
  },
  "a member that is a workspace of its own": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a"]\n',
      "a/Cargo.toml": '[workspace]\nmembers = ["b"]\n',
      "a/b/Cargo.toml": packageText("b"),
    },
    members: "cargo/workspace-member-invalid",
  },
  "a pattern that can not be read": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["a**"]\n', "a/Cargo.toml": packageText("a") },
    members: "cargo/workspace-member-invalid",
  },
  "a package that the workspace above does not have": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a"]\n',
      "a/Cargo.toml": packageText("a"),
      "b/Cargo.toml": packageText("b"),
    },
    from: "b",
    members: "cargo/workspace-not-a-member",
  },
};

const list: ListDirectory = (path) => {
  if (!existsSync(path)) return undefined;
  return readdirSync(path, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isDirectory: statSync(join(path, entry.name)).isDirectory(),
    isLink: entry.isSymbolicLink(),
  }));
};

function ourMembers(manifestPath: string): readonly string[] | string {
  const loader = manifestLoader((path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined));
  try {
    return findMembers(manifestPath, loader, list).members.map(({ manifest }) => manifest.name ?? "");
  } catch (error) {
    if (error instanceof WorkspaceError) return error.code;
    throw error;
  }
}

/** Names in the order of `workspace_members`, whose ids end in `#name@version` or in `/name#version`. */
function memberNames(json: string): readonly string[] {
  const { workspace_members: ids }: { workspace_members: readonly string[] } = JSON.parse(json);
  return ids.map((id) => /#(.*)@/.exec(id)?.[1] ?? /([^/]*)#/.exec(id)?.[1] ?? id);
}

test.each(Object.entries(layouts))("%s", async (_name, { manifests, from = "", members, links = {} }) => {
  const files = Object.entries(manifests).flatMap(([path, text]) => [
    [path, text],
    [path.replace(/Cargo\.toml$/, "src/lib.rs"), ""],
  ]);
  const world = cargoWorld({ ...Object.fromEntries(files), "crates-list.txt": "" });
  try {
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(world.root, path));
    const run = await world.cargo(from, "metadata", "--no-deps", "--format-version=1");
    expect(run.ok ? memberNames(run.stdout) : "failed", run.stderr).toEqual(
      typeof members === "string" ? "failed" : members,
    );
    expect(ourMembers(join(world.root, from, "Cargo.toml"))).toEqual(members);
  } finally {
    world.remove();
  }
});
