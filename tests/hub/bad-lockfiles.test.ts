import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cargoHubPath, errorOf, hub, must, openFilled, openScene, runIn } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];
const source = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
const zeros = "0".repeat(64);

/** A lockfile entry for a package that the project does not have. */
function entry(name: string, version: string, more = `${source}\nchecksum = "${zeros}"\n`): string {
  return `\n[[package]]\nname = ${JSON.stringify(name)}\nversion = ${JSON.stringify(version)}\n${more}`;
}

interface BadLockfile {
  readonly edit: (text: string) => string;
  readonly code: string | RegExp;
  /** What the message must hold. */
  readonly says?: RegExp;
  /** Where the trouble is; absent: in the lockfile. */
  readonly where?: RegExp;
}

const rows: Record<string, BadLockfile> = {
  "that is cut in the middle": {
    edit: (text) => text.slice(0, text.indexOf("checksum") + 20),
    code: "cargo/lockfile-syntax",
    where: /Cargo\.lock:\d+:\d+$/,
  },
  "that is damaged": {
    edit: (text) => text.replace('name = "alpha"', "name = alpha"),
    code: "cargo/lockfile-syntax",
    where: /Cargo\.lock:\d+:\d+$/,
  },
  "that is binary": { edit: () => "\u0000\u0001\u0002", code: "cargo/lockfile-syntax" },
  "with a checksum that is none": {
    edit: (text) => text.replace(/checksum = "[0-9a-f]{64}"/, 'checksum = "abc"'),
    code: "cargo/lockfile-checksum",
    says: /abc/,
  },
  "with conflict markers": {
    edit: (text) => `<<<<<<< ours\n${text}=======\n${text}>>>>>>> theirs\n`,
    code: "cargo/lockfile-merge",
  },
  "of version 5": {
    edit: (text) => text.replace("version = 4", "version = 5"),
    code: "cargo/lockfile-version",
    says: /5/,
  },
  "that lists a package twice": {
    edit: (text) =>
      text + text.slice(text.indexOf('\n[[package]]\nname = "alpha"'), text.indexOf('\n[[package]]\nname = "app"')),
    code: "cargo/lockfile-duplicate",
    says: /alpha/,
  },
  "with a checksum that the index does not have": {
    edit: (text) => text.replace(/checksum = "[0-9a-f]{64}"/, `checksum = "${zeros}"`),
    code: "hub/checksum-disagreement",
    says: /[1-9a-f][0-9a-f]*.*0{64}/,
    where: /crates\.io-index$/,
  },
  "that asks for a version nobody published": {
    edit: (text) => text.replace('name = "alpha"\nversion = "1.0.0"', 'name = "alpha"\nversion = "9.9.9"'),
    code: "hub/version-missing",
    says: /9\.9\.9.*alpha/,
    where: /crates\.io-index$/,
  },
  "that asks for a package nobody published": {
    edit: (text) => text + entry("nobody", "1.0.0"),
    code: "hub/version-missing",
    says: /nobody/,
    where: /^http:\/\/127\.0\.0\.1:\d+\/index\/$/,
  },
  "with a registry package that has no checksum": {
    edit: (text) => text + entry("zeta", "9.9.9", `${source}\n`),
    code: "plan/no-checksum",
    says: /zeta 9\.9\.9/,
  },
};

const hostileNames: readonly (readonly [name: string, version: string])[] = [
  ["../../x", "1.0.0"],
  ["a/b", "1.0.0"],
  ["..", "1.0.0"],
  ["", "1.0.0"],
  ["/etc/x", "1.0.0"],
  ["a\\b", "1.0.0"],
  ["a\u0000b", "1.0.0"],
  ["x", "1.0.0/../../y"],
  ["x", "../1.0.0"],
  ["x", ""],
  ["x", "1.0.0+../../y"],
];

describe("a lockfile", () => {
  let scene: Scene;
  let lock: string;
  beforeAll(async () => {
    scene = await stage({ crates });
    await must(hub(scene, "fill"));
    lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  });
  afterAll(() => scene.close());

  /** The error of a fill with this lockfile, which must leave hub and store as they are and usable. */
  async function refused(text: string): Promise<ReturnType<typeof errorOf>> {
    const before = treeFacts(scene.root, /^app\/Cargo\.lock$|^store\/(partial|index)/);
    scene.write("app/Cargo.lock", text);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(differences(before, treeFacts(scene.root, /^app\/Cargo\.lock$|^store\/(partial|index)/))).toEqual([]);
    scene.write("app/Cargo.lock", lock);
    await must(hub(scene, "fill"));
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
    return error;
  }

  test.each(Object.entries(rows))("%s is one error, and hub and store stay as they are", async (_name, row) => {
    const error = await refused(row.edit(lock));
    expect(error.code).toMatch(row.code);
    expect(error.what).toMatch(row.says ?? /./);
    expect(error.where).toMatch(row.where ?? /app\/Cargo\.lock(:\d+(:\d+)?)?$/);
    expect(error.help).toMatch(/^[a-z`]/);
  });

  test.each(hostileNames)(
    "with a package named %j of version %j cannot write outside the hub",
    async (name, version) => {
      const error = await refused(lock + entry(name, version));
      expect(error.code).toMatch(/^(plan\/bad-package-id|cargo\/lockfile-)/);
    },
  );
});

test("two lockfiles that promise different bytes for one crate are told with both values", async () => {
  const scene = await openFilled({ crates });
  scene.write("app/.cargo/hub.toml", 'version = 1\nlockfiles = ["Cargo.lock", "other/Cargo.lock"]\n');
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  scene.write("app/other/Cargo.lock", lock.replace(/checksum = "[0-9a-f]{64}"/, `checksum = "${zeros}"`));
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("plan/checksum-conflict");
  expect(error.what).toContain(zeros);
  expect(error.what).toContain(scene.registry.built("alpha", "1.0.0").checksum);
  expect(error.where).toBe(join(scene.project, "other/Cargo.lock"));
});

test("a missing Cargo.lock is made by cargo; with --locked, or without cargo, it is an error", async () => {
  const scene = await openScene({ crates });
  const at = join(scene.project, "Cargo.lock");
  const locked = errorOf(await hub(scene, "fill", "--locked", "--message-format", "json"));
  expect(locked).toMatchObject({ code: "hub/lockfile-missing", where: at });
  expect(locked.what).toContain("--locked");

  const empty = join(scene.root, "no-programs");
  await must(runIn(scene, {}, ["mkdir", empty]));
  const env = { PATH: empty, CARGO_HUB_STORE: join(scene.root, "store") };
  const without = errorOf(
    await runIn(scene, { env }, [process.execPath, cargoHubPath, "fill", "--message-format", "json"]),
  );
  expect(without).toMatchObject({ code: "hub/lockfile-missing", where: at });
  expect(without.help).toContain("cargo generate-lockfile");

  await must(hub(scene, "fill"));
  const made = readFileSync(at, "utf8");
  rmSync(at);
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  await must(scene.cargo("generate-lockfile"));
  expect(readFileSync(at, "utf8")).toBe(made);
});

test("a manifest that cargo cannot resolve is an error with cargo's own words", async () => {
  const scene = await openScene({ crates, deps: { nobody: "1" } });
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/cargo-failed", where: join(scene.project, "Cargo.toml") });
  expect(error.what).toContain("no matching package named `nobody` found");
});

test("--locked refuses to change hub.lock: when the lockfile changed, and when there is none or a damaged one", async () => {
  const scene = await openFilled({ crates });
  const dotCargo = join(scene.project, ".cargo");
  const path = join(dotCargo, "hub.lock");
  const lock = readFileSync(path, "utf8");
  await must(hub(scene, "fill", "--locked"));
  const attempts: Record<string, () => void> = {
    "another lockfile": () =>
      scene.write("app/Cargo.lock", `${readFileSync(join(scene.project, "Cargo.lock"), "utf8")}\n`),
    "a damaged hub.lock": () => scene.write("app/.cargo/hub.lock", lock.replace("MIT", "GPL")),
    "no hub.lock": () => rmSync(path),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    attempt();
    const before = treeFacts(dotCargo);
    const error = errorOf(await hub(scene, "fill", "--locked", "--message-format", "json"));
    expect(error, name).toMatchObject({ code: "hub/lock-outdated", where: path });
    expect(differences(before, treeFacts(dotCargo)), name).toEqual([]);
  }
  await must(hub(scene, "fill"));
  await must(hub(scene, "fill", "--locked"));
});
