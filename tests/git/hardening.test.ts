import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitEnvironment } from "../../src/git/git-environment.ts";
import { gitTestEnvironment, libraryFiles, makeRepository, runTestGit } from "../support/git-repository.ts";
import { pack, rejection, repository, scratch, server, settings } from "./scene.ts";

/** A directory with a program that leaves a mark when it is run, and a user's git configuration beside it. */
function trap(configuration: (program: string) => string) {
  const root = scratch();
  const mark = join(root, "mark");
  const program = join(root, "program.sh");
  writeFileSync(program, `#!/bin/sh\necho ran >> ${mark}\ncat > /dev/null\n`, { mode: 0o755 });
  const config = join(root, "config");
  writeFileSync(config, configuration(program));
  const env = { ...gitTestEnvironment, GIT_CONFIG_GLOBAL: config };
  return { root, program, env, wasRun: () => existsSync(mark) };
}

const hookNames = ["post-checkout", "post-merge", "pre-auto-gc", "reference-transaction", "post-rewrite", "fsmonitor"];

test("neither hooks, templates, monitors nor cleaning of the user's configuration run", async () => {
  const caught = trap((program) =>
    [
      `[core]\n\thooksPath = ${join(program, "../hooks")}\n\tfsmonitor = ${program}\n\tpager = ${program}\n\teditor = ${program}`,
      `[init]\n\ttemplateDir = ${join(program, "../template")}`,
      `[gc]\n\tauto = 1\n\trecentObjectsHook = ${program}`,
      `[uploadpack]\n\thideRefs = refs/none`,
      "",
    ].join("\n"),
  );
  for (const directory of ["hooks", "template/hooks"]) {
    mkdirSync(join(caught.root, directory), { recursive: true });
    for (const name of hookNames)
      writeFileSync(join(caught.root, directory, name), `#!/bin/sh\n${caught.program}\n`, { mode: 0o755 });
  }
  const one = repository();
  const commit = one.commit(libraryFiles("one"));
  const packed = await pack({ url: one.url, commit, settings: settings({ env: caught.env }) });
  expect(packed.from).toBe("remote");
  expect(caught.wasRun()).toBe(false);
});

test("the configuration and the hooks of a repository that is read are not looked at", async () => {
  const caught = trap(() => "");
  const one = repository();
  const commit = one.commit(libraryFiles("one"));
  const place = join(scratch(), "place");
  runTestGit(scratch(), ["clone", "-q", "--bare", one.url, place]);
  for (const directory of [place, join(one.path, ".git")]) {
    const git = (...args: string[]) => runTestGit(directory, ["--git-dir", directory, ...args]);
    for (const key of [
      "core.fsmonitor",
      "core.sshCommand",
      "core.alternateRefsCommand",
      "core.pager",
      "uploadpack.packObjectsHook",
      "core.askPass",
      "credential.helper",
    ])
      git("config", key, caught.program);
    for (const name of hookNames) {
      mkdirSync(join(directory, "hooks"), { recursive: true });
      writeFileSync(join(directory, "hooks", name), `#!/bin/sh\n${caught.program}\n`, { mode: 0o755 });
    }
  }
  runTestGit(place, ["config", "remote.origin.promisor", "true"]);
  runTestGit(place, ["config", "remote.origin.url", `ext::${caught.program}`]);
  runTestGit(place, ["config", "extensions.partialClone", "origin"]);
  const url = "https://host.invalid/x";
  const offline = settings({ network: "offline" });
  expect((await pack({ url, commit, places: [place], settings: offline })).from).toBe(place);
  expect((await rejection(pack({ url, commit: "12".repeat(20), places: [place], settings: offline }))).code).toBe(
    "git/offline",
  );
  expect((await pack({ url: one.url, commit })).from).toBe("remote");
  expect(caught.wasRun()).toBe(false);
});

test("an insteadOf that leads to a helper is refused, and the helper does not run", async () => {
  const caught = trap(
    (program) => `[url "ext::${program} "]\n\tinsteadOf = https://host.invalid/\n[protocol]\n\tallow = always\n`,
  );
  const error = await rejection(
    pack({ url: "https://host.invalid/x", commit: "12".repeat(20), settings: settings({ env: caught.env }) }),
  );
  expect(error.code).toBe("git/url-refused");
  expect(caught.wasRun()).toBe(false);
});

test("an insteadOf to this machine's files is refused for what comes from elsewhere", async () => {
  const one = repository();
  const commit = one.commit(libraryFiles("one"));
  const caught = trap(() => `[url "file://${join(one.path, "..")}/"]\n\tinsteadOf = https://host.invalid/\n`);
  const error = await rejection(
    pack({ url: "https://host.invalid/repo", commit, settings: settings({ env: caught.env }) }),
  );
  expect(error.code).toBe("git/url-refused");
});

test("the user's own way to a host is taken: insteadOf and credential helper", async () => {
  const root = scratch();
  const commit = makeRepository(join(root, "one")).commit(libraryFiles("one"));
  const { origin } = await server({ root, credentials: "me:s3cret" });
  const caught = trap(
    () =>
      `[url "${origin}/"]\n\tinsteadOf = https://host.invalid/\n[credential]\n\thelper = "!f() { echo username=me; echo password=s3cret; }; f"\n`,
  );
  const packed = await pack({ url: "https://host.invalid/one", commit, settings: settings({ env: caught.env }) });
  expect(packed.commit).toBe(commit);
});

test("credentials in a URL work", async () => {
  const root = scratch();
  const commit = makeRepository(join(root, "one")).commit(libraryFiles("one"));
  const { origin } = await server({ root, credentials: "me:s3cret" });
  expect((await pack({ url: `${origin.replace("//", "//me:s3cret@")}/one`, commit })).commit).toBe(commit);
});

test("wrong or missing credentials are an error that shows none, asks nobody and comes at once", async () => {
  const root = scratch();
  const commit = makeRepository(join(root, "one")).commit(libraryFiles("one"));
  const { origin } = await server({ root, credentials: "me:right" });
  const caught = trap(() => "");
  const env = {
    ...caught.env,
    GIT_ASKPASS: caught.program,
    SSH_ASKPASS: caught.program,
    SSH_ASKPASS_REQUIRE: "force",
    DISPLAY: ":0",
    GIT_TRACE: "1",
    GIT_TRACE_CURL: "1",
    GIT_CURL_VERBOSE: "1",
    GIT_TRACE_REDACT: "0",
  };
  for (const user of ["", "me:s3cret@", "t0k3n-s3cret@"]) {
    const url = `${origin.replace("//", `//${user}`)}/one?key=s3cret`;
    const error = await rejection(pack({ url, commit, settings: settings({ env }) }));
    expect(error.code).toBe("git/unauthorized");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.cause)).not.toContain("s3cret");
  }
  expect(caught.wasRun()).toBe(false);
});

test("ssh gets no option, and only the ssh of the user is run", async () => {
  const caught = trap(() => "");
  const env = { ...caught.env, GIT_SSH_COMMAND: `${caught.program} < /dev/null; :` };
  const error = await rejection(
    pack({ url: "ssh://git@host.invalid/x", commit: "12".repeat(20), settings: settings({ env }) }),
  );
  expect(error.code).toMatch(/^git\//);
  expect(caught.wasRun()).toBe(true);
});

test("variables of a git that runs us do not lead anywhere else", async () => {
  const one = repository();
  const commit = one.commit(libraryFiles("one"));
  const other = repository();
  const env = {
    ...gitTestEnvironment,
    GIT_DIR: join(other.path, ".git"),
    GIT_WORK_TREE: other.path,
    GIT_INDEX_FILE: join(other.path, "index"),
    GIT_OBJECT_DIRECTORY: join(other.path, ".git/objects"),
    GIT_NAMESPACE: "x",
    GIT_SHALLOW_FILE: "/nonexistent",
    GIT_DEFAULT_HASH: "sha256",
    GIT_CONFIG_PARAMETERS: "'core.bare=false'",
    GIT_TRACE: join(other.path, "trace"),
  };
  const before = readdirSync(other.path, { recursive: true });
  expect((await pack({ url: one.url, commit, settings: settings({ env }) })).commit).toBe(commit);
  expect(readdirSync(other.path, { recursive: true })).toEqual(before);
});

test("replaced objects are not followed", async () => {
  const one = repository();
  const commit = one.commit(libraryFiles("one", "// true"));
  const other = one.commit(libraryFiles("one", "// replaced"));
  const before = await pack({ url: one.url, commit });
  one.git("replace", commit, other);
  const place = join(one.path, ".git");
  expect((await pack({ url: "https://host.invalid/x", commit, places: [place] })).sha256).toBe(before.sha256);
});

test("what git gets of the environment", () => {
  const given = {
    PATH: "/bin",
    LANG: "de_DE",
    LC_MESSAGES: "de_DE",
    GIT_SSH_COMMAND: "ssh -v",
    GIT_TRACE: "1",
    GIT_EDITOR: "vi",
    HTTPS_PROXY: "p",
    NONE: undefined,
  };
  const protocols = ["https", "ssh"] as const;
  expect(gitEnvironment(given, { protocols, terminal: true })).toEqual({
    PATH: "/bin",
    GIT_SSH_COMMAND: "ssh -v",
    HTTPS_PROXY: "p",
    LC_ALL: "C",
    GIT_ALLOW_PROTOCOL: "https:ssh",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
  });
  expect(gitEnvironment({ GIT_ASKPASS: "/bin/ask" }, { protocols, terminal: false })).toMatchObject({
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
  });
});
