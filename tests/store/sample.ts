import { createHash } from "node:crypto";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSha256, type Sha256 } from "../../src/cargo/index.ts";
import type { BuiltFile, StoredLine } from "../../src/store/index.ts";

/** SHA-256 of bytes, or of text as UTF-8. */
export function digestOf(content: string | Uint8Array): Sha256 {
  const digest = createHash("sha256").update(content).digest("hex");
  if (!isSha256(digest)) throw new Error(digest);
  return digest;
}

/** The bytes of sample crate `number`: the same in every process. */
export function crateOf(number: number, size: number = 500 + number * 40): { sha: Sha256; bytes: Buffer } {
  const bytes = Buffer.alloc(size, `crate ${number} `);
  return { sha: digestOf(bytes), bytes };
}

/** The index line of sample `number`. */
export function lineOf(number: number): StoredLine {
  const text = `{"name":"sample","vers":"0.0.${number}","deps":[],"features":{"x":["${"y".repeat(number % 700)}"]}}`;
  return { digest: digestOf(text), text };
}

/** Unpacks sample `number`: three files in two directories. */
export function builderOf(number: number): (directory: string) => Promise<BuiltFile[]> {
  return async (directory) => {
    mkdirSync(join(directory, "src"));
    return ["Cargo.toml", "src/lib.rs", "src/main.rs"].map((path) => {
      const text = `${path} of ${number}\n`.repeat(1 + (number % 50));
      writeFileSync(join(directory, path), text);
      utimesSync(join(directory, path), 1_153_704_088, 1_153_704_088);
      return { path, size: text.length };
    });
  };
}
