import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type IndexFile, readIndexFile, writeIndexFile } from "../../src/store/index.ts";
import { freshStore } from "./scratch.ts";

const ident = "index.example-0123456789abcdef";
const body = '{"name":"tokio","vers":"1.0.0"}\n{"name":"tokio","vers":"1.0.1","x":"é"}\n';

test.each<IndexFile>([
  { validator: { etag: 'W/"a\\b\u00e9"' }, body, fetchedAtMs: 1_700_000_000_000 },
  { validator: { lastModified: "Sat, 21 Nov 2026 06:00:00 GMT" }, body, fetchedAtMs: 0 },
  { body: "", fetchedAtMs: 1 },
])("an index file comes back as it was kept: %j", (file) => {
  const store = freshStore();
  expect(readIndexFile(store, ident, "Tokio")).toBeUndefined();
  writeIndexFile(store, { ident, name: "Tokio" }, file);
  expect(readIndexFile(store, ident, "tokio")).toEqual(file);
});

test("a later index file replaces the earlier one", () => {
  const store = freshStore();
  writeIndexFile(store, { ident, name: "a" }, { body: "old", fetchedAtMs: 1 });
  writeIndexFile(store, { ident, name: "a" }, { body: "new", fetchedAtMs: 2 });
  expect(readIndexFile(store, ident, "a")).toEqual({ body: "new", fetchedAtMs: 2 });
});

test("an index file with any byte damaged, cut or added is absent", () => {
  const store = freshStore("/dev/shm");
  writeIndexFile(store, { ident, name: "tokio" }, { validator: { etag: '"x"' }, body, fetchedAtMs: 5 });
  const path = join(store.root, "index", ident, "to/ki/tokio");
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += 1) {
    writeFileSync(path, Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    expect(readIndexFile(store, ident, "tokio"), `byte ${at}`).toBeUndefined();
    writeFileSync(path, bytes.subarray(0, at));
    expect(readIndexFile(store, ident, "tokio"), `first ${at} bytes`).toBeUndefined();
  }
  writeFileSync(path, Buffer.concat([bytes, Buffer.from("\n")]));
  expect(readIndexFile(store, ident, "tokio")).toBeUndefined();
});

test("a directory in an index file's place is an error that names it", () => {
  const store = freshStore();
  const path = join(store.root, "index", ident, "1/a");
  mkdirSync(path, { recursive: true });
  expect(() => readIndexFile(store, ident, "a")).toThrow(
    expect.objectContaining({ code: "store/io-error", where: path }),
  );
});
