import { expect, test } from "vitest";
import { repositoryFiles, sourcesOf } from "./repository-files.ts";
import { defaultExportViolations, importViolations } from "./room-rules.ts";

const sources = sourcesOf(repositoryFiles());

test("src holds the rooms this test knows", () => {
  expect(sources.length).toBeGreaterThan(20);
});

test("rooms import only lower rooms, only through their index.ts, and pure rooms import nothing of Node's", () => {
  expect(importViolations(sources)).toEqual([]);
});

test("nothing in src is exported by default", () => {
  expect(defaultExportViolations(sources)).toEqual([]);
});

test.each([
  ["a higher room", "src/cargo/a.ts", 'import { fillHub } from "../hub/index.ts";'],
  ["a neighbour", "src/store/a.ts", 'import type { X } from "../archive/index.ts";'],
  ["a lower room by another file", "src/cargo/a.ts", 'import { redact } from "../errors/hub-error.ts";'],
  ["a higher room at run time", "src/plan/a.ts", 'const hub = await import("../hub/index.ts");'],
  ["a lower room at run time by another file", "src/cli/a.ts", 'await import("../hub/fill.ts");'],
  ["a higher room by handing names on", "src/semver/a.ts", 'export {\n  fillHub,\n} from "../hub/index.ts";'],
  ["Node's own modules in a pure room", "src/plan/a.ts", 'import { join } from "node:path";'],
  ["Node's own modules at run time in a pure room", "src/cargo/a.ts", 'import("node:fs");'],
  ["a name that is computed", "src/cli/a.ts", "await import(`../hub/${name}.ts`);"],
  ["a library of another room", "src/hub/a.ts", 'import { Command } from "commander";'],
  ["a library that has no room", "src/hub/a.ts", 'import "left-pad";'],
  ["a file outside src", "src/cli/a.ts", 'import { version } from "../../package.json";'],
  ["anything from a room without a floor", "src/helpers/a.ts", ""],
])("importing %s is found", (_what, path, text) => {
  expect(importViolations([{ path, text }])).toHaveLength(1);
});

test.each([
  ["src/cli/a.ts", 'const { fillHub } = await import("../hub/index.ts");'],
  ["src/cli/a.ts", 'new Worker(new URL("../hub/worker.ts", import.meta.url)); import("../hub/worker.ts");'],
  ["src/hub/a.ts", 'import { join } from "node:path";\nimport { helper } from "./files.ts";'],
  ["src/toml/a.ts", 'import { parse } from "smol-toml"; // not import("commander")'],
  ["src/cargo/a.ts", '/* import "../hub/index.ts" */ export const text = "import it from the hub";'],
])("%s may say: %s", (path, text) => {
  expect(importViolations([{ path, text }])).toEqual([]);
});

test.each(["export default 1;", "const a = 1;\nexport { a as default };"])(
  "the default export in «%s» is found",
  (text) => {
    expect(defaultExportViolations([{ path: "src/cli/a.ts", text }])).toHaveLength(1);
  },
);
