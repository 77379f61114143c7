import { existsSync } from "node:fs";
import { thisSystem } from "../store/index.ts";
import { findProgram, type Variables } from "../system/index.ts";

/** What to give to the system so that it starts a program as cargo would: never one that merely lies in the current directory. */
export function programToStart(program: string, env: Variables): string {
  return findProgram(program, { system: thisSystem, env, isFile: existsSync });
}
