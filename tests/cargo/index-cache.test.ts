import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatIndexCache, IndexCacheError, indexVersionOf, parseIndexCache } from "../../src/cargo/index.ts";
import { stage } from "../support/stage.ts";
import { cargoWorld } from "./cargo-world.ts";
import { checksum } from "./index-line-cases.ts";

const text = new TextEncoder();

function bytesOf(hex: string, tail: string): Uint8Array {
  return Uint8Array.from([...Buffer.from(hex, "hex"), ...text.encode(tail)]);
}

function faultOf(bytes: Uint8Array): unknown {
  try {
    parseIndexCache(bytes, "cache/li/bc/libc");
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each([
  ["Unknown", "03 02000000 556e6b6e6f776e00 302e312e3000 7b7d 00", [{ version: "0.1.0", line: "{}" }]],
  [
    'etag: "32bb"',
    `03 02000000 ${Buffer.from('etag: "32bb"').toString("hex")} 00 312e322e3300 7b2261223a317d 00`,
    [{ version: "1.2.3", line: '{"a":1}' }],
  ],
  ["", "03 02000000 00", []],
])("a cache file with the index version %j has these bytes", (indexVersion, hex, lines) => {
  const bytes = bytesOf(hex.replaceAll(" ", ""), "");
  expect(Buffer.from(formatIndexCache({ indexVersion, lines })).toString("hex")).toBe(
    Buffer.from(bytes).toString("hex"),
  );
  expect(parseIndexCache(bytes, "cache")).toEqual({ indexVersion, lines });
});

test("parseIndexCache gives back what formatIndexCache wrote", () => {
  const word = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", ""));
  const line = fc.record({ version: fc.constantFrom("1.0.0", "0.1.0+b", "3.0.0-rc.1"), line: word });
  fc.assert(
    fc.property(word, fc.array(line), (indexVersion, lines) => {
      expect(parseIndexCache(formatIndexCache({ indexVersion, lines }), "cache")).toEqual({ indexVersion, lines });
    }),
  );
});

test("a missing NUL at the very end is forgiven, as cargo does", () => {
  expect(parseIndexCache(bytesOf("0302000000", "Unknown\x001.0.0\0{}"), "cache").lines).toEqual([
    { version: "1.0.0", line: "{}" },
  ]);
});

test.each([
  ["nothing", bytesOf("", ""), "it is empty"],
  ["an older format", bytesOf("0202000000", "Unknown\0"), "its format is 2"],
  ["a newer schema", bytesOf("0303000000", "Unknown\0"), "its index schema is 3"],
  ["a schema in the high byte", bytesOf("0302000001", "Unknown\0"), "its index schema is 16777218"],
  ["a cut head", bytesOf("030200", ""), "it ends within its head"],
  ["no index version", bytesOf("0302000000", ""), "it ends before the index version"],
  ["a version without a line", bytesOf("0302000000", "Unknown\x001.0.0\0"), "version 1.0.0 has no line"],
  ["a line without a version", bytesOf("0302000000", "Unknown\0{}\0"), '"{}" stands where a version should'],
  ["other bytes than UTF-8", bytesOf("0302000000ff00", ""), "it is not UTF-8"],
])("a file with %s is refused with its reason", (_, bytes, reason) => {
  const fault = faultOf(bytes);
  expect(fault).toBeInstanceOf(IndexCacheError);
  expect(fault).toMatchObject({ code: "cargo/index-cache-invalid", where: "cache/li/bc/libc" });
  expect(fault).toHaveProperty("what", expect.stringContaining(reason));
});

test("formatIndexCache refuses a NUL, which would move everything behind it", () => {
  expect(() => formatIndexCache({ indexVersion: "a\0b", lines: [] })).toThrow(IndexCacheError);
  expect(() => formatIndexCache({ indexVersion: "", lines: [{ version: "1.0.0", line: "{\0}" }] })).toThrow(
    IndexCacheError,
  );
});

test("we write the cache file that cargo writes", async () => {
  const scene = await stage({
    crates: [
      { name: "Lab_One", version: "0.3.0" },
      { name: "Lab_One", version: "0.3.1+meta" },
    ],
    deps: { Lab_One: "0.3" },
  });
  try {
    const run = await scene.cargo("generate-lockfile");
    expect(run.stderr).not.toContain("error");
    const index = join(scene.cargoHome, "registry", "index");
    const [ident] = readdirSync(index);
    const written = readFileSync(join(index, ident ?? "", ".cache", "la", "b_", "lab_one"));
    const answer = await fetch(`${scene.registry.url}la/b_/lab_one`);
    const lines = (await answer.text()).trimEnd().split("\n");
    const cache = formatIndexCache({
      indexVersion: indexVersionOf({ etag: answer.headers.get("etag") ?? "" }),
      lines: [
        { version: "0.3.0", line: lines[0] ?? "" },
        { version: "0.3.1+meta", line: lines[1] ?? "" },
      ],
    });
    expect(Buffer.from(cache).toString("latin1")).toBe(written.toString("latin1"));
  } finally {
    await scene.close();
  }
});

test("cargo reads the cache file that we write, offline and with the index version Unknown", async () => {
  const line = `{"name":"only-here","vers":"1.2.3+b","deps":[],"cksum":"${checksum}","features":{},"yanked":false}`;
  const ident = "127.0.0.1-9c4b7cddfbeb380e";
  const world = cargoWorld({
    "app/Cargo.toml":
      '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nonly-here = { version = "1", registry = "lab" }\n',
    "app/src/lib.rs": "",
    "app/.cargo/config.toml": '[registries.lab]\nindex = "sparse+http://127.0.0.1:9000/"\n',
    [`cargo-home/registry/index/${ident}/config.json`]: '{"dl":""}',
    [`cargo-home/registry/index/${ident}/.cache/on/ly/only-here`]: formatIndexCache({
      indexVersion: "Unknown",
      lines: [{ version: "1.2.3+b", line }],
    }),
  });
  const run = await world.cargo("app", "generate-lockfile", "--offline");
  expect(run.stderr).not.toContain("error");
  const lock = readFileSync(join(world.root, "app", "Cargo.lock"), "utf8");
  world.remove();
  expect(lock).toContain(
    `name = "only-here"\nversion = "1.2.3+b"\nsource = "sparse+http://127.0.0.1:9000/"\nchecksum = "${checksum}"\n`,
  );
});
