import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorOf, hub, hubIn, must } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

/** hub.lock with other content and the right checksum for it, as somebody else's repository may have it. */
function resealed(text: string, edit: (body: string) => string): string {
  const body = edit(text.slice(0, text.lastIndexOf("checksum = ")));
  return `${body}checksum = "${createHash("sha256").update(body).digest("hex")}"\n`;
}

let scene: Scene;
let lock: string;
beforeAll(async () => {
  scene = await stage({ crates });
  await must(hub(scene, "fill"));
  lock = readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8");
});
afterAll(() => scene.close());

/** Runs `command` with this text in `path`; nothing else may change. The old text is put back. */
async function refused(path: string, text: string, command: readonly string[]): Promise<ReturnType<typeof errorOf>> {
  const before = ["app/.cargo/hub.lock", "store/version"].includes(path)
    ? readFileSync(join(scene.root, path))
    : undefined;
  scene.write(path, text);
  const facts = treeFacts(scene.root);
  const error = errorOf(await hub(scene, ...command, "--message-format", "json"));
  expect(differences(facts, treeFacts(scene.root))).toEqual([]);
  if (before === undefined) rmSync(join(scene.root, path));
  else scene.write(path, before.toString("utf8"));
  await must(hub(scene, "fill"));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  return error;
}

describe("a hub.lock", () => {
  test.each(["fill", "verify", "status", "on"])("of a later version is refused by %s", async (command) => {
    const error = await refused(
      "app/.cargo/hub.lock",
      resealed(lock, (body) => body.replace("version = 1\n", "version = 3\n")),
      [command],
    );
    expect(error).toMatchObject({ code: "formats/hub-lock-version", where: join(scene.project, ".cargo/hub.lock") });
    expect(error.what).toMatch(/version 3\b.*versions 1 to 2\b/);
  });

  test.each([
    ["with the markers of a merge", (): string => `<<<<<<< ours\n${lock}=======\n${lock}>>>>>>> theirs\n`],
    ["with a changed byte", (): string => lock.replace("MIT", "GPL")],
    ["cut in the middle", (): string => lock.slice(0, 300)],
    ["that is empty", (): string => ""],
  ])("%s is damaged: status says so, and fill makes it anew", async (_name, text) => {
    const error = await refused("app/.cargo/hub.lock", text(), ["status"]);
    expect(error).toMatchObject({ code: "formats/hub-lock-damaged", where: join(scene.project, ".cargo/hub.lock") });
    scene.write("app/.cargo/hub.lock", text());
    await must(hub(scene, "fill"));
    expect(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")).toBe(lock);
  });

  test.each([
    ["a name that climbs", (body: string): string => body.replace('name = "alpha"', 'name = "../../../../../victim"')],
    [
      "a version that climbs",
      (body: string): string => body.replace('version = "1.0.0"', 'version = "1.0.0/../../../../../../victim"'),
    ],
    [
      "a source that is none",
      (body: string): string => body.replace(/source = "[^"]*", name = "alpha"/, 'source = "../x", name = "alpha"'),
    ],
  ])("with %s deletes nothing outside the hub", async (_name, edit) => {
    scene.write("victim-1.0.0/precious", "mine\n");
    scene.write("victim/precious", "mine\n");
    scene.write("app/.cargo/hub.lock", resealed(lock, edit));
    const before = treeFacts(scene.root, /^(app|store)$/);
    for (const command of ["verify", "status", "fill"]) {
      await hub(scene, command);
      expect(differences(before, treeFacts(scene.root, /^(app|store)$/))).toEqual([]);
    }
    scene.write("app/.cargo/hub.lock", lock);
    await must(hub(scene, "fill"));
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  });
});

describe("a hub.toml", () => {
  const rows: Record<string, { text: string; code: string; says: RegExp }> = {
    "of a later version": {
      text: "version = 2\nnew = 1\n",
      code: "formats/hub-toml-version",
      says: /version 2\b.*version 1\b/,
    },
    "without a version": { text: 'mode = "directory"\n', code: "formats/hub-toml-invalid", says: /version = 1/ },
    "with an unknown key": {
      text: 'version = 1\nlockfile = ["x"]\n',
      code: "formats/hub-toml-invalid",
      says: /`lockfile`.*lockfiles, mode/,
    },
    "with an unknown mode": {
      text: 'version = 1\nmode = "vendor"\n',
      code: "formats/hub-toml-invalid",
      says: /vendor.*directory/,
    },
    "with an absolute lockfile": {
      text: 'version = 1\nlockfiles = ["/etc/Cargo.lock"]\n',
      code: "formats/hub-toml-invalid",
      says: /\/etc\/Cargo\.lock/,
    },
    "that is not TOML": { text: "version = \n", code: "toml/syntax", says: /TOML/ },
  };
  test.each(Object.entries(rows))("%s is refused", async (_name, row) => {
    const error = await refused("app/.cargo/hub.toml", row.text, ["fill"]);
    expect(error.code).toBe(row.code);
    expect(error.what).toMatch(row.says);
    expect(error.where).toContain(join(scene.project, ".cargo/hub.toml"));
  });

  test("that lists a lockfile which does not exist is refused", async () => {
    const error = await refused("app/.cargo/hub.toml", 'version = 1\nlockfiles = ["gone/Cargo.lock"]\n', ["fill"]);
    expect(error).toMatchObject({ code: "hub/lockfile-missing", where: join(scene.project, "gone/Cargo.lock") });
  });
});

describe("a store", () => {
  test("of another version is refused and not touched", async () => {
    const error = await refused("store/version", "cargo-hub store 9\n", ["fill", "--refresh"]);
    expect(error.code).toBe("store/version-unknown");
    expect(error.what).toMatch(/cargo-hub store 9/);
    expect(error.where).toContain(join(scene.root, "store"));
  });

  test("that is somebody's directory is refused and not touched", async () => {
    scene.write("not-a-store/letter.txt", "dear\n");
    scene.write("app/.cargo/hub.toml", "version = 1\n");
    const before = treeFacts(scene.root);
    const env = { CARGO_HUB_STORE: join(scene.root, "not-a-store") };
    const error = errorOf(await hubIn(scene, { env }, "fill", "--message-format", "json"));
    expect(error.code).toBe("store/not-a-store");
    expect(differences(before, treeFacts(scene.root))).toEqual([]);
    rmSync(join(scene.project, ".cargo/hub.toml"));
  });
});
