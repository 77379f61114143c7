import { resolve } from "node:path";
import type { FillOptions, StoreOptions } from "../hub/index.ts";
import type { CommandIo, FlagValues } from "./command.ts";
import { showEvents } from "./events.ts";
import { version } from "./version.ts";

/** Where a command looks from, as every hub operation takes it. */
export function standpoint(
  flags: FlagValues,
  io: CommandIo,
): Pick<FillOptions, "cwd" | "manifestPath" | "env" | "home"> {
  const manifestPath = flags["manifestPath"];
  return {
    cwd: io.cwd,
    manifestPath: typeof manifestPath === "string" ? manifestPath : undefined,
    env: io.terminal.env,
    home: io.home,
  };
}

/** What every command about the store takes. */
export function storeOptions(io: CommandIo): StoreOptions {
  return { env: io.terminal.env, home: io.home, onEvent: showEvents(io.shell) };
}

/** What `fill` and `verify --repair` take; `--frozen` is exactly `--locked` and `--offline`. */
export function fillOptions(flags: FlagValues, io: CommandIo): FillOptions {
  const frozen = flags["frozen"] === true;
  const link = flags["link"];
  const jobs = flags["jobs"];
  return {
    ...standpoint(flags, io),
    locked: frozen || flags["locked"] === true,
    offline: frozen || flags["offline"] === true,
    jobs: typeof jobs === "number" ? jobs : undefined,
    link: link === "reflink" || link === "hardlink" || link === "copy" ? link : "auto",
    adopt: flags["adopt"] === true,
    refresh: flags["refresh"] === true,
    std: stdWish(flags, io),
    with: Array.isArray(flags["with"]) ? flags["with"].map(String) : [],
    from: Array.isArray(flags["from"]) ? flags["from"].map(String) : [],
    userAgent: `cargo-hub/${version}`,
    onEvent: showEvents(io.shell),
  };
}

/** `--std-lock PATH` is `--std` with another place to take the lockfile from. */
function stdWish(flags: FlagValues, io: CommandIo): FillOptions["std"] {
  const path = flags["stdLock"];
  if (typeof path === "string") return { from: "path", path: resolve(io.cwd, path) };
  return flags["std"] === true ? { from: "toolchain" } : undefined;
}
