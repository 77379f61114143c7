import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, must, openScene } from "../support/hub-runs.ts";
import { threeCrates } from "./golden-scene.ts";

const config = "[build]\njobs = 2\n";
const said = {
  directory: "version = 1\n",
  compat: "version = 1\ncompat = true\n",
  "cargo-home": 'version = 1\nmode = "cargo-home"\n',
};
type Said = keyof typeof said;
const all: Said[] = ["directory", "compat", "cargo-home"];

test.each(all.flatMap((from) => all.filter((to) => to !== from).map((to) => [from, to] as const)))(
  "after hub.toml changed from %s to %s one fill makes the hub as if it had always been so",
  async (from, to) => {
    const scene = await openScene({ ...threeCrates, files: { ".cargo/config.toml": config } });
    scene.write(
      "cargo-home/config.toml",
      `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n`,
    );
    const fillAs = async (mode: Said): Promise<void> => {
      scene.write("app/.cargo/hub.toml", said[mode]);
      const filled = documentOf(await must(hub(scene, "fill", "--json")));
      expect(filled["changed"]).toBe(true);
    };
    await fillAs(from);
    await fillAs(to);
    const text = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
    expect(text.replace(/^include = \["hub\.config\.toml"\]\n+/, "").startsWith(config)).toBe(true);
    expect(text.includes("replace-with")).toBe(to === "compat");
    expect((await hub(scene, "verify")).stderr).toContain("every byte is right");
    expect(documentOf(await must(hub(scene, "fill", "--json")))["changed"]).toBe(false);
    await must(hub(scene, "prove", "--", "cargo", "metadata", "--frozen", "--format-version", "1"));
  },
);
