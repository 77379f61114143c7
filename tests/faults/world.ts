import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type FillOptions,
  fillHub,
  type HubEvent,
  repairHub,
  type VerifyReport,
  verifyHub,
} from "../../src/hub/index.ts";
import { type Finished, type Scene, stage } from "../support/stage.ts";
import { variedCrates, variedDependencies } from "./varied-crates.ts";

/** A project with some twenty crates, its own store, and a registry on loopback; the lockfile is cargo's own. */
export interface World {
  readonly scene: Scene;
  /** The directory that holds Cargo.toml and `.cargo`. */
  readonly project: string;
  readonly hub: string;
  readonly store: string;
  /** For commands that run in this process, without threads where that is possible. */
  options(more?: Partial<FillOptions>): FillOptions;
  /** What commands told since the start. */
  readonly events: HubEvent[];
  fillHub(more?: Partial<FillOptions>): ReturnType<typeof fillHub>;
  repair(more?: Partial<FillOptions>): ReturnType<typeof repairHub>;
  verify(more?: Partial<FillOptions>): Promise<VerifyReport>;
  /** Runs the built program in the project. */
  hubCommand(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** What {@link World.hubCommand} starts, for those who start it otherwise. */
  commandLine(args: readonly string[]): CommandLine;
  close(): Promise<void>;
}

/** A program to be started with `spawn`. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
}

/** Path of a private copy of the built program: somebody may build anew while tests run. */
function copyProgram(into: string): string {
  const dist = mkdtempSync(join(into, "dist-"));
  cpSync(fileURLToPath(new URL("../../dist", import.meta.url)), dist, { recursive: true });
  return join(dist, "cargo-hub.js");
}

/** Sets a {@link World} up; nothing is filled yet. */
export async function makeWorld(): Promise<World> {
  const scene = await stage({ crates: [], deps: variedDependencies });
  for (const crate of variedCrates()) scene.registry.add(crate);
  const made = await scene.cargo("generate-lockfile");
  if (made.code !== 0) throw new Error(`cargo could not make the lockfile: ${made.stderr}`);
  rmSync(scene.cargoHome, { recursive: true });
  return worldAround(scene);
}

/** The same for a project that has its lockfile. */
export function worldAround(scene: Scene): World {
  const program = copyProgram(scene.root);
  const store = join(scene.root, "store");
  const env = { ...scene.env, CARGO_HUB_STORE: store };
  const events: HubEvent[] = [];
  const options = (more: Partial<FillOptions> = {}): FillOptions => ({
    cwd: scene.project,
    env,
    home: scene.root,
    locked: false,
    offline: false,
    jobs: 1,
    link: "auto",
    adopt: false,
    with: [],
    std: undefined,
    refresh: false,
    from: [],
    userAgent: "cargo-hub/test",
    onEvent: (event) => events.push(event),
    ...more,
  });
  return {
    scene,
    project: scene.project,
    hub: join(scene.project, ".cargo"),
    store,
    events,
    options,
    fillHub: (more) => fillHub(options(more)),
    repair: (more) => repairHub(options(more)),
    verify: (more) => verifyHub(options({ jobs: 0, ...more })),
    hubCommand: (args, more) => scene.run(process.execPath, [program, ...args], { CARGO_HUB_STORE: store, ...more }),
    commandLine: (args) => ({
      program: process.execPath,
      args: [program, ...args],
      options: { cwd: scene.project, env },
    }),
    close: () => scene.close(),
  };
}
