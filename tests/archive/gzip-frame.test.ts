import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { crate, file, gzip, memberBytes, tar } from "../support/archive-builder.ts";
import { inScene, LIBRARY, list, MANIFEST, TOP } from "./scene.ts";

const content = tar([MANIFEST, LIBRARY]);
const sound = gzip(content);
/** More than is inflated at once, so that the streaming way is taken. */
const large = tar([MANIFEST, file(`${TOP}/large`, Buffer.alloc(17 << 20, "0123456789abcdef…"))]);
const NAME_AND_COMMENT = 0x18;

test("gzip headers with a name, a comment, extra data and a check sum are read", async () => {
  const optional = [
    { flags: 0x08, optional: Buffer.from(`${TOP}.crate\0`) },
    { flags: NAME_AND_COMMENT, optional: Buffer.from("name\0comment\0") },
    { flags: 0x04, optional: Buffer.from("\u0003\0abc") },
    { flags: 0x02, optional: headerSum([0x1f, 0x8b, 8, 0x02, 0, 0, 0, 0, 2, 255]) },
  ];
  for (const shape of optional) {
    await inScene(async (scene) => {
      expect((await scene.unpack(gzip(content, shape))).files).toHaveLength(2);
    });
  }
});

test("what is no gzip file is refused by name", async () => {
  const bytes = [
    Buffer.from("<!DOCTYPE html><title>Sign in</title>"),
    content,
    Buffer.from(sound).fill(9, 2, 3),
    gzip(content, { flags: 0x80 }),
    gzip(content, { flags: 0x02, optional: Buffer.from([1, 2]) }),
    gzip(content, { flags: 0x08, optional: Buffer.alloc(70_000, "n") }),
  ];
  for (const crateBytes of bytes) {
    await inScene(async (scene) => expect((await scene.refusal(crateBytes)).code).toBe("archive/not-gzip"));
  }
});

test("a gzip file cut anywhere is refused as truncated", async () => {
  for (let length = 0; length < sound.length; length += 3) {
    await inScene(async (scene) => {
      expect((await scene.refusal(sound.subarray(0, length))).code, `at ${length}`).toBe("archive/truncated");
    });
  }
});

test("a large gzip file cut anywhere is refused as truncated", async () => {
  const bytes = gzip(large, { level: 1 });
  for (const part of [0.1, 0.5, 0.9, 0.99]) {
    await inScene(async (scene) => {
      expect((await scene.refusal(bytes.subarray(0, bytes.length * part))).code).toBe("archive/truncated");
    });
  }
  for (const missing of [1, 4, 7, 8]) {
    await inScene(async (scene) => {
      expect((await scene.refusal(bytes.subarray(0, -missing))).code).toBe("archive/truncated");
    });
  }
});

test.each([
  ["small", content],
  ["large", large],
])("a %s crate with a wrong check sum or length is refused as corrupt", async (_size, bytes) => {
  for (const shape of [{ crc: 1 }, { length: 1 }, { length: bytes.length + 1 }, { length: 2 ** 32 - 1 }]) {
    await inScene(async (scene) => {
      expect((await scene.refusal(gzip(bytes, { level: 1, ...shape }))).code).toBe("archive/corrupt");
    });
  }
});

test.each([
  ["small", content],
  ["large", large],
])("anything after the end of a %s crate is refused", async (_size, bytes) => {
  const member = gzip(bytes, { level: 1 });
  const more = [Buffer.alloc(1), Buffer.from("garbage"), Buffer.alloc(100_000), crate([file(`${TOP}/second`)]), member];
  for (const rest of more) {
    await inScene(async (scene) => {
      const error = await scene.refusal(Buffer.concat([member, rest]));
      expect(error.code).toBe("archive/trailing-data");
    });
  }
});

test("an archive split over two gzip members, or behind an empty one, is refused", async () => {
  const split = Buffer.concat([gzip(content.subarray(0, 1024)), gzip(content.subarray(1024))]);
  const behind = Buffer.concat([gzip(Buffer.alloc(0)), sound]);
  for (const bytes of [split, behind]) {
    await inScene(async (scene) => expect((await scene.refusal(bytes)).code).toBe("archive/trailing-data"));
  }
});

test("a tar archive cut at any block is refused as truncated", async () => {
  for (let length = 0; length < content.length - 1024; length += 128) {
    await inScene(async (scene) => {
      const error = await scene.refusal(gzip(content.subarray(0, length)));
      expect(error.code, `at ${length}`).toBe("archive/truncated");
    });
  }
  await inScene(async (scene) => {
    expect((await scene.refusal(gzip(content.subarray(0, -100)))).code).toBe("archive/truncated");
  });
});

test("one zero block or many end an archive, and nothing else may follow them", async () => {
  const members = [MANIFEST, LIBRARY];
  for (const end of [512, 1024, 10_240]) {
    await inScene(async (scene) => {
      expect((await scene.unpack(gzip(tar(members, Buffer.alloc(end))))).files).toHaveLength(2);
    });
  }
  const late = memberBytes(file(`${TOP}/late`, "x"));
  for (const end of [
    Buffer.concat([Buffer.alloc(512), late, Buffer.alloc(1024)]),
    Buffer.concat([Buffer.alloc(1024), late]),
  ]) {
    await inScene(async (scene) => {
      expect((await scene.refusal(gzip(tar(members, end)))).code).toBe("archive/trailing-data");
    });
  }
});

test("a large crate from a file is streamed to the same result as its bytes", async () => {
  await inScene(async (scene) => {
    const path = join(scene.root, "large.crate");
    writeFileSync(path, gzip(large, { level: 1 }));
    const { files } = await scene.unpack({ path });
    expect(files.map((each) => [each.path, each.size])).toEqual([
      ["Cargo.toml", 59],
      ["large", 17 << 20],
    ]);
    expect(list(scene.into).at(-1)?.content).toBe(Buffer.alloc(17 << 20, "0123456789abcdef…").toString("latin1"));
  });
});

test("a crate file that is not there, or is a directory, is named", async () => {
  await inScene(async (scene) => {
    for (const path of [join(scene.root, "none.crate"), scene.root]) {
      const error = await scene.refusal({ path });
      expect(error).toMatchObject({ code: "archive/unreadable", where: path });
    }
  });
});

function headerSum(header: readonly number[]): Buffer {
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(Buffer.from(header)) & 0xffff);
  return sum;
}
