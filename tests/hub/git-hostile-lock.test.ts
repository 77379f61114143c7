import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { documentOf, hub, must } from "../support/hub-runs.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";
import { openGitScene, projectText } from "./git-scene.ts";

const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";

/** What somebody may have written into a hub.lock of version 2, each with the right checksum at its end. */
const rows: Readonly<Record<string, (body: string) => string>> = {
  "a package whose version climbs": (body) =>
    body.replace(
      'name = "tagged", version = "0.1.0"',
      'name = "tagged", version = "0.1.0/../../../../../../../victim"',
    ),
  "a package of no commit": (body) => body.replace(/\?tag=v1\.0#[0-9a-f]{40}/, "?tag=v1.0"),
  "a package in a directory that climbs": (body) =>
    body.replace(/(name = "tagged".* path = )""/, '$1"../../../../victim"'),
  "a repository with an opaque address": (body) =>
    body.replace(/url = "[^"]*\/tagged"/, 'url = "x:..\\\\..\\\\victim"'),
  "a repository that nobody needs": (body) =>
    body.replace(/ \{ url = "([^"]*)\/tagged".*\n/, (line) => line + line.replace("/tagged", "/tagged/../../victim")),
  "quarantine whose name climbs": (body) =>
    body.replace(
      "quarantine = []",
      `quarantine = [\n { source = "${cratesIo}", name = "../victim", version = "1.0.0", reason = "" },\n]`,
    ),
};

test.each(Object.entries(rows))(
  "a hub.lock with %s deletes nothing outside of the hub, and fill mends it",
  async (_what, edit) => {
    const { scene } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    await must(hub(scene, "fill"));
    const lock = projectText(scene, ".cargo/hub.lock");
    const body = edit(lock.slice(0, lock.lastIndexOf("checksum = ")));
    expect(lock.startsWith(body)).toBe(false);
    const text = `${body}checksum = "${createHash("sha256").update(body).digest("hex")}"\n`;
    for (const path of ["victim/x", "app/victim/x", "app/.cargo/victim/x", "app/.cargo/registry/victim/x"])
      scene.write(path, "precious\n");
    const victims = (): ReturnType<typeof treeFacts> =>
      treeFacts(scene.root, /^(store|registry\/(?!victim)|hub\.lock)/);
    // What the last fill left is as much in doubt as what git has brought.
    for (const held of [projectText(scene, ".cargo/registry/.hub-held"), text]) {
      scene.write("app/.cargo/hub.lock", text);
      scene.write("app/.cargo/registry/.hub-held", held);
      const before = victims();
      for (const command of ["status", "verify", "fill"]) await hub(scene, command, "--message-format", "json");
      const touched = differences(before, victims()).filter((line) => line.includes("victim"));
      expect(touched).toEqual([]);
    }
    await must(hub(scene, "verify", "--repair", "--offline"));
    expect(projectText(scene, ".cargo/hub.lock")).toBe(lock);
    expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
  },
);
