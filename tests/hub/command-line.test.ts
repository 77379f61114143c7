import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cargoHubPath, documentOf, hub, hubIn, messagesOf, must, privateRoots, runIn } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";

const commands = ["fill", "verify", "on", "off", "status", "prove"];

let scene: Scene;
beforeAll(async () => {
  scene = await stage({ crates: [{ name: "alpha", version: "1.0.0" }] });
  await must(hub(scene, "fill"));
});
afterAll(() => scene.close());

describe("exit codes", () => {
  test.each([
    ["a flag that does not exist", ["fill", "--fast"]],
    ["a command that does not exist", ["fil"]],
    ["no command", []],
    ["a word too many", ["status", "now"]],
    ["a flag without its value", ["fill", "--manifest-path"]],
    ["a value that is none of the choices", ["fill", "--link", "magic"]],
    ["a count that is no number", ["fill", "-j", "many"]],
    ["a count of nothing", ["fill", "-j", "0"]],
  ])("%s is a matter of usage: 2, and nothing on stdout", async (_name, args) => {
    const run = await hub(scene, ...args);
    expect(run.code, run.stderr).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).not.toBe("");
  });

  test("what could not be done is 101", async () => {
    expect(await hubIn(scene, { cwd: scene.root }, "status")).toMatchObject({ code: 101, stdout: "" });
    expect(await hub(scene, "fill", "--manifest-path", "no/Cargo.toml")).toMatchObject({ code: 101, stdout: "" });
  });

  test("problems that a check found are 1", async () => {
    const other = await stage({ crates: [{ name: "alpha", version: "1.0.0" }] });
    try {
      await must(hub(other, "fill"));
      rmSync(join(other.project, ".cargo/registry/CACHEDIR.TAG"));
      other.write("app/.cargo/hub.config.toml", "");
      expect(await hub(other, "verify", "-q")).toMatchObject({ code: 1, stdout: "" });
    } finally {
      await other.close();
    }
  });
});

describe("help", () => {
  test.each(commands)(
    "of %s comes three ways, on stdout, with an example and every flag explained",
    async (command) => {
      const long = await must(hub(scene, command, "--help"));
      expect(long.stderr).toBe("");
      expect(long.stdout).toContain(`Usage: cargo-hub ${command}`);
      expect(long.stdout).toMatch(new RegExp(`Examples:\n +cargo-hub ${command}`));
      expect(long.stdout).toMatch(/-q, --quiet +\S/);
      expect((await must(hub(scene, command, "-h"))).stdout).toBe(long.stdout);
      expect((await must(hub(scene, "help", command))).stdout).toBe(long.stdout);
    },
  );

  test("lists every command", async () => {
    const { stdout } = await must(hub(scene, "--help"));
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ +${command}\\b.*[a-z]$`, "m"));
  });

  test("of a misspelled command names the one that was meant", async () => {
    expect((await hub(scene, "verfy")).stderr).toContain("verify");
  });
});

test.each([
  ["fill", "--json"],
  ["fill", "--json", "--frozen"],
  ["fill", "--json", "--message-format", "json"],
  ["verify", "--json"],
  ["verify", "--json", "--repair"],
  ["status", "--json"],
  ["on", "--json"],
  ["prove", "--json", "--", "true"],
])("%s %s: stdout is one document and nothing else", async (...args) => {
  const run = await must(hub(scene, ...args));
  expect(documentOf(run)["formatVersion"]).toBe(1);
  expect(run.stdout.endsWith("}\n")).toBe(true);
  if (args.includes("--message-format")) messagesOf(run);
});

test.each([["--version"], ["-V"]])("%s prints name and version", async (flag) => {
  expect((await must(hub(scene, flag))).stdout).toMatch(/^cargo-hub \d+\.\d+\.\d+\n$/);
  expect((await must(hub(scene, "hub", flag))).stdout).toMatch(/^cargo-hub \d+\.\d+\.\d+\n$/);
});

test("cargo hub status is cargo-hub status, also when cargo itself starts it", async () => {
  const plain = await must(hub(scene, "status", "--json"));
  expect((await must(hub(scene, "hub", "status", "--json"))).stdout).toBe(plain.stdout);
  const bin = join(scene.root, "bin");
  await must(runIn(scene, {}, ["sh", "-c", `mkdir -p ${bin} && ln -sf ${cargoHubPath} ${bin}/cargo-hub`]));
  const env = { ...privateRoots(scene), PATH: `${bin}:${scene.env["PATH"] ?? ""}` };
  const byCargo = await must(runIn(scene, { env }, ["cargo", "hub", "status", "--json"]));
  expect(byCargo.stdout).toBe(plain.stdout);
});

test.each([["fill"], ["verify"], ["on"], ["fill", "--frozen"]])("%s -q says nothing", async (...args) => {
  expect(await must(hub(scene, ...args, "-q"))).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("-v names every crate that is put in place", async () => {
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  expect((await must(hub(scene, "fill", "-v"))).stderr).toMatch(/^ +Adding alpha v1\.0\.0 \(store\)$/m);
});

describe("colour", () => {
  const escape = "\u001b[";
  test.each<[string, { env: Record<string, string>; args: string[]; colored: boolean }]>([
    ["none on a pipe", { env: {}, args: [], colored: false }],
    ["always when asked", { env: {}, args: ["--color", "always"], colored: true }],
    ["by CARGO_TERM_COLOR", { env: { CARGO_TERM_COLOR: "always" }, args: [], colored: true }],
    [
      "none with NO_COLOR, whatever cargo's variable says",
      { env: { NO_COLOR: "1", CARGO_TERM_COLOR: "always" }, args: [], colored: false },
    ],
    ["the flag wins over NO_COLOR", { env: { NO_COLOR: "1" }, args: ["--color", "always"], colored: true }],
    ["never when asked", { env: { CARGO_TERM_COLOR: "always" }, args: ["--color", "never"], colored: false }],
  ])("%s", async (_name, { env, args, colored }) => {
    expect((await must(hubIn(scene, { env }, "fill", ...args))).stderr.includes(escape)).toBe(colored);
    expect((await must(hubIn(scene, { env }, "verify", ...args))).stderr.includes(escape)).toBe(colored);
  });
});
