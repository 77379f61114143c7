import type { System } from "./system.ts";

/** The environment of a process, as a value. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable's value; empty counts as unset. Windows does not tell upper from lower case in names. */
export function variable(system: System, env: Variables, name: string): string | undefined {
  const exact = env[name];
  if (exact !== undefined && exact !== "") return exact;
  if (system !== "windows") return undefined;
  const upper = name.toUpperCase();
  const found = Object.entries(env).find(([key, value]) => key.toUpperCase() === upper && value !== "");
  return found?.[1];
}

/**
 * The user's home directory as Rust's `home` crate finds it, and so cargo and rustup: `USERPROFILE` on Windows, where `HOME` is something
 * that other tools set, and `HOME` elsewhere.
 *
 * @param otherwise What the system says without any variable.
 */
export function userHome(system: System, env: Variables, otherwise: string): string {
  return variable(system, env, system === "windows" ? "USERPROFILE" : "HOME") ?? otherwise;
}

/** Where a program is looked for. */
export interface ProgramSearch {
  readonly system: System;
  readonly env: Variables;
  /** Whether there is a file at an absolute path. */
  readonly isFile: (path: string) => boolean;
}

/**
 * What is to be given to the system as the program to start.
 *
 * On Windows Node looks into the current directory first, where a stranger's project may hold a `cargo.exe`; so the directories of `Path`
 * are searched here, and only for `.exe`: scripts (`.cmd`, `.bat`) need a shell. Elsewhere the system searches by itself.
 *
 * @param program A name, or a path, which is meant as it is.
 * @returns On Windows always a path; one where nothing is when there is no such program.
 */
export function findProgram(program: string, { system, env, isFile }: ProgramSearch): string {
  if (system !== "windows" || /[\\/:]/.test(program)) return program;
  const name = /\.(?:exe|com)$/i.test(program) ? program : `${program}.exe`;
  const places = (variable(system, env, "PATH") ?? "")
    .split(";")
    .map((directory) => directory.replaceAll('"', "").replace(/[\\/]+$/, ""))
    .filter((directory) => /^(?:[A-Za-z]:|[\\/]{2})/.test(directory))
    .map((directory) => `${directory}\\${name}`);
  return places.find(isFile) ?? `${variable(system, env, "SystemRoot") ?? "C:\\Windows"}\\System32\\${name}`;
}
