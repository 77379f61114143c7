import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CACHEDIR_TAG_NAME, CARGO_OK_CONTENT, CARGO_OK_NAME } from "../../src/cargo/index.ts";
import { stage } from "../support/stage.ts";

test("cargo writes the marks we write, under the names we use", async () => {
  const scene = await stage({ crates: [{ name: "lab", version: "1.0.0" }] });
  try {
    const run = await scene.cargo("fetch");
    expect(run.stderr).not.toContain("error");
    const registry = join(scene.cargoHome, "registry");
    const [ident] = readdirSync(join(registry, "src"));
    expect(readFileSync(join(registry, "src", ident ?? "", "lab-1.0.0", CARGO_OK_NAME), "utf8")).toBe(CARGO_OK_CONTENT);
    expect(existsSync(join(registry, CACHEDIR_TAG_NAME))).toBe(true);
  } finally {
    await scene.close();
  }
});
