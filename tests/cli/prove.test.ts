import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseHubLock } from "../../src/formats/index.ts";
import { sha256 } from "../formats/sample.ts";
import { documentOf, errorOf, hub, must, openFilled, openScene } from "../support/hub-runs.ts";
import { threeCrates } from "./golden-scene.ts";

test("a proof that passed ends with 0 and is recorded, in the file as on stdout", async () => {
  const scene = await openFilled(threeCrates);
  const proved = await must(
    hub(
      scene,
      "prove",
      "--json",
      "--record",
      "out/proof.json",
      "--",
      "cargo",
      "metadata",
      "--frozen",
      "--format-version",
      "1",
    ),
  );
  expect(readFileSync(join(scene.project, "out/proof.json"), "utf8")).toBe(proved.stdout);
  expect(documentOf(proved)).toMatchObject({
    formatVersion: 1,
    passed: true,
    command: ["cargo", "metadata", "--frozen", "--format-version", "1"],
    directory: ".",
    exitCode: 0,
    signal: null,
    emptyCargoHome: true,
    lockUnchanged: true,
    hubLock: sha256(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")),
  });
});

test("the record names the lockfiles as hub.lock does, also with Windows line ends", async () => {
  const scene = await openFilled(threeCrates);
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  scene.write("app/Cargo.lock", lock.replaceAll("\n", "\r\n"));
  const proved = await must(hub(scene, "prove", "--json", "--", "true"));
  const recorded = readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8");
  expect(documentOf(proved)["lockfiles"]).toEqual(parseHubLock(recorded, "hub.lock", sha256).lockfiles);
});

test.each([
  ["a command that fails", ["sh", "-c", "exit 3"], { passed: false, exitCode: 3, signal: null, lockUnchanged: true }],
  ["a command that dies", ["sh", "-c", "kill -9 $$"], { passed: false, exitCode: null, signal: "SIGKILL" }],
  [
    "a changed line end in a lockfile",
    ["sh", "-c", "printf '\\r\\n' >> Cargo.lock"],
    { passed: false, lockUnchanged: false },
  ],
])("%s is no proof: the exit code is 1 and the record says why", async (_story, command, record) => {
  const scene = await openFilled(threeCrates);
  const failed = await hub(scene, "prove", "--json", "--", ...command);
  expect(failed.code).toBe(1);
  expect(documentOf(failed)).toMatchObject({ command, ...record });
});

test("the command sees an empty CARGO_HOME, no network, and the rest of the environment", async () => {
  const scene = await openFilled(threeCrates);
  const script = 'ls -A "$CARGO_HOME" | wc -l; cat /proc/net/dev | grep -c : ; echo "$XDG_CACHE_HOME"';
  const { stdout } = await must(hub(scene, "prove", "--", "sh", "-c", script));
  expect(stdout.split("\n").map((line) => line.trim())).toEqual(["0", "1", join(scene.root, "xdg-cache"), ""]);
});

test("a hub that was never filled, and a program that is not there, are errors", async () => {
  const scene = await openScene({
    ...threeCrates,
    files: { ".cargo/hub.toml": "version = 1\n", "Cargo.lock": "version = 4\n" },
  });
  expect(errorOf(await hub(scene, "prove", "--message-format", "json"))).toMatchObject({ code: "hub/not-found" });
  rmSync(join(scene.project, "Cargo.lock"));
  await must(hub(scene, "fill"));
  const absent = await hub(scene, "prove", "--", "no-such-program");
  expect(absent.code).not.toBe(0);
});
