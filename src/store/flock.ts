import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { errnoOf } from "./store-error.ts";

/** As in flock(2): many may hold a lock `shared`, or one `exclusive`. */
export type LockMode = "shared" | "exclusive";

/** A lock that is wanted. The file is made when it is missing, with its directory; it is never removed. */
export interface LockRequest {
  /** Absolute path of the lock file. */
  readonly path: string;
  readonly mode: LockMode;
}

/** An open lock file. The lock belongs to the open file, so it lasts until this process closes it or ends. */
export interface OpenLock {
  readonly descriptor: number;
  readonly mode: LockMode;
}

/** What flock(1) said: `no-flock` there is no such program; `unsupported` the file system has no locks. */
export type FlockAnswer =
  | { readonly kind: "locked" | "no-flock" | "unsupported" }
  /** `index` of the first lock that another holds. */
  | { readonly kind: "blocked"; readonly index: number }
  | { readonly kind: "failed"; readonly reason: string };

// The options are those that util-linux and busybox share. Descriptors begin at 3.
const TRY_ALL =
  'command -v flock >/dev/null || exit 99; n=3; for m; do flock -n "$m" "$n" || exit $((97 + n)); n=$((n + 1)); done';
// flock waits in the background; the reader on descriptor 4 ends it when this process is gone and its end of the pipe is closed.
const WAIT =
  'flock "$1" 3 & w=$!; exec 3>&-; { read -r _; kill "$w"; } <&4 >/dev/null 2>&1 & r=$!; wait "$w"; s=$?; kill "$r" 2>/dev/null; exit "$s"';
const FIRST_BLOCKED = 100;
const NO_FLOCK = 99;
const MOST_AT_ONCE = 64;

/**
 * Tries to lock all files without waiting, in one child process. It sets the locks on our own open files and ends, so nothing must be kept running.
 *
 * @param locks 1 to 64. Those before a blocked one are held then.
 */
export async function tryFlock(locks: readonly OpenLock[]): Promise<FlockAnswer> {
  const [first, ...others] = locks;
  if (first === undefined || locks.length > MOST_AT_ONCE) throw new RangeError(`${locks.length} locks at once`);
  const descriptors = locks.map(({ descriptor }) => descriptor);
  if (others.length === 0) {
    const end = await run("flock", ["-n", flag(first.mode), "3"], descriptors);
    return end.code === 1 && end.complaint === "" ? { kind: "blocked", index: 0 } : readEnd(end);
  }
  const end = await run("sh", ["-c", TRY_ALL, "sh", ...locks.map(({ mode }) => flag(mode))], descriptors);
  const index = (end.code ?? 0) - FIRST_BLOCKED;
  return index >= 0 && index < locks.length && end.complaint === "" ? { kind: "blocked", index } : readEnd(end);
}

/** Waits until the file is locked. A waiting child ends with this process. */
export async function waitFlock({ descriptor, mode }: OpenLock): Promise<FlockAnswer> {
  return readEnd(await run("sh", ["-c", WAIT, "sh", flag(mode)], [descriptor, "pipe"]));
}

function flag(mode: LockMode): "-s" | "-x" {
  return mode === "shared" ? "-s" : "-x";
}

interface ChildEnd {
  readonly code: number | undefined;
  /** What it wrote to stderr. */
  readonly complaint: string;
  /** There is no such program. */
  readonly missing: boolean;
}

function readEnd({ code, complaint, missing }: ChildEnd): FlockAnswer {
  if (code === 0) return { kind: "locked" };
  if (missing || code === NO_FLOCK) return { kind: "no-flock" };
  if (/not supported|not implemented/i.test(complaint)) return { kind: "unsupported" };
  return { kind: "failed", reason: complaint.trim() || `flock ended with ${code ?? "a signal"}` };
}

function run(program: string, args: readonly string[], extra: readonly (number | "pipe")[]): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    // With a working directory that surely exists, ENOENT can only mean that there is no such program.
    const child: ChildProcess = spawn(program, args, {
      cwd: "/",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "ignore", "pipe", ...extra],
    });
    const stderr: Readable | null = child.stderr;
    let complaint = "";
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, 1000);
    });
    child.once("error", (error) => {
      if (errnoOf(error) === "ENOENT") resolve({ code: undefined, complaint, missing: true });
      else reject(error);
    });
    child.once("close", (code) => resolve({ code: code ?? undefined, complaint, missing: false }));
  });
}
