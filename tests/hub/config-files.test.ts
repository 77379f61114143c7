import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, hub, must, offline, openFilled, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const crates = [{ name: "alpha", version: "1.0.0" }];
const mirror = (url: string): string =>
  `[source.crates-io]\nreplace-with = "corp"\n\n[source.corp]\nregistry = "sparse+${url}"\n`;

/** config.toml as people write it, and as it must be afterwards. */
const shapes: Record<string, { before: (url: string) => string; after: (before: string) => string }> = {
  "tables only": { before: mirror, after: (text) => `include = ["hub.config.toml"]\n\n${text}` },
  "a comment at the top": {
    before: (url) => `# ours\n\n# more\n${mirror(url)}`,
    after: (text) => `include = ["hub.config.toml"]\n\n${text}`,
  },
  "no final newline": {
    before: (url) => mirror(url).trimEnd(),
    after: (text) => `include = ["hub.config.toml"]\n\n${text}`,
  },
  "CRLF line ends": {
    before: (url) => mirror(url).replaceAll("\n", "\r\n"),
    after: (text) => `include = ["hub.config.toml"]\r\n\r\n${text}`,
  },
  "an include of its own": {
    before: (url) => `include = ["more.toml"] # why\n${mirror(url)}`,
    after: (text) => text.replace('["more.toml"]', '["more.toml", "hub.config.toml"]'),
  },
  "a long include": {
    before: (url) => `include = [\n  "more.toml", # why\n]\n${mirror(url)}`,
    after: (text) => text.replace('  "more.toml", # why\n', '  "more.toml", # why\n  "hub.config.toml",\n'),
  },
  "a top-level key first": {
    before: (url) => `paths = []\n\n${mirror(url)}`,
    after: (text) => `include = ["hub.config.toml"]\n\n${text}`,
  },
  "strange spacing": {
    before: (url) => `[ build ]\njobs   =   1\n\n\n${mirror(url)}\n\n\n`,
    after: (text) => `include = ["hub.config.toml"]\n\n${text}`,
  },
  "our line already": {
    before: (url) => `include = ['hub.config.toml']\n${mirror(url)}`,
    after: (text) => text,
  },
  "multi-line strings and inline tables": {
    before: (url) =>
      `[env]\nTEXT = """\ninclude = [\\"x\\"]\n"""\nMORE = { value = "1", force = true }\n${mirror(url)}`,
    after: (text) => `include = ["hub.config.toml"]\n\n${text}`,
  },
};

test.each(Object.keys(shapes))("config.toml with %s keeps every other byte", async (name) => {
  const shape = shapes[name];
  if (shape === undefined) throw new Error("no such shape");
  const scene = await openScene({ crates, files: { ".cargo/more.toml": "[term]\nquiet = false\n" } });
  await must(scene.cargo("generate-lockfile"));
  const before = shape.before(scene.registry.url);
  scene.write("app/.cargo/config.toml", before);
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/config.toml"), "utf8")).toBe(shape.after(before));
  const checked = await offline(scene, {}, ["cargo", "metadata", "--frozen", "--format-version", "1"]);
  expect(checked.code, checked.stderr).toBe(0);
});

test("a project without a config.toml gets one of one line", async () => {
  const scene = await openScene({ crates });
  scene.write("cargo-home/config.toml", readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
  rmSync(join(scene.project, ".cargo"), { recursive: true });
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/config.toml"), "utf8")).toBe('include = ["hub.config.toml"]\n');
});

test("a config.toml that is not TOML is an error with its place, and stays as it is", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  scene.write("app/.cargo/config.toml", "[source\n");
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("toml/syntax");
  expect(error.where).toMatch(/app\/\.cargo\/config\.toml:1:\d+$/);
  expect(readFileSync(join(scene.project, ".cargo/config.toml"), "utf8")).toBe("[source\n");
});

test(".gitignore keeps its lines and gets those that the hub needs, once", async () => {
  const scene = await openScene({ crates, files: { ".cargo/.gitignore": "/mine/\n/registry/" } });
  await must(hub(scene, "fill"));
  const text = readFileSync(join(scene.project, ".cargo/.gitignore"), "utf8");
  expect(text.startsWith("/mine/\n/registry/\n# >>> cargo-hub")).toBe(true);
  rmSync(join(scene.project, ".cargo/hub.lock"));
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/.gitignore"), "utf8")).toBe(text);
});

test("what git would commit of a filled hub is the documented files", async () => {
  const scene = await openFilled({ crates });
  await must(scene.run("git", ["init", "-q"]));
  const files = (await must(scene.run("git", ["ls-files", "-o", "--exclude-standard"]))).stdout.split("\n");
  const documented = ["config.toml", ".gitattributes", ".gitignore", "hub.config.toml", "hub.lock"];
  expect(files.filter((path) => path.startsWith(".cargo/")).toSorted()).toEqual(
    documented.map((name) => `.cargo/${name}`).toSorted(),
  );
});

/** A project whose mirror stands in CARGO_HOME. */
async function openCompat(config: string): Promise<Scene> {
  const scene = await openScene({
    crates,
    files: { ".cargo/hub.toml": "version = 1\ncompat = true\n", ".cargo/config.toml": config },
  });
  scene.write("cargo-home/config.toml", mirror(scene.registry.url));
  return scene;
}

test("compat = true puts the replacement into config.toml, where on and off toggle it and keep all other bytes", async () => {
  const before = "# mine\n[build]\njobs = 1\n\n# the end";
  const scene = await openCompat(before);
  const path = join(scene.project, ".cargo/config.toml");
  await must(hub(scene, "fill"));
  const on = readFileSync(path, "utf8");
  expect(on).toContain("# >>> cargo-hub");
  expect(on).toContain('[source.crates-io]\nreplace-with = "cargo-hub-dir"');
  expect(existsSync(join(scene.project, ".cargo/registry/source.toml"))).toBe(false);
  expect(readFileSync(join(scene.project, ".cargo/hub.config.toml"), "utf8")).not.toContain("source.toml");
  expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });

  await must(hub(scene, "off"));
  const off = readFileSync(path, "utf8");
  expect(off).toBe(`include = ["hub.config.toml"]\n\n${before}\n`);
  await must(hub(scene, "fill"));
  expect(readFileSync(path, "utf8")).toBe(off);
  await must(hub(scene, "on"));
  expect(readFileSync(path, "utf8")).toBe(on);

  rmSync(join(scene.project, ".cargo/hub.toml"));
  await must(hub(scene, "fill"));
  expect(readFileSync(path, "utf8")).toBe(off);
  expect(existsSync(join(scene.project, ".cargo/registry/source.toml"))).toBe(true);
});

test("compat = true beside a mirror in the same file is refused, because TOML opens a table only once", async () => {
  const scene = await openCompat("");
  await must(hub(scene, "fill"));
  await must(hub(scene, "off"));
  scene.write("app/.cargo/config.toml", mirror(scene.registry.url));
  const before = treeFacts(join(scene.project, ".cargo"));
  for (const command of ["on", "fill"]) {
    const error = errorOf(await hub(scene, command, "--message-format", "json"));
    expect(error).toMatchObject({ code: "hub/compat-conflict", where: join(scene.project, ".cargo/config.toml") });
    expect(error.what).toContain("[source.corp]");
    expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
    if (command === "on") rmSync(join(scene.project, ".cargo/registry/.hub-off"));
    delete before["registry/.hub-off"];
  }
});

test("compat = true hooks the same source whoever fills", async () => {
  const texts = [];
  for (const name of ["corp", "team-mirror"]) {
    const scene = await openCompat("");
    scene.write("cargo-home/config.toml", mirror(scene.registry.url).replaceAll("corp", name));
    await must(hub(scene, "fill"));
    texts.push(readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
    expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
  }
  expect(texts[0]).toBe(texts[1]);
});

test("offline = true writes net.offline, and only then", async () => {
  const scene = await openFilled({ crates });
  const path = join(scene.project, ".cargo/hub.config.toml");
  expect(readFileSync(path, "utf8")).not.toContain("offline");
  scene.write("app/.cargo/hub.toml", "version = 1\noffline = true\n");
  await must(hub(scene, "fill"));
  expect(readFileSync(path, "utf8")).toContain("[net]\noffline = true\n");
  expect(await offline(scene, {}, ["cargo", "check", "--locked"])).toMatchObject({ code: 0 });
});
