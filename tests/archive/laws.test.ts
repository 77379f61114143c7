import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from "fast-check";
import { expect, test } from "vitest";
import { complaintsAbout } from "../../src/archive/archive-error.ts";
import { ArchiveError, compareCrate } from "../../src/archive/index.ts";
import { type TarEntry, TarWalker } from "../../src/archive/tar-walker.ts";
import { crate, file, gnuLong, gzip, type Member, pax, tar } from "../support/archive-builder.ts";
import { inScene, LIBRARY, MANIFEST, TOP } from "./scene.ts";

const members: readonly Member[] = [
  MANIFEST,
  LIBRARY,
  gnuLong("L", `${TOP}/${"long/".repeat(30)}name\0`),
  file("cut", "long", { mode: 0o755 }),
  pax({ path: `${TOP}/by-pax`, mtime: "1" }),
  file("x", "pax", { format: "ustar" }),
  { name: `${TOP}/link`, type: "2", linkName: "src/lib.rs" },
  { name: `${TOP}/hard`, type: "1", linkName: `${TOP}/src/lib.rs` },
  { name: `${TOP}/directory/`, type: "5", mode: 0o755 },
];
const plain = tar(members);
const packed = gzip(plain);
const paths = ["Cargo.toml", "src/lib.rs", `${"long/".repeat(30)}name`, "by-pax", "hard"];

const flips = (length: number) =>
  array(tuple(nat(length - 1), integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });

function flipped(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, mask] of changes) copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

/** Makes every header's sum right again, so that flipped headers get past it. */
function resummed(bytes: Buffer): Buffer {
  for (const start of headerStarts) {
    bytes.fill(" ", start + 148, start + 156);
    const sum = bytes.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, start + 148, "latin1");
  }
  return bytes;
}

const headerStarts = members.map((_member, at) => tar(members.slice(0, at), Buffer.alloc(0)).length);
const inHeader = tuple(constantFrom(...headerStarts), nat(511), integer({ min: 1, max: 255 }));

test("flipped bytes of a crate file never write outside and never throw anything but an ArchiveError", async () => {
  const law = asyncProperty(flips(packed.length), async (changes) => {
    await inScene(async (scene) => {
      const result = await scene.attempt(flipped(packed, changes));
      // Some bits of a gzip header mean nothing; then nothing may have changed.
      const found = result instanceof ArchiveError ? paths : result.files.map((each) => each.path);
      expect(found).toEqual(paths);
    });
  });
  await assert(law, { numRuns: 100 });
});

test("flipped bytes inside the archive never write outside and never throw anything but an ArchiveError", async () => {
  await assert(
    asyncProperty(flips(plain.length), (changes) =>
      inScene((scene) => scene.attempt(gzip(flipped(plain, changes))).then(() => undefined)),
    ),
    { numRuns: 100 },
  );
});

test("flipped headers with right sums never write outside and never throw anything but an ArchiveError", async () => {
  const law = asyncProperty(array(inHeader, { minLength: 1, maxLength: 3 }), async (changes) => {
    const at = changes.map(([start, offset, mask]) => [start + offset, mask] as const);
    await inScene(async (scene) => void (await scene.attempt(gzip(resummed(flipped(plain, at))))));
  });
  await assert(law, { numRuns: 150 });
});

const piece = constantFrom(
  "..",
  ".",
  "",
  "a",
  "A",
  "b",
  "src",
  "lib.rs",
  "sibling-1.0.0",
  "secret",
  ".cargo-ok",
  "...",
  "x y ",
  "é",
);
const pathText = array(piece, { maxLength: 5 }).map((pieces) => pieces.join("/"));
const name = oneof(
  { weight: 6, arbitrary: pathText.map((path) => `${TOP}/${path}`) },
  { weight: 1, arbitrary: pathText },
);
const anyMember = record({
  name,
  type: constantFrom("0", "0", "0", "\0", "1", "1", "2", "2", "5", "5", "7", "6", "g"),
  linkName: oneof(pathText, name),
  content: string({ maxLength: 10 }),
  mode: nat(0o7777).map((bits) => bits | 0o700),
  format: constantFrom("gnu" as const, "ustar" as const, "v7" as const),
}).map((member): Member => (/[0\0\u0037]/.test(member.type) ? member : { ...member, content: "" }));

test("any tree of hostile entries stays inside, and what is unpacked equals its archive", async () => {
  let unpacked = 0;
  const law = asyncProperty(array(anyMember, { minLength: 1, maxLength: 4 }), async (entries) => {
    await inScene(async (scene) => {
      const bytes = crate([MANIFEST, LIBRARY, ...entries]);
      const result = await scene.attempt(bytes);
      if (result instanceof ArchiveError) return;
      unpacked += 1;
      const job = { crate: bytes, topDirectory: TOP, directories: [scene.into], umask: 0o022 };
      const { files, differences } = await compareCrate(job);
      expect(differences).toEqual([]);
      expect(files).toEqual(result.files);
    });
  });
  await assert(law, { numRuns: 300 });
  expect(unpacked).toBeGreaterThan(20);
});

test("one changed byte in an unpacked crate is found, wherever it is", async () => {
  await inScene(async (scene) => {
    const content = Buffer.alloc(3000, "some content of a file ");
    const bytes = crate([MANIFEST, LIBRARY, file(`${TOP}/data`, content)]);
    await scene.unpack(bytes);
    const law = asyncProperty(nat(content.length - 1), integer({ min: 1, max: 255 }), async (at, mask) => {
      const path = join(scene.into, "data");
      writeFileSync(path, flipped(content, [[at, mask]]));
      const job = { crate: bytes, topDirectory: TOP, directories: [scene.into], umask: 0o022 };
      expect((await compareCrate(job)).differences).toMatchObject([{ path: "data", kind: "damaged" }]);
      writeFileSync(path, content);
      expect(readFileSync(path).equals(content)).toBe(true);
    });
    await assert(law, { numRuns: 60 });
  });
});

test("an archive gives the same entries in whatever chunks it comes", () => {
  const whole = walk([plain]);
  expect(whole).toHaveLength(7);
  const law = property(array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }), (sizes) => {
    const chunks: Buffer[] = [];
    for (let at = 0, turn = 0; at < plain.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      chunks.push(plain.subarray(at, at + size));
      at += size;
    }
    expect(walk(chunks)).toEqual(whole);
  });
  assert(law, { numRuns: 200 });
});

test("bytes that mean nothing never throw anything but an ArchiveError", async () => {
  const law = asyncProperty(uint8Array({ maxLength: 2000 }), async (bytes) => {
    await inScene(async (scene) => {
      expect(await scene.attempt(bytes)).toBeInstanceOf(ArchiveError);
      expect(await scene.attempt(gzip(bytes))).toBeInstanceOf(ArchiveError);
    });
  });
  await assert(law, { numRuns: 60 });
});

/** What a walker finds: each entry with its content. */
function walk(chunks: readonly Buffer[]): readonly (TarEntry & { content: string })[] {
  const found: (TarEntry & { content: string })[] = [];
  const handler = {
    entry: (entry: TarEntry) => found.push({ ...entry, content: "" }) > 0,
    content: (bytes: Buffer) => {
      const last = found.at(-1);
      if (last !== undefined) last.content += bytes.toString("latin1");
    },
    contentEnd: () => undefined,
  };
  const walker = new TarWalker(handler, {
    pathBytes: 1024,
    streamBytes: 1 << 20,
    complain: complaintsAbout("archive"),
  });
  for (const chunk of chunks) walker.push(chunk);
  walker.finish();
  return found;
}
