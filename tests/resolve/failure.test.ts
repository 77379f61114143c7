import { afterEach, expect, test } from "vitest";
import type { NoSolution, ResolveFailure } from "../../src/resolve/index.ts";
import { compareNew, compareUpdate, type Scene, type SceneOptions, scene } from "./scene.ts";

let built: Scene | undefined;

afterEach(() => {
  built?.remove();
  built = undefined;
});

/** What both cargo and we fail with. */
async function failureOf(options: SceneOptions): Promise<ResolveFailure> {
  built = scene(options);
  const { ours } = await compareNew(built);
  if (ours.failure === undefined) throw new Error("it was resolved");
  return ours.failure;
}

async function noSolutionOf(options: SceneOptions): Promise<NoSolution> {
  const failure = await failureOf(options);
  if (failure.kind !== "no-solution") throw new Error(`it failed with ${failure.kind}`);
  return failure;
}

/** A chain as `app 0.1.0 > b 1.0.0 (^1)`. */
function chain({ chain: links }: Pick<NoSolution, "chain">): string {
  return links
    .map(({ package: { name, version }, asked }) =>
      asked === undefined ? `${name} ${version}` : `${name} ${version} (${asked.requirement})`,
    )
    .join(" > ");
}

/** Each version with the reason that excludes it. */
function exclusions({ versions }: NoSolution): Record<string, string> {
  return Object.fromEntries(versions.map(({ version, exclusion }) => [version, exclusion.kind]));
}

test("no version matches: all there are, with the reason of each", async () => {
  const failure = await noSolutionOf({
    crates: [
      { name: "a", version: "1.0.0" },
      { name: "a", version: "2.0.0", yanked: true },
      { name: "a", version: "2.1.0-rc.1" },
      { name: "a", line: '{"name":"a","vers":"2.2.0"}' },
      { name: "a", line: '{"name":"a","vers":"2.3.0","v":7}' },
      { name: "a", line: '{"name":"a","vers":"3.0.0"}' },
      { name: "b", version: "1.0.0", deps: { a: { version: "2", features: ["x"] } } },
    ],
    manifest: '[dependencies]\nb = "1"\n',
  });
  expect(failure.asked).toMatchObject({ packageName: "a", requirement: "^2", features: ["x"], locked: undefined });
  expect(chain(failure)).toBe("app 0.1.0 > b 1.0.0 (^1)");
  expect(exclusions(failure)).toEqual({
    "1.0.0": "requirement",
    "2.0.0": "yanked",
    "2.1.0-rc.1": "requirement",
    "2.2.0": "invalid",
    "2.3.0": "unsupported-schema",
    "3.0.0": "requirement",
  });
  expect(failure.obstacles).toEqual([]);
});

test("a name that is not there has no versions", async () => {
  const failure = await noSolutionOf({ manifest: '[dependencies]\nnone = "1"\n' });
  expect(failure).toMatchObject({ versions: [], obstacles: [], asked: { name: "none", packageName: "none" } });
});

test("a compatible version is in use: who it is and who needs it", async () => {
  const failure = await noSolutionOf({
    crates: [
      { name: "a", version: "1.0.0" },
      { name: "a", version: "1.1.0" },
      { name: "b", version: "1.0.0", deps: { a: "=1.0.0" } },
      { name: "c", version: "1.0.0", deps: { d: "1" } },
      { name: "d", version: "1.0.0", deps: { a: "=1.1.0" } },
    ],
    manifest: '[dependencies]\nb = "1"\nc = "1"\n',
  });
  expect(exclusions(failure)).toEqual({ "1.0.0": "requirement", "1.1.0": "version-in-use" });
  expect(chain(failure)).toBe("app 0.1.0 > c 1.0.0 (^1) > d 1.0.0 (^1)");
  const [obstacle, ...others] = failure.obstacles;
  expect(others).toEqual([]);
  expect(obstacle).toMatchObject({ package: { name: "a", version: "1.0.0" }, reason: { kind: "version" } });
  expect(obstacle === undefined ? "" : chain(obstacle)).toBe("app 0.1.0 > b 1.0.0 (^1) > a 1.0.0 (=1.0.0)");
});

test("a native library is in use", async () => {
  const failure = await noSolutionOf({
    crates: [
      { name: "z1", version: "1.0.0", links: "z", buildScript: true },
      { name: "z2", version: "1.0.0", links: "z", buildScript: true },
    ],
    manifest: '[dependencies]\nz1 = "1"\nz2 = "1"\n',
  });
  expect(failure.versions[0]?.exclusion).toMatchObject({ kind: "links-in-use", links: "z", by: { name: "z1" } });
  expect(failure.obstacles[0]).toMatchObject({ package: { name: "z1" }, reason: { kind: "links", links: "z" } });
});

test("features that a version lacks, each in its own way", async () => {
  const deps = { o: { version: "1", optional: true }, r: "1" };
  const failure = await noSolutionOf({
    crates: [
      { name: "o", version: "1.0.0" },
      { name: "r", version: "1.0.0" },
      { name: "a", version: "1.0.0", deps, features: { more: ["dep:o"] } },
    ],
    manifest: '[dependencies]\na = { version = "1", features = ["o"] }\n',
  });
  expect(failure.versions[0]?.exclusion).toEqual({
    kind: "missing-feature",
    feature: "o",
    reason: "dependency-without-feature",
  });
  built?.remove();
  const required = await noSolutionOf({
    crates: [
      { name: "r", version: "1.0.0" },
      { name: "a", version: "1.0.0", deps: { r: "1" } },
    ],
    manifest: '[dependencies]\na = { version = "1", features = ["r"] }\n',
  });
  expect(required.versions[0]?.exclusion).toMatchObject({ feature: "r", reason: "dependency-not-optional" });
  built?.remove();
  const unknown = await noSolutionOf({
    crates: [{ name: "a", version: "1.0.0" }],
    manifest: '[dependencies]\na = { version = "1", features = ["x"] }\n',
  });
  expect(unknown.versions[0]?.exclusion).toMatchObject({ feature: "x", reason: "no-such-feature" });
});

test("after choices were taken back, the dependency that cargo names too", async () => {
  const failure = await noSolutionOf({
    crates: [
      ...["1.0.0", "1.1.0", "1.2.0"].map((version) => ({ name: "a", version, deps: { x: `=${version}` } })),
      ...["1.0.0", "1.1.0", "1.2.0"].map((version) => ({ name: "x", version })),
      { name: "b", version: "1.0.0", deps: { x: "=1.3.0" } },
    ],
    manifest: '[dependencies]\na = "1"\nb = "1"\n',
  });
  expect(failure.asked).toMatchObject({ packageName: "x", requirement: "=1.3.0" });
});

test("a version that the lockfile asks for and the registry no longer has", async () => {
  built = scene({ crates: [{ name: "a", version: "1.0.0" }], manifest: '[dependencies]\na = "1"\n' });
  await compareNew(built);
  built.publish([{ name: "a", version: "1.1.0" }]);
  const { ours } = await compareUpdate(built, ["update", "--workspace"], { kind: "nothing" });
  expect(ours.failure).toMatchObject({
    kind: "no-solution",
    asked: { requirement: "^1", locked: "1.0.0" },
    versions: [{ version: "1.1.0", exclusion: { kind: "not-the-locked-one" } }],
  });
});

test("a checksum that is another one than in the lockfile", async () => {
  built = scene({ crates: [{ name: "a", version: "1.0.0" }], manifest: '[dependencies]\na = "1"\n' });
  await compareNew(built);
  built.publish([{ name: "a", version: "1.0.0", files: { "src/more.rs": "" } }]);
  const { ours } = await compareUpdate(built, ["update", "--workspace"], { kind: "nothing" });
  expect(ours.failure).toMatchObject({ kind: "checksum-changed", package: { name: "a", version: "1.0.0" } });
});

test("packages that need each other: the circle, and by what each needs the next", async () => {
  const failure = await failureOf({
    crates: [
      { name: "a", version: "1.0.0", deps: { b: "1.0" } },
      { name: "b", version: "1.0.0", deps: { c: "1" } },
      { name: "c", version: "1.0.0", deps: { b: "1.0.0" } },
    ],
    manifest: '[dependencies]\na = "1"\n',
  });
  expect(failure.kind === "cycle" ? chain(failure) : "").toBe("b 1.0.0 (^1.0.0) > c 1.0.0 (^1)");
});

const local = (name: string, version: string): string => `[package]\nname = "${name}"\nversion = "${version}"\n`;

const others: Readonly<Record<string, SceneOptions & { readonly expected: object }>> = {
  "two path packages that a lockfile can not tell apart": {
    manifest: '[dependencies]\na = { path = "../a1" }\nb = { path = "../a2", package = "a" }\n',
    files: { "a1/Cargo.toml": local("a", "1.1.0"), "a2/Cargo.toml": local("a", "1.1.0") },
    expected: { kind: "collision", packages: [{ name: "a" }, { name: "a" }] },
  },
  "a feature that includes itself": {
    crates: [{ name: "a", version: "1.0.0", features: { x: ["x"] } }],
    manifest: '[dependencies]\na = { version = "1", features = ["x"] }\n',
    expected: { kind: "feature-cycle", package: { name: "a", version: "1.0.0" }, feature: "x" },
  },
  "a directory that can not be read": {
    manifest: '[dependencies]\na = { path = "../a" }\n',
    expected: { kind: "unavailable" },
  },
  "a patch that nothing matches": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { path = "../a", version = "2" }\n',
    files: { "a/Cargo.toml": local("a", "1.3.0") },
    expected: { kind: "patch", problem: { kind: "nothing-matches", found: ["1.3.0"] } },
  },
  "a patch of its own source": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = "1"\n',
    expected: { kind: "patch", problem: { kind: "same-source" } },
  },
  "a replacement of another version": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[replace]\n"a:1.2.0" = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
    expected: { kind: "replacement", problem: "nothing-matches", replaced: { name: "a", version: "1.2.0" } },
  },
};

test.each(Object.entries(others))("%s", async (_name, { expected, ...options }) => {
  expect(await failureOf(options)).toMatchObject(expected);
});
