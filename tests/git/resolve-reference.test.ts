import { expect, test } from "vitest";
import type { GitReference } from "../../src/cargo/index.ts";
import { closeRemote, openRemote, resolveReference } from "../../src/git/index.ts";
import { type GitRepository, libraryFiles, makeRepository } from "../support/git-repository.ts";
import { openScene } from "../support/hub-runs.ts";
import { rejection, repository, scratch, server, settings } from "./scene.ts";

async function resolve(url: string, reference?: GitReference): Promise<string> {
  const remote = openRemote(settings(), { url });
  try {
    return await resolveReference(remote, reference);
  } finally {
    closeRemote(remote);
  }
}

function branch(value: string): GitReference {
  return { kind: "branch", value };
}
function tag(value: string): GitReference {
  return { kind: "tag", value };
}
function rev(value: string): GitReference {
  return { kind: "rev", value };
}

function withReferences(path: string): GitRepository {
  const one = makeRepository(path);
  one.commit(libraryFiles("one", "// first"));
  one.commit(libraryFiles("one", "// second"));
  one.git("tag", "light");
  one.git("tag", "-a", "v1", "-m", "annotated");
  one.git("tag", "-a", "v1-again", "v1", "-m", "of a tag");
  one.git("branch", "side/x", "HEAD~1");
  one.git("update-ref", "refs/pull/1/head", "HEAD~1");
  one.commit(libraryFiles("one", "// third"));
  // A branch and a tag of one name, which must not be mixed up.
  one.git("branch", "both");
  one.git("tag", "both", "HEAD~2");
  return one;
}

test("references lead where cargo says they lead, and nowhere where cargo finds nothing", async () => {
  const root = scratch();
  const one = withReferences(`${root}/one`);
  const { origin } = await server({ root });
  const short = one.git("rev-parse", "HEAD~1").slice(0, 7);
  const references: (GitReference | undefined)[] = [
    undefined,
    branch("main"),
    branch("side/x"),
    branch("both"),
    branch("v1"),
    branch("nowhere"),
    tag("light"),
    tag("v1"),
    tag("both"),
    tag("main"),
    rev(short),
    rev(one.git("rev-parse", "HEAD~2")),
    rev("v1"),
    rev("light"),
    rev("origin/main"),
    rev("origin/side/x"),
    rev("refs/pull/1/head"),
    rev("refs/heads/main"),
    rev("refs/tags/v1"),
    rev("main"),
    rev("abcdef1"),
    rev("abc"),
  ];
  for (const reference of references) {
    const asked = reference === undefined ? "" : `, ${reference.kind} = "${reference.value}"`;
    const scene = await openScene({
      crates: [],
      files: {
        "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\none = { git = "${origin}/one"${asked} }\n`,
      },
    });
    const made = await scene.cargo("generate-lockfile");
    const lock = await scene.run("cat", ["Cargo.lock"]);
    const theirs = made.code === 0 ? /#([0-9a-f]{40})"/.exec(lock.stdout)?.[1] : "git/reference-missing";
    const ours = await resolve(`${origin}/one`, reference).catch(({ code }: { code: string }) => code);
    expect(ours, JSON.stringify(reference)).toBe(theirs);
  }
});

test("the beginning of an id must be that of one commit only", async () => {
  const one = repository();
  const seen = new Map<string, string>();
  let prefix: string | undefined;
  for (let count = 0; prefix === undefined; count += 1) {
    const commit = one.git("commit-tree", "-m", `${count}`, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    if (count === 0) one.git("mktree", "--missing");
    if (seen.has(commit.slice(0, 4))) prefix = commit.slice(0, 4);
    seen.set(commit.slice(0, 4), commit);
    one.git("update-ref", `refs/heads/b${count}`, commit);
  }
  const error = await rejection(resolve(one.url, rev(prefix)));
  expect(error.code).toBe("git/reference-missing");
  expect(error.what).toContain("several");
});

test("an empty repository has no default branch", async () => {
  const { url } = repository();
  expect((await rejection(resolve(url))).code).toBe("git/reference-missing");
});

test("a full id is taken without asking", async () => {
  expect(await resolve("https://host.invalid/x", rev("AB".repeat(20)))).toBe("ab".repeat(20));
});

test("a repository with SHA-256 names is refused", async () => {
  const other = repository("sha256", "--object-format=sha256");
  other.commit({ a: "x" });
  expect((await rejection(resolve(other.url))).code).toBe("git/object-format");
});
