import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CrateSpec } from "../support/crate-builder.ts";
import { type GitRepository, makeRepository } from "../support/git-repository.ts";
import { type LoopbackRegistry, startRegistry } from "../support/loopback-registry.ts";
import { type GitScene, openGitScene, projectText } from "./git-scene.ts";
import { TOKEN } from "./private-world.ts";

/** A project with everything Cargo can depend on. */
export interface EverySource extends GitScene {
  /** Asks for a token. */
  readonly closed: LoopbackRegistry;
  /** Serves the crate files of the registry whose index is a git repository. */
  readonly byGit: LoopbackRegistry;
  readonly index: GitRepository;
  /** Stops every server. */
  alone(): Promise<void>;
}

function valued(name: string, version: string, value: string): CrateSpec {
  return { name, version, files: { "src/lib.rs": `pub const VALUE: &str = "${value}";\n` } };
}

/**
 * Adds to {@link openGitScene}: a registry that wants a token, one whose index is a git repository and which depends on the first, the same
 * name and version from two registries, and a patch of a registry's crate by a directory.
 */
export async function openEverySource(hubToml = ""): Promise<EverySource> {
  const git = await openGitScene(hubToml);
  const { scene, server } = git;
  const closed = await startRegistry({
    crates: [valued("alpha", "1.0.0", "the other alpha"), valued("secret", "0.2.0", "secret")],
    token: TOKEN,
    config: { "auth-required": true },
  });
  const byGit = await startRegistry({ crates: [] });
  onTestFinished(() => closed.close());
  onTestFinished(() => byGit.close());
  const reexport = `pub use secret::VALUE as SECRET;\npub const VALUE: &str = "by git";\n`;
  byGit.add({
    name: "gitty",
    version: "1.1.0",
    deps: { secret: { version: "0.2", registry: `sparse+${closed.url}` } },
    files: { "src/lib.rs": reexport },
  });
  scene.registry.add(valued("patched", "1.0.0", "not patched"));
  const index = makeRepository(join(scene.root, "served", "index"));
  index.commit({
    "config.json": JSON.stringify({ dl: `${byGit.origin}/crates/{crate}/{crate}-{version}.crate` }),
    "gi/tt/gitty": `${byGit.built("gitty", "1.1.0").line}\n`,
    "un/us/unused": '{"name":"unused","vers":"9.9.9","deps":[],"cksum":"00","features":{},"yanked":false}\n',
  });
  scene.write("app/patched/Cargo.toml", '[package]\nname = "patched"\nversion = "1.0.5"\nedition = "2021"\n');
  scene.write("app/patched/src/lib.rs", 'pub const VALUE: &str = "patched";\n');
  const home = projectText({ ...scene, project: scene.cargoHome }, "config.toml");
  const names = `[registries.closed]
index = "sparse+${closed.url}"
credential-provider = "cargo:token"

[registries.by-git]
index = "${server.origin}/index"
`;
  scene.write("cargo-home/config.toml", `${home}\n${names}`);
  // In this mode the hub is cargo's home, so what a project needs of registries' names stands with the project.
  if (hubToml.includes("cargo-home")) scene.write("app/.cargo/config.toml", names);
  scene.write("cargo-home/credentials.toml", `[registries.closed]\ntoken = "${TOKEN}"\n`);
  scene.write(
    "app/Cargo.toml",
    `${projectText(scene, "Cargo.toml")}patched = "1"
gitty = { version = "1", registry = "by-git" }
other-alpha = { version = "=1.0.0", package = "alpha", registry = "closed" }

[patch.crates-io]
patched = { path = "patched" }
`,
  );
  scene.write("app/src/main.rs", main);
  const alone = async (): Promise<void> => {
    await Promise.all([closed.close(), byGit.close(), server.close(), scene.registry.close()]);
  };
  return { ...git, closed, byGit, index, alone };
}

const main = `fn main() {
    println!("{} {} {} {}", alpha::VALUE, branched::NAME, tagged::NAME, member::text());
    println!("{} {} {} {}", other_alpha::VALUE, gitty::VALUE, gitty::SECRET, patched::VALUE);
}
`;

/** What the program prints. */
export const said = "7 branched tagged part helper\nthe other alpha by git secret patched\n";
