import { execFile, spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, type TestContext } from "vitest";
import { lacking } from "../../store/program.ts";
import type { DiskFacts } from "./disk-facts.ts";

/** Runs programs on disks that are made up: real mounts, served from memory by a process of our own. */
export interface StrangeDisks {
  /**
   * The command line that mounts a disk at an existing directory, in a mount namespace of its own, and runs a command there.
   *
   * @param facts What differs from a plain disk.
   */
  with(facts: Partial<DiskFacts>, mountPoint: string, command: readonly string[]): string[];
  /** The same for the program that {@link strangeDisks} was given, with these arguments. */
  run(facts: Partial<DiskFacts>, mountPoint: string, args: readonly string[]): Promise<unknown>;
}

/**
 * Builds the disk's program before the first test of a file.
 *
 * @param program A TypeScript file that is run on disks; it prints one JSON document.
 */
export function strangeDisks(program?: URL): StrangeDisks {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "cargo-hub-disk-"));
    bundle(new URL("strange-disk-process.ts", import.meta.url), join(directory, "disk.mjs"));
    if (program !== undefined) bundle(program, join(directory, "program.mjs"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const withDisk: StrangeDisks["with"] = (facts, mountPoint, command) => {
    const disk = [process.execPath, join(directory, "disk.mjs"), mountPoint, JSON.stringify(facts)];
    return ["unshare", "-m", ...disk, ...command];
  };
  return {
    with: withDisk,
    run: (facts, mountPoint, args) =>
      documentOf(withDisk(facts, mountPoint, [process.execPath, join(directory, "program.mjs"), ...args])),
  };
}

/** What a command prints, which is JSON; its failure is the test's. */
function documentOf([program = "", ...args]: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(program, args, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}

/** Bundles a program of the tests for running in a process of its own. */
function bundle(file: URL, outfile: string): void {
  buildSync({
    entryPoints: [fileURLToPath(file)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
}

/** Ends the test where no such disk can be mounted: a failure where `CI=true`, a skip with the reason elsewhere. */
export function needStrangeDisks(context: TestContext): void {
  if (isFuseOpen() && spawnSync("unshare", ["-m", "mount", "--version"]).status === 0) return;
  lacking(context, "it needs /dev/fuse, unshare(1) and mount(1), and to be run as root");
}

function isFuseOpen(): boolean {
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}
