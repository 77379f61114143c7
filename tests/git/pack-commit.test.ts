import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { closeRemote, openRemote, packCommit } from "../../src/git/index.ts";
import { libraryFiles, makeRepository, runTestGit } from "../support/git-repository.ts";
import { type GitServerOptions } from "../support/git-server.ts";
import { pack, rejection, repository, scratch, server, settings } from "./scene.ts";

/** A repository `one` with an old commit on `main`, one only on a branch, and one that no reference leads to. */
function history(root = scratch()) {
  const one = makeRepository(join(root, "one"));
  const first = one.commit(libraryFiles("one", "// first"));
  const second = one.commit(libraryFiles("one", "// second"));
  one.git("checkout", "-q", "-b", "side/x");
  const side = one.commit(libraryFiles("one", "// side"));
  const lost = one.commit(libraryFiles("one", "// lost"));
  one.git("reset", "-q", "--hard", side);
  one.git("checkout", "-q", "main");
  const newest = one.commit(libraryFiles("one", "// newest"));
  return { root, one, first, second, side, lost, newest };
}

const servers: readonly [string, Omit<GitServerOptions, "root">][] = [
  ["of today", {}],
  ["that gives only what it advertises", { oldProtocol: true }],
  ["that is a plain web server", { dumb: true }],
];

test.each(servers)(
  "from a server %s come the newest commit, an old one, and one of a branch",
  async (_what, options) => {
    const { root, one, first, side, newest } = history();
    if (options.dumb === true) one.git("update-server-info");
    const { origin } = await server({ root, ...options });
    const url = `${origin}/one${options.dumb === true ? "/.git" : ""}`;
    for (const [commit, reference] of [
      [newest, undefined],
      [first, undefined],
      [side, { kind: "branch", value: "side/x" }],
      [side, undefined],
      [first, { kind: "rev", value: first }],
    ] as const) {
      const packed = await pack({ url, commit, reference });
      expect(packed).toMatchObject({ commit, from: "remote", tree: one.git("rev-parse", `${commit}^{tree}`) });
    }
  },
);

test("a single commit is asked for where the server gives it, and nothing more comes", async () => {
  const { root, first } = history();
  const served = await server({ root });
  await pack({ url: `${served.origin}/one`, commit: first });
  expect(served.requests.map((line) => line.split(" ")[0])).toEqual(["GET", "POST"]);
});

test("several commits come through one remote, whatever the order", async () => {
  const { root, first, second, side, newest } = history();
  const { origin } = await server({ root, oldProtocol: true });
  const remote = openRemote(settings(), { url: `${origin}/one` });
  const directory = scratch();
  for (const commit of [newest, first, side, second])
    expect(await packCommit(remote, { commit, target: join(directory, commit) })).toMatchObject({ commit });
  closeRemote(remote);
  expect(readdirSync(remote.settings.directory)).toEqual([]);
});

test.each(servers.slice(0, 2))("a commit that a server %s no longer has is missing", async (_what, options) => {
  const { root, one, lost } = history();
  one.git("reflog", "expire", "--expire=now", "--all");
  one.git("gc", "-q", "--prune=now");
  const { origin } = await server({ root, ...options });
  const url = `${origin}/one`;
  const error = await rejection(pack({ url, commit: lost, reference: { kind: "branch", value: "side/x" } }));
  expect(error).toMatchObject({ code: "git/commit-missing", where: url });
  expect(error.what).toContain(lost);
  expect(error.what).toContain('branch "side/x"');
  expect((await rejection(pack({ url, commit: lost, reference: { kind: "tag", value: "gone" } }))).code).toBe(
    "git/commit-missing",
  );
});

test("a repository on this machine that has the commit is taken before the network, which may be gone", async () => {
  const { root, one, newest } = history();
  const served = await server({ root });
  const place = join(scratch(), 'odd: "place";x');
  runTestGit(scratch(), ["clone", "-q", "--bare", "--no-hardlinks", one.path, place]);
  const both = await pack({ url: `${served.origin}/one`, commit: newest, places: [join(scratch(), "nowhere"), place] });
  expect(both.from).toBe(place);
  expect(served.requests).toEqual([]);
  const offline = settings({ network: "offline" });
  const url = "https://host.invalid/one";
  expect((await pack({ url, commit: newest, places: [place], settings: offline })).sha256).toBe(both.sha256);
  expect((await rejection(pack({ url, commit: "12".repeat(20), places: [place], settings: offline }))).code).toBe(
    "git/offline",
  );
});

test("a damaged repository on this machine is passed over", async () => {
  const { root, one, newest } = history();
  const { origin } = await server({ root });
  const place = join(scratch(), "place");
  runTestGit(scratch(), ["clone", "-q", "--bare", "--no-hardlinks", one.path, place]);
  const blob = one.git("rev-parse", `${newest}:src/lib.rs`);
  const loose = join(place, "objects", blob.slice(0, 2), blob.slice(2));
  rmSync(loose, { force: true });
  writeFileSync(loose, "damaged");
  const packed = await pack({ url: `${origin}/one`, commit: newest, places: [place] });
  expect(packed.from).toBe("remote");
});

test("a place whose object was exchanged for another is passed over", async () => {
  const { root, one, newest } = history();
  const { origin } = await server({ root });
  const place = join(scratch(), "place");
  runTestGit(scratch(), ["clone", "-q", "--bare", "--no-hardlinks", one.path, place]);
  const [blob, other] = ["src/lib.rs", "Cargo.toml"].map((path) => one.git("rev-parse", `${newest}:${path}`));
  const loose = (id = ""): string => join(place, "objects", id.slice(0, 2), id.slice(2));
  rmSync(loose(blob), { force: true });
  copyFileSync(loose(other), loose(blob));
  const packed = await pack({ url: `${origin}/one`, commit: newest, places: [place] });
  expect(packed.from).toBe("remote");
});

test.each([
  [401, "git/unauthorized"],
  [403, "git/unauthorized"],
  [404, "git/repository-missing"],
  [500, "git/unreachable"],
  [503, "git/unreachable"],
  ["tear", "git/unreachable"],
] as const)("a server that answers %s gives %s", async (fault, code) => {
  const { root, newest } = history();
  const served = await server({ root });
  served.fault = fault;
  const error = await rejection(pack({ url: `${served.origin}/one`, commit: newest }));
  expect(error, error.what).toMatchObject({ code, where: `${served.origin}/one` });
});

test("a host where nobody listens is unreachable", async () => {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const error = await rejection(pack({ url: `http://127.0.0.1:${port}/one`, commit: "12".repeat(20) }));
  expect(error.code).toBe("git/unreachable");
});

test.each([["http"], ["git"]])("a host that accepts by %s and says nothing is given up", async (protocol) => {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    listener.close();
  });
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const quick = settings({ stallMs: 1500 });
  const started = performance.now();
  const error = await rejection(
    pack({ url: `${protocol}://127.0.0.1:${port}/one`, commit: "12".repeat(20), settings: quick }),
  );
  expect(error.code).toMatch(/^git\/(?:stalled|unreachable)$/);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("a server that sends more than it may is cut off", async () => {
  const { root, newest } = history();
  const { origin } = await server({ root });
  const small = settings({ fetchedBytes: 100 });
  const error = await rejection(pack({ url: `${origin}/one`, commit: newest, settings: small }));
  expect(error).toMatchObject({ code: "git/too-large", where: `${origin}/one` });
});

test("somebody at the terminal changes nothing in what is packed", async () => {
  const { one, newest } = history();
  const silent = await pack({ url: one.url, commit: newest });
  const asked = await pack({ url: one.url, commit: newest, settings: settings({ terminal: true }) });
  expect(asked.sha256).toBe(silent.sha256);
});

test("a fetch can be stopped", async () => {
  const { root, newest } = history();
  const served = await server({ root });
  served.fault = "stall";
  const stop = new AbortController();
  const packing = rejection(
    pack({ url: `${served.origin}/one`, commit: newest, settings: settings({ signal: stop.signal }) }),
  );
  setTimeout(() => stop.abort(), 300);
  expect((await packing).code).toBe("git/failed");
});

test("a repository that is not there, or is none, is missing", async () => {
  const { root } = history();
  const { origin } = await server({ root });
  const commit = "12".repeat(20);
  expect((await rejection(pack({ url: `${origin}/two`, commit }))).code).toBe("git/repository-missing");
  expect((await rejection(pack({ url: `file://${scratch()}`, commit }))).code).toBe("git/repository-missing");
});

test("a repository with SHA-256 names is refused", async () => {
  const other = repository("sha256", "--object-format=sha256");
  const commit = other.commit({ a: "x" });
  expect(commit).toHaveLength(64);
  expect((await rejection(pack({ url: other.url, commit }))).code).toBe("git/object-format");
  expect((await rejection(pack({ url: other.url, commit: commit.slice(0, 40) }))).code).toBe("git/object-format");
});

test.each(["-x", "a..b", "a b", "a:b", "a~1", "a^{commit}", "", "/a", "a/", "a.lock", ".a", "@{u}", "a*", "a\nb", "@"])(
  "the branch %j is refused before git sees it",
  async (value) => {
    const error = await rejection(
      pack({ url: "https://host.invalid/x", commit: "12".repeat(20), reference: { kind: "branch", value } }),
    );
    expect(error.code).toBe("git/reference-refused");
  },
);

test("without git there is a clear answer", async () => {
  const without = settings({ program: "no-such-git" });
  const error = await rejection(
    pack({ url: "https://me:s3cret@host.invalid/x", commit: "12".repeat(20), settings: without }),
  );
  expect(error.code).toBe("git/program-missing");
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cret");
});

test("a target that is there already stays as it is", async () => {
  const one = repository();
  const commit = one.commit({ a: "x" });
  const target = join(scratch(), "a.pack");
  writeFileSync(target, "somebody's");
  expect(await rejection(pack({ url: one.url, commit, target }))).toMatchObject({
    code: "git/write-failed",
    where: target,
  });
  expect(readFileSync(target, "utf8")).toBe("somebody's");
});

test("a private directory that goes away meanwhile is named", async () => {
  const { one, newest } = history();
  const remote = openRemote(settings(), { url: one.url });
  closeRemote(remote);
  const error = await rejection(packCommit(remote, { commit: newest, target: join(scratch(), "a.pack") }));
  expect(error).toMatchObject({ code: "git/write-failed", where: remote.repository });
});

test("a directory that is not there can not be written", async () => {
  const one = repository();
  const commit = one.commit({ a: "x" });
  const gone = settings({ directory: join(scratch(), "a\0b") });
  expect((await rejection(pack({ url: one.url, commit, settings: gone }))).code).toBe("git/write-failed");
  const target = join(scratch(), "nowhere/a.pack");
  expect((await rejection(pack({ url: one.url, commit, target }))).code).toBe("git/write-failed");
});
