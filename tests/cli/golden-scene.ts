import { readFileSync, writeFileSync } from "node:fs";
import { CRATES_IO, registryIdent } from "../../src/cargo/index.ts";
import { hub } from "../support/hub-runs.ts";
import type { Finished, Scene, StageOptions } from "../support/stage.ts";

/** Three small crates of which one runs code while building. */
export const threeCrates: StageOptions = {
  crates: [
    { name: "alpha", version: "1.0.0", deps: { beta: "1" } },
    { name: "beta", version: "1.2.3", buildScript: true },
    { name: "gamma", version: "0.1.0", procMacro: true },
  ],
};

/** What a run printed, with what differs from run to run replaced. */
function steady(finished: Finished, scene: Scene): string {
  const text = `exit code ${finished.code}\n--- stdout\n${finished.stdout}--- stderr\n${finished.stderr}`;
  const digests = [...new Set(text.match(/\b[0-9a-f]{64}\b/g))];
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => `<sha256 ${digests.indexOf(digest) + 1}>`)
    .replaceAll(/\bhubs\/[0-9a-f]{16}\b/g, "hubs/<id>")
    .replaceAll(registryIdent(CRATES_IO), "<ident>")
    .replaceAll(scene.root, "<scene>")
    .replaceAll(scene.registry.origin, "<registry>")
    .replaceAll(/\bhttp:\/\/127\.0\.0\.1:\d+\b/g, "<server>")
    .replaceAll(/\b\d+(?= bytes\b)/g, "<n>")
    .replaceAll(/(?: {2,}|\b)\d+(?:\.\d+)? [KM]?B\b/g, (size) => `${size.startsWith(" ") ? " " : ""}<size>`) // compressed: depends on the zlib of this Node
    .replaceAll(/\b2\d{3}-\d\d-\d\d\b/g, "<day>")
    .replaceAll(/\b(?:\d+m )?\d+(?:\.\d+)? ?s\b/g, "<time>");
}

/** Runs cargo-hub with these arguments one after the other. @returns what each printed, {@link steady}. */
export async function outputsOf(
  scene: Scene,
  commands: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [name, args] of Object.entries(commands)) outputs[name] = steady(await hub(scene, ...args), scene);
  return outputs;
}

/**
 * The reviewed texts of the same names.
 *
 * With UPDATE_GOLDEN set, `outputs` are written there first: for a person who reads the difference before committing it.
 */
export function reviewed(outputs: Readonly<Record<string, string>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const path = new URL(`../fixtures/terminal/${name}.txt`, import.meta.url);
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(path, output);
    texts[name] = readFileSync(path, "utf8");
  }
  return texts;
}
