import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GitRepository, libraryFiles, makeRepository } from "../support/git-repository.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";

/** A project with git dependencies of every kind, and the server they come from. */
export interface GitScene {
  readonly scene: Scene;
  readonly server: GitServer;
  readonly repositories: Readonly<Record<"branched" | "tagged" | "space" | "part", GitRepository>>;
  readonly commits: Readonly<Record<"branched" | "tagged" | "space" | "part", string>>;
}

const app = `[package]
name = "app"
version = "0.1.0"
edition = "2021"

[dependencies]
alpha = "=1.0.0"
`;

const main = `fn main() {
    println!("{} {} {} {}", alpha::VALUE, branched::NAME, tagged::NAME, member::text());
}
`;

/**
 * Stages a project that depends on a registry crate, a branch with a slash in its name, a tag, and a member of a workspace whose sources
 * stand in a submodule and whose path dependency is another member.
 */
export async function openGitScene(hubToml = ""): Promise<GitScene> {
  const scene = await openScene({
    crates: [{ name: "alpha", version: "1.0.0", files: { "src/lib.rs": "pub const VALUE: u32 = 7;\n" } }],
    files: { "Cargo.toml": app, "src/main.rs": "fn main() {}\n" },
  });
  const root = join(scene.root, "served");
  const make = (name: string): GitRepository => makeRepository(join(root, name));
  const repositories = { branched: make("branched"), tagged: make("tagged"), space: make("space"), part: make("part") };
  const { branched, tagged, space, part } = repositories;
  branched.git("checkout", "--quiet", "-b", "feat/x+1");
  const commits = {
    branched: branched.commit(libraryFiles("branched", 'pub const NAME: &str = "branched";')),
    tagged: tagged.commit({
      ...libraryFiles("tagged", 'pub const NAME: &str = env!("SAID");', 'exclude = ["said.txt"]\n'),
      "build.rs":
        'fn main() { println!("cargo:rustc-env=SAID={}", std::fs::read_to_string("said.txt").unwrap().trim()); }\n',
      "said.txt": "tagged\n",
    }),
    part: part.commit({ "text.rs": 'pub fn text() -> String { format!("{} {}", "part", helper::NAME) }\n' }),
    space: "",
  };
  tagged.git("tag", "-a", "v1.0", "-m", "the first");
  commits.space = space.commit({
    "Cargo.toml": workspaceManifest,
    "member/Cargo.toml":
      '[package]\nname = "member"\nversion.workspace = true\nedition.workspace = true\n\n[dependencies]\nhelper.workspace = true\n',
    "member/src/lib.rs": 'include!("../sub/text.rs");\n',
    "member/sub": { submodule: commits.part, url: "../part" },
    "member/link.txt": { link: "../README" },
    ...prefixed("helper/", libraryFiles("helper", 'pub const NAME: &str = "helper";')),
    README: "a workspace\n",
  });
  const server = await startGitServer({ root });
  onTestFinished(() => server.close());
  scene.write(
    "app/Cargo.toml",
    `${app}branched = { git = "${server.origin}/branched", branch = "feat/x+1" }
tagged = { git = "${server.origin}/tagged", tag = "v1.0" }
member = { git = "${server.origin}/space" }
`,
  );
  scene.write("app/src/main.rs", main);
  // The whole of the configuration stands in cargo's home, so that a hub which takes its place needs no mirror.
  scene.write("cargo-home/config.toml", projectText(scene, ".cargo/config.toml"));
  rmSync(join(scene.project, ".cargo"), { recursive: true });
  if (hubToml !== "") scene.write("app/.cargo/hub.toml", `version = 1\n${hubToml}`);
  return { scene, server, repositories, commits };
}

const workspaceManifest = `[workspace]
members = ["member", "helper"]
resolver = "2"

[workspace.package]
version = "0.3.0"
edition = "2021"

[workspace.dependencies]
helper = { path = "helper", version = "0.1" }
`;

function prefixed(prefix: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [prefix + path, text]));
}

/** A file of the scene's project as text. */
export function projectText({ project }: Scene, path: string): string {
  return readFileSync(join(project, path), "utf8");
}
