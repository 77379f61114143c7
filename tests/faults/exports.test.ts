import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportShapes } from "../../src/formats/index.ts";
import { buildCrate, buildCrateAround } from "../support/crate-builder.ts";
import { errorOf, must } from "../support/hub-runs.ts";
import type { Finished } from "../support/stage.ts";
import { packGzip, packTar } from "../support/tar-writer.ts";
import { differences, exactFacts } from "../support/tree-facts.ts";
import { ownedArea } from "./areas.ts";
import { flipByte } from "./disk.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

const KILLS = Number(process.env["CARGO_HUB_KILLS"] ?? 30);
const seed = seedOfRun();

function exportArgs(shape: string, directory: string): string[] {
  const base = shape === "sparse" ? ["--base-url", "https://crates.example/hub"] : [];
  return ["export", "--as", shape, ...base, directory];
}

/** A crate with the things that a tree of files can have beside files. */
function withLinks(): ReturnType<typeof buildCrate> {
  const spec = { name: "links", version: "0.1.0" };
  const plain = Object.entries(buildCrate(spec).files).map(([path, content]) => ({
    path: `links-0.1.0/${path}`,
    content,
  }));
  const more = [
    { path: "links-0.1.0/docs", type: "5", mode: 0o755 },
    { path: "links-0.1.0/docs/readme.md", content: "text\n", mtimeSeconds: 1_600_000_000 },
    { path: "links-0.1.0/docs/again.md", type: "2", linkName: "readme.md" },
  ];
  return buildCrateAround(spec, packGzip(packTar([...plain, ...more]), "links-0.1.0.crate"));
}

describe("exports", () => {
  let world: World;
  const at = (...parts: string[]): string => join(world.scene.root, ...parts);
  const run = (shape: string, directory: string, env: Record<string, string> = {}): Promise<Finished> =>
    world.hubCommand([...exportArgs(shape, directory), "--message-format", "json"], env);

  beforeAll(async () => {
    world = await makeWorld();
    world.scene.registry.add(withLinks());
    const manifest = join(world.project, "Cargo.toml");
    writeFileSync(manifest, `${readFileSync(manifest, "utf8")}links = "=0.1.0"\n`);
    rmSync(join(world.project, "Cargo.lock"));
    await must(world.scene.cargo("generate-lockfile"));
    await world.fillHub();
  }, 60_000);
  afterAll(() => world.close());

  test.each(exportShapes)(
    "the same hub gives the same tree as %s: on another path, by copies, under another umask, without a store",
    async (shape) => {
      await must(run(shape, at(`as-${shape}`)));
      const facts = exactFacts(at(`as-${shape}`));
      const project = at("deeper", `copy-${shape}`);
      cpSync(world.project, project, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      const { program, args } = world.commandLine([...exportArgs(shape, at(`other-${shape}`))]);
      for (const [link, umask, store] of [
        ["copy", "077", world.store],
        ["auto", "002", at("no-store")],
        ["hardlink", "022", world.store],
      ] as const) {
        rmSync(at(`other-${shape}`), { recursive: true, force: true });
        const script = `umask ${umask}; cd "$1"; shift; exec "$@"`;
        const command = ["-ec", script, "sh", project, program, ...args, "--link", link];
        await must(world.scene.run("sh", command, { CARGO_HUB_STORE: store }));
        expect(differences(facts, exactFacts(at(`other-${shape}`))), `${link}, umask ${umask}`).toEqual([]);
      }
      expect(existsSync(at("no-store"))).toBe(false);
      const check = await world.scene.run("sh", [
        "-c",
        'cd "$1" && sha256sum -c --strict --quiet .cargo-hub/SHA256SUMS',
        "sh",
        at(`as-${shape}`),
      ]);
      expect(check).toMatchObject({ code: 0, stdout: "" });
    },
  );

  test("an export replaces one of ours, an empty directory and nothing else", async () => {
    await must(run("sparse", at("target")));
    await must(run("directory", at("target")));
    const facts = exactFacts(at("target"));
    expect(existsSync(at("target/crates"))).toBe(false);
    mkdirSync(at("empty"));
    await must(run("directory", at("empty")));
    expect(differences(facts, exactFacts(at("empty")))).toEqual([]);

    writeFileSync(at("target/deep-3.2.1/notes.txt"), "mine\n");
    const added = errorOf(await run("directory", at("target")));
    expect(added).toMatchObject({ code: "hub/export-target", where: at("target/deep-3.2.1/notes.txt") });
    expect(readFileSync(at("target/deep-3.2.1/notes.txt"), "utf8")).toBe("mine\n");

    mkdirSync(at("mine"));
    writeFileSync(at("mine/notes.txt"), "mine\n");
    writeFileSync(at("file"), "mine\n");
    symlinkSync(at("empty"), at("link"));
    for (const target of ["mine", "file", "link"])
      expect(errorOf(await run("directory", at(target))), target).toMatchObject({
        code: "hub/export-target",
        where: at(target),
      });
    expect(readdirSync(at()).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("an export may not be, hold or lie in the hub", async () => {
    for (const target of [world.hub, join(world.hub, "registry/vendor"), world.project])
      expect(errorOf(await run("directory", target)), target).toMatchObject({
        code: "hub/export-target",
        where: target,
      });
  });

  test("an export as cargo-home that cargo has used is still replaced", async () => {
    await must(run("cargo-home", at("used")));
    const facts = exactFacts(at("used"));
    const built = await world.scene.run("cargo", ["metadata", "--offline", "--format-version", "1"], {
      CARGO_HOME: at("used"),
    });
    expect(built.code, built.stderr).toBe(0);
    expect(readdirSync(at("used"))).toContain(".package-cache");
    await must(run("cargo-home", at("used")));
    expect(differences(facts, exactFacts(at("used")))).toEqual([]);
  });

  test("an export of a newer program is left alone", async () => {
    await must(run("sparse", at("newer")));
    const record = at("newer/.cargo-hub/export.toml");
    writeFileSync(record, readFileSync(record, "utf8").replace("version = 1", "version = 2"));
    expect(errorOf(await run("sparse", at("newer")))).toMatchObject({ code: "formats/export-version", where: record });
  });

  test("an edit that the store's stat list does not notice does not get out", async () => {
    await must(run("directory", at("before")));
    const facts = exactFacts(at("before"));
    const tree = ownedArea(world, "sources").files.find((path) => path.endsWith("/src/table.rs")) ?? "";
    const flip = flipByte(tree, { offset: 100, bit: 0, keepTime: true });
    const finished = await run("directory", at("after"));
    flip.restore();
    expect(finished.stderr).toContain('"reason":"tree-changed"');
    expect(differences(facts, exactFacts(at("after")))).toEqual([]);
  });

  test("what neither hub nor store has intact is an error that names it, and nothing is left", async () => {
    const [crate = ""] = ownedArea(world, "crates").files;
    const [raw = ""] = ownedArea(world, "raw index").files;
    const aside = at("aside");
    const without = async (path: string): Promise<ReturnType<typeof errorOf>> => {
      renameSync(world.store, at("store-aside"));
      renameSync(path, aside);
      const error = errorOf(await run("local-registry", at("never")));
      renameSync(aside, path);
      renameSync(at("store-aside"), world.store);
      return error;
    };
    expect(await without(crate)).toMatchObject({ code: "hub/export-incomplete", where: crate });
    expect(await without(raw)).toMatchObject({ code: "hub/export-incomplete", where: raw });
    expect(await without(join(world.hub, "hub.lock"))).toMatchObject({ code: "hub/export-incomplete" });
    expect(existsSync(at("never"))).toBe(false);
    expect(readdirSync(at()).filter((name) => name.startsWith("."))).toEqual([]);
    const flip = flipByte(crate, { offset: 50, bit: 3, keepTime: true });
    const damaged = errorOf(await run("sparse", at("never")));
    flip.restore();
    expect(damaged.code).toBe("hub/export-incomplete");
    expect(damaged.what).toMatch(/hashes to [0-9a-f]{64}; hub\.lock says [0-9a-f]{64}/);
  });

  test("a crate file that is damaged in the hub alone leaves the store's right one in the export", async () => {
    await must(run("sparse", at("right")));
    const [crate = ""] = ownedArea(world, "crates").files;
    rmSync(crate);
    writeFileSync(crate, "other bytes");
    await must(run("sparse", at("still-right")));
    expect(differences(exactFacts(at("right")), exactFacts(at("still-right")))).toEqual([]);
    rmSync(crate);
    linkSync(at("right/crates", crate.slice(crate.lastIndexOf("/") + 1)), crate);
  });

  test(`an export that is killed at any of ${KILLS} instants leaves the old one or none, and the next is whole (seed ${seed})`, async () => {
    await must(run("directory", at("k/out")));
    const facts = exactFacts(at("k/out"));
    let duration = 2000;
    const random = seeded(seed + 7000);
    let killed = 0;
    const leftovers = (): string[] => readdirSync(at("k")).filter((name) => name !== "out");
    for (let kill = 0; kill < KILLS; kill += 1) {
      const started = performance.now();
      const delayMs = random.below(Math.ceil(duration * 1050)) / 1000;
      if (await killedExport(exportArgs("directory", at("k/out")), delayMs)) killed += 1;
      else duration = performance.now() - started;
      const old = leftovers().filter((name) => name.includes("-old-"));
      const whole = existsSync(at("k/out")) ? at("k/out") : at("k", old[0] ?? "");
      expect(differences(facts, exactFacts(whole))).toEqual([]);
      if (kill % 6 !== 5) continue;
      await must(run("directory", at("k/out")));
      expect(differences(facts, exactFacts(at("k/out")))).toEqual([]);
      expect(leftovers()).toEqual([]);
    }
    expect(killed).toBeGreaterThan(KILLS / 4);
  }, 600_000);

  /** Runs the command in a process group of its own and kills the group. @returns whether it was still running. */
  function killedExport(args: readonly string[], delayMs: number): Promise<boolean> {
    const { program, args: all, options } = world.commandLine(args);
    return new Promise((resolve, reject) => {
      const child = spawn(program, all, { ...options, detached: true, stdio: "ignore" });
      child.once("error", reject);
      const timer = setTimeout(() => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      }, delayMs);
      child.once("close", (_code, signal) => {
        clearTimeout(timer);
        resolve(signal === "SIGKILL");
      });
    });
  }
});
