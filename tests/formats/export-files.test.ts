import { readFileSync } from "node:fs";
import { array, assert, constantFrom, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import {
  type ExportRecord,
  exportShapes,
  type FileSum,
  formatExportRecord,
  formatFileSums,
  parseExportRecord,
  parseFileSums,
} from "../../src/formats/index.ts";

const at = "vendor/.cargo-hub/export.toml";
const hash = (digit: string): string => digit.repeat(64);
const sparse: ExportRecord = { shape: "sparse", baseUrl: "https://crates.example/hub", hubLock: hash("a") };

test("the golden export.toml of version 1 is read and written", () => {
  const golden = readFileSync(new URL("../fixtures/formats/export-v1.toml", import.meta.url), "utf8");
  expect(parseExportRecord(golden, at)).toEqual(sparse);
  expect(formatExportRecord(sparse)).toBe(golden);
});

test.each(exportShapes)("an export as %s is read back as what was written", (shape) => {
  const written: ExportRecord = { shape, baseUrl: undefined, hubLock: hash("0") };
  expect(parseExportRecord(formatExportRecord(written), at)).toEqual(written);
});

test.each<[string, (text: string) => string]>([
  ["nothing", () => ""],
  ["another heading", (text) => text.replace("Written", "written")],
  ["another shape", (text) => text.replace('"sparse"', '"zip"')],
  ["no digest", (text) => text.replace(/hub-lock.*\n/, "")],
  ["a digest that is too short", (text) => text.replace("aa", "a")],
  ["a line more", (text) => `${text}more = 1\n`],
  ["two blanks", (text) => text.replace("as = ", "as  = ")],
  ["an older version", (text) => text.replace("version = 1", "version = 0")],
])("with %s it is no export of ours", (_name, edit) => {
  expect(parseExportRecord(edit(formatExportRecord(sparse)), at)).toBeUndefined();
});

test("a newer version is refused, not guessed", () => {
  const newer = formatExportRecord(sparse).replace("version = 1", "version = 2");
  expect(() => parseExportRecord(newer, at)).toThrow(
    expect.objectContaining({ code: "formats/export-version", where: at }),
  );
});

test("SHA256SUMS lists links as comments, then files, sorted by bytes, with escapes as sha256sum has them", () => {
  const sums: FileSum[] = [
    { path: "src/lib.rs", sha256: hash("1") },
    { path: "back\\slash", sha256: hash("2") },
    { path: "new\nline", sha256: hash("3") },
    { path: "\u{1f600}", sha256: hash("4") },
    { path: "\uffee", sha256: hash("5") },
    { path: "link\\ed", sha256: "link" },
  ];
  const text = formatFileSums(sums);
  expect(text).toBe(
    `#link  link\\\\ed\n\\${hash("2")}  back\\\\slash\n\\${hash("3")}  new\\nline\n${hash("1")}  src/lib.rs\n${hash("5")}  \uffee\n${hash("4")}  \u{1f600}\n`,
  );
});

test.each([`${hash("1")}  a`, `${hash("1")} a\n`, "x  a\n", "\n", `${hash("1")}  \n`, "#other  a\n"])(
  "%j is no SHA256SUMS of ours",
  (text) => {
    expect(parseFileSums(text)).toBeUndefined();
  },
);

test("parseFileSums gives back what formatFileSums wrote", () => {
  const path = string({ minLength: 1, unit: constantFrom("a", "\\", "\n", " ", "/", "ü", "#") });
  const sum = record({ path, sha256: constantFrom<string>("link", hash("e")) });
  assert(
    property(array(sum), (sums) => {
      const read = parseFileSums(formatFileSums(sums));
      expect(new Set(read?.map((one) => JSON.stringify(one)))).toEqual(new Set(sums.map((one) => JSON.stringify(one))));
      expect(read).toHaveLength(sums.length);
    }),
  );
});
