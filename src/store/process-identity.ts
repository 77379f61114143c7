import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { errnoOf } from "./store-error.ts";

/**
 * Who writes, as the beginning of a file name: `<pid>.<start>.<boot>.<ns>`, see docs/formats/store.md.
 * The start time tells a process from a later one with the same number.
 */
interface Identity {
  readonly pid: number;
  readonly start: string;
  readonly boot: string;
  readonly namespace: string;
}

let self: Identity | undefined;
let unique = "";
let counter = 0;

/** A file name that no other process, thread or call makes: `<pid>.<start>.<boot>.<ns>-<random>-<n>`. */
export function uniqueName(): string {
  const { pid, start, boot, namespace } = ownIdentity();
  if (unique === "") unique = randomBytes(6).toString("hex");
  counter += 1;
  return `${pid}.${start}.${boot}.${namespace}-${unique}-${counter}`;
}

/**
 * Whether the process that made a name with {@link uniqueName} still runs.
 *
 * @returns `unknown` for other names, for writers in another pid namespace of this boot, and where a number alone tells processes apart and
 * some process has it.
 */
export function writerOf(name: string): "alive" | "dead" | "unknown" {
  const match = /^(\d+)\.(\d+)\.([0-9a-f]+)\.(\d+)-/.exec(name);
  if (match === null) return "unknown";
  const [, pid = "", start = "", boot = "", namespace = ""] = match;
  const own = ownIdentity();
  if (boot !== own.boot) return "dead";
  if (namespace !== own.namespace) return "unknown";
  if (!isRunning(Number(pid), start)) return "dead";
  return start === "0" ? "unknown" : "alive";
}

function ownIdentity(): Identity {
  self ??= {
    pid: process.pid,
    start: startTime(process.pid) ?? "0",
    boot: readText("/proc/sys/kernel/random/boot_id")?.replaceAll("-", "").slice(0, 8) ?? "0",
    namespace: pidNamespace(),
  };
  return self;
}

function isRunning(pid: number, start: string): boolean {
  const now = startTime(pid);
  if (now !== undefined) return now === start;
  if (start !== "0") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

/** Field 22 of /proc/<pid>/stat; the command in field 2 may itself hold blanks and parentheses. A zombie counts as gone. */
function startTime(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return "0";
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
