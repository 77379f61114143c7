import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathAt, stringAt } from "../cargo/index.ts";
import { hubLayout } from "../plan/index.ts";
import { readText } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { programToStart } from "./programs.ts";
import { configAsCargoSees, type Environment } from "./sources.ts";

/** Where the standard library's lockfile is to be taken from. */
export type StdWish = { readonly from: "toolchain" } | { readonly from: "path"; readonly path: string };

/** Where a toolchain keeps it, since 1.83 and before. */
const places = ["lib/rustlib/src/rust/library/Cargo.lock", "lib/rustlib/src/rust/Cargo.lock"];

/** The text of the standard library's lockfile. @throws {HubRoomError} hub/std-missing. */
export function stdLockText(place: HubPlace, wish: StdWish, env: Environment): string {
  if (wish.from === "path") return lockTextAt(wish.path);
  const found = toolchainStdLock(place, env);
  if (found.text !== undefined) return found.text;
  throw new HubRoomError({
    code: "hub/std-missing",
    what: found.what,
    where: found.where,
    help:
      "run `rustup component add rust-src` (on Debian: `apt-get install rust-src`), or name the library's Cargo.lock with `--std-lock PATH`; " +
      `a hub that was filled before has it in ${hubLayout.stdLock}`,
  });
}

/** Whether the library's lockfile of this toolchain is the one that the hub holds; `unknown` when there is none to compare. */
export function stdState(place: HubPlace, env: Environment): "same" | "other" | "unknown" {
  const own = readText(inHub(place, hubLayout.stdLock));
  const { text } = toolchainStdLock(place, env);
  if (own === undefined || text === undefined) return "unknown";
  return own.replaceAll("\r\n", "\n") === text.replaceAll("\r\n", "\n") ? "same" : "other";
}

function lockTextAt(path: string): string {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isDirectory ? join(path, "Cargo.lock") : path;
  const text = readText(file);
  if (text !== undefined) return text;
  throw new HubRoomError({
    code: "hub/std-missing",
    what: "there is no such lockfile",
    where: file,
    help: "give `--std-lock` the path of the standard library's Cargo.lock, or of the directory that holds it",
  });
}

type Search = { readonly text: string } | { readonly text?: undefined; readonly what: string; readonly where: string };

function toolchainStdLock(place: HubPlace, env: Environment): Search {
  const rustc = rustcProgram(place, env);
  const run = spawnSync(programToStart(rustc, env), ["--print", "sysroot"], {
    cwd: place.root,
    env: { ...env, RUSTUP_AUTO_INSTALL: "0" }, // a toolchain that is asked for and not there is not to be downloaded
    encoding: "utf8",
  });
  if (run.error !== undefined) return { what: `rustc cannot be started: ${run.error.message}`, where: rustc };
  const sysroot = run.stdout.trim();
  if (run.status !== 0 || sysroot === "") {
    const said = run.stderr.trim();
    return { what: `\`${rustc} --print sysroot\` ended with exit code ${run.status}:\n${said}`, where: place.root };
  }
  for (const path of places) {
    const text = readText(join(sysroot, path));
    if (text !== undefined) return { text };
  }
  return { what: `the toolchain has no sources of the standard library: there is no ${places[0]}`, where: sysroot };
}

/** The compiler as cargo finds it. Where cargo was started by its full path, as for `cargo hub`, the one beside it counts. */
function rustcProgram(place: HubPlace, env: Environment): string {
  const stated = env["RUSTC"];
  if (stated !== undefined && stated !== "") return stated;
  const config = configAsCargoSees(place, env);
  const configured = stringAt(config, ["build", "rustc"])?.value;
  if (configured !== undefined)
    return /[\\/]/.test(configured) ? (pathAt(config, ["build", "rustc"])?.value ?? configured) : configured;
  const cargo = env["CARGO"];
  if (cargo === undefined || !/[\\/]/.test(cargo)) return "rustc";
  const beside = [join(dirname(resolve(place.root, cargo)), "rustc")].flatMap((path) => [path, `${path}.exe`]);
  return beside.find((path) => existsSync(path)) ?? "rustc";
}
