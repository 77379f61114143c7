import { expect, test } from "vitest";
import {
  type IndexPackage,
  type IndexVersion,
  type PreparedPackage,
  preparedIndexOpener,
  prepareIndexFile,
  ResolveError,
  readIndexPackage,
} from "../../src/resolve/index.ts";
import { parseRequirement } from "../../src/semver/index.ts";
import { randomWorld } from "../differential/random-world.ts";
import { registryFiles } from "../differential/world-files.ts";
import { buildCrate } from "../support/crate-builder.ts";

const utf8 = new TextDecoder();

function opened({ head, bodies }: Pick<PreparedPackage, "head" | "bodies">): IndexPackage {
  return preparedIndexOpener()({ head, readBody: (from, end) => utf8.decode(bodies.slice(from, end)), at: "kept" });
}

/** Everything a version says, dev-dependencies aside. */
function facts(version: IndexVersion, time?: "without time"): unknown {
  const { position, versionText, state } = version;
  if (state !== "offered" && state !== "yanked") return { position, versionText, state, version: version.version };
  const { checksum, dependencies, features } = version.contents();
  const { links, rustVersion } = version;
  const publishedAt = time === undefined ? version.publishedAt : undefined;
  const wanted = dependencies.filter(({ kind }) => kind !== "dev");
  return {
    position,
    versionText,
    state,
    version: version.version,
    links,
    rustVersion,
    publishedAt,
    checksum,
    dependencies: wanted,
    features,
  };
}

const REQUIREMENTS = ["*", "1", "=1.1.0", "^1.1.0-alpha.1", ">=1, <2", "0.0", "<=1.1.0", "~1.1", "^0.2.5", ">1.0.0"];

function expectSame(body: string, name: string, prepared: PreparedPackage): void {
  const raw = readIndexPackage(body, name);
  const quick = opened(prepared);
  expect(quick.versions.map((version) => facts(version))).toEqual(raw.versions.map((version) => facts(version)));
  for (const text of REQUIREMENTS) {
    const requirement = parseRequirement(text);
    expect(quick.matching(requirement).map(({ versionText }) => versionText)).toEqual(
      raw.matching(requirement).map(({ versionText }) => versionText),
    );
  }
}

test("a prepared package says what its lines say", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const files = registryFiles(randomWorld(seed), "later");
    for (const [path, body] of Object.entries(files)) {
      for (const prepared of prepareIndexFile(body)) expectSame(body, prepared.name, prepared);
      expect(path).toContain("registry/");
    }
  }
});

const odd = [
  { name: "a", version: "1.0.0", links: "z", rustVersion: "1.60", pubtime: "2025-11-12T19:30:12Z", yanked: true },
  {
    name: "a",
    version: "1.1.0-rc.1+b.2",
    rustVersion: "1.60",
    pubtime: "1960-01-01T00:00:00Z",
    features: { "a-b": ["c/d", "dep:c"], 1: [] },
    deps: {
      c: { version: ">=1.0.0", optional: true, defaultFeatures: false, features: ["x", ""], target: "cfg(unix)" },
      d: { version: "2", kind: "build" as const, package: "dé", registry: "https://registry.example/index" },
      e: { version: "1", kind: "dev" as const },
      f: "1",
    },
  },
  { name: "a", version: "18446744073709551615.1.0", pubtime: "2024-02-29T23:59:60Z" },
  { name: "a", version: "1.0.18446744073709551615" },
].map((spec) => buildCrate(spec).line);

test("odd versions, times and dependencies", () => {
  const body = `${odd.join("\n")}\n{"name":"a","vers":"1.5.0"}\n${odd[0]?.replace('"1.0.0"', '"1.6.0"').replace(/\}$/, ',"v":9}')}\n`;
  const [prepared] = prepareIndexFile(body);
  if (prepared === undefined) throw new Error("nothing was prepared");
  const quick = opened(prepared);
  const raw = readIndexPackage(body, "a");
  expect(quick.versions.map((version) => version.versionText)).toEqual(
    raw.versions.map((version) => version.versionText),
  );
  expect(quick.versions.map((version) => facts(version, "without time"))).toEqual(
    raw.versions.map((version) => facts(version, "without time")),
  );
  expect(quick.versions.map(({ state, publishedAt }) => (state === "invalid" ? state : publishedAt))).toEqual([
    "2024-03-01T00:00:00Z",
    undefined,
    "invalid",
    "1970-01-01T00:00:00Z",
    undefined,
    "2025-11-12T19:30:12Z",
  ]);
  for (const text of ["1", "<=1.0.18446744073709551615", "=1.0.18446744073709551615", ">=2", "^18446744073709551615"]) {
    const requirement = parseRequirement(text);
    expect(quick.matching(requirement).map(({ versionText }) => versionText)).toEqual(
      raw.matching(requirement).map(({ versionText }) => versionText),
    );
  }
});

test("names that differ in letter case are packages of their own", () => {
  const body = [buildCrate({ name: "Zed", version: "1.0.0" }), buildCrate({ name: "zed", version: "2.0.0" })]
    .map(({ line }) => line)
    .join("\n");
  expect(prepareIndexFile(body).map(({ name }) => name)).toEqual(["Zed", "zed"]);
});

test("the format of version 1", () => {
  const checksums = odd.map((line) => /"cksum":"(\w+)"/.exec(line)?.[1]);
  const [prepared] = prepareIndexFile(odd.slice(0, 2).join("\n"));
  expect(prepared?.head).toBe(
    '{"v":1,"name":"a","n":[1,1,0,1,0,0],"odd":{"0":"1.1.0-rc.1+b.2"},"s":"oy","b":[208,74],' +
      '"rust":["1.60",[0,1]],"links":["z",[1]],"t":"00000000t5mouc"}',
  );
  expect(utf8.decode(prepared?.bodies)).toBe(
    `["${checksums[1]}",[["c",">=1.0.0",3,["x"],"cfg(unix)"],` +
      '["d","^2",4,[],null,"dé","https://registry.example/index"],["f","^1"]],{"1":[],"a-b":["c/d","dep:c"]}]' +
      `["${checksums[0]}",[],{}]`,
  );
});

test.each([
  ["no JSON", "{"],
  ["another version", '{"v":2,"name":"a","n":[],"s":"","b":[]}'],
  ["numbers that are too few", '{"v":1,"name":"a","n":[1,0],"s":"o","b":[1]}'],
  ["no object", "[]"],
])("a head that is %s is damaged", (_what, head) => {
  expect(() => opened({ head, bodies: new Uint8Array() })).toThrow(
    expect.objectContaining({ code: "resolve/prepared-index-damaged", where: "kept" }),
  );
});

test.each(["", "{}", '["no checksum",[],{}]', `["${"0".repeat(64)}",[["a"]],{}]`, `["${"0".repeat(64)}",[1],{}]`])(
  "a body %s is damaged",
  (body) => {
    const bodies = new TextEncoder().encode(body);
    const head = `{"v":1,"name":"a","n":[1,0,0],"s":"o","b":[${bodies.length}]}`;
    expect(() => opened({ head, bodies }).versions[0]?.contents()).toThrow(ResolveError);
  },
);
