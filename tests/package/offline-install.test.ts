import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const version = /"version": "([^"]+)"/.exec(readFileSync(join(repository, "package.json"), "utf8"))?.[1];

let scene: string;
let tarball: string;

beforeAll(() => {
  scene = mkdtempSync(join(tmpdir(), "cargo-hub-package-"));
  for (const name of ["home", "prefix", "tarball"]) mkdirSync(join(scene, name));
  const packed = spawnSync("npm", ["pack", "--silent", "--pack-destination", join(scene, "tarball")], {
    cwd: repository,
    encoding: "utf8",
  });
  const [name] = readdirSync(join(scene, "tarball"));
  if (name === undefined) throw new Error(`npm pack made nothing: ${packed.stderr}`);
  tarball = join(scene, "tarball", name);
});

afterAll(() => {
  rmSync(scene, { recursive: true, force: true });
});

/**
 * Runs a command in a network namespace that has not even a loopback interface up, with the scene's own home, npm
 * cache and PATH. A user other than root gets the namespace through a user namespace.
 */
function offline(...command: readonly string[]): SpawnSyncReturns<string> {
  const flags = process.getuid?.() === 0 ? ["-n"] : ["-r", "-n"];
  return spawnSync("unshare", [...flags, "--", ...command], {
    cwd: scene,
    encoding: "utf8",
    env: {
      PATH: [join(scene, "prefix", "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter),
      HOME: join(scene, "home"),
      // What rustup's `cargo` needs to find its toolchain from another HOME.
      RUSTUP_HOME: process.env["RUSTUP_HOME"] ?? join(process.env["HOME"] ?? "/", ".rustup"),
      CARGO_HOME: join(scene, "home", ".cargo"),
    },
  });
}

test("the packed tarball installs with no network and an empty npm cache, and runs there under both names", () => {
  const reached = offline(
    "node",
    "-e",
    "require('net').connect(9, '127.0.0.1').on('error', (e) => console.log(e.code))",
  );
  expect(reached.stdout).toBe("ENETUNREACH\n");

  const installed = offline("npm", "i", "-g", "--prefix", join(scene, "prefix"), tarball);
  expect(installed.status, installed.stderr).toBe(0);

  for (const command of [["cargo-hub"], ["cargo", "hub"]]) {
    const shown = offline(...command, "--version");
    expect(shown.stderr).toBe("");
    expect(shown.stdout).toContain(version);
    expect(shown.status).toBe(0);
  }
});

test("the packed tarball holds the program, its notices and both licences, and no source", () => {
  const listed = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8" }).stdout.split("\n");
  expect(listed).toEqual(
    expect.arrayContaining(
      ["package.json", "dist/cargo-hub.js", "dist/THIRD-PARTY-NOTICES.txt", "LICENSE-MIT", "LICENSE-APACHE"].map(
        (path) => `package/${path}`,
      ),
    ),
  );
  expect(listed.filter((path) => /\.ts$|^package\/(?:src|tests|scripts|node_modules)\//.test(path))).toEqual([]);
});
