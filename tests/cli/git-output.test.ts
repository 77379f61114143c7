import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type GitScene, openGitScene, projectText } from "../hub/git-scene.ts";
import { startGitServer } from "../support/git-server.ts";
import { errorOf, hub, must, openScene } from "../support/hub-runs.ts";
import { outputsOf, reviewed, threeCrates } from "./golden-scene.ts";

test("git packages are named by fill, verify and status", async () => {
  const { scene } = await openGitScene();
  await must(scene.cargo("generate-lockfile"));
  const outputs = await outputsOf(scene, {
    "git-fill": ["fill", "-v"],
    "git-fill-again": ["fill"],
    "git-verify": ["verify"],
    "git-status": ["status"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("a git package that nobody wants any more is told", async () => {
  const { scene } = await openGitScene();
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "fill"));
  scene.write("app/Cargo.toml", projectText(scene, "Cargo.toml").replace(/^member.*\n/m, ""));
  await must(scene.cargo("update", "--workspace", "--offline"));
  const outputs = await outputsOf(scene, { "git-removed": ["fill", "--offline"] });
  expect(outputs).toEqual(reviewed(outputs));
});

test("what lies in quarantine is named by fill and status", async () => {
  const manifest = '[package]\nname = "broken"\nversion = "0.1.0"\nedition = "2099"\n';
  const broken = { name: "broken", version: "0.1.0", files: { "Cargo.toml": manifest } };
  const scene = await openScene({ ...threeCrates, crates: [...threeCrates.crates, broken] });
  await must(scene.cargo("generate-lockfile"));
  const outputs = await outputsOf(scene, { "quarantine-fill": ["fill"], "quarantine-status": ["status"] });
  expect(outputs).toEqual(reviewed(outputs));
});

/** The project locks one of its repositories at a server that wants a password, and the URL has it. */
async function withPassword(): Promise<GitScene & { readonly stop: () => Promise<void> }> {
  const git = await openGitScene();
  const { scene, server } = git;
  await must(scene.cargo("generate-lockfile"));
  const closed = await startGitServer({ root: join(scene.root, "served"), credentials: "me:marked-secret" });
  onTestFinished(() => closed.close());
  const url = `${closed.origin.replace("//", "//me:marked-secret@")}/tagged`;
  scene.write("app/Cargo.lock", projectText(scene, "Cargo.lock").replace(`${server.origin}/tagged`, url));
  return { ...git, stop: () => closed.close() };
}

const forms = [["-vv"], ["--json", "--message-format", "json"]];

test("a password in a repository's URL is used and never shown", async () => {
  const { scene, stop } = await withPassword();
  for (const command of ["fill", "verify", "status"]) {
    for (const form of forms) {
      const run = await must(hub(scene, command, ...form));
      expect(run.stdout + run.stderr).not.toContain("marked");
    }
  }
  expect(readFileSync(join(scene.project, ".cargo/registry/source.toml"), "utf8")).toContain("marked-secret");
  await stop();
  await must(scene.run("rm", ["-rf", join(scene.project, ".cargo"), join(scene.root, "store")]));
  const run = await hub(scene, "fill", "--message-format", "json");
  expect(errorOf(run).code).toBe("git/unreachable");
  expect(run.stderr).not.toContain("marked");
});
