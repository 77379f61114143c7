import type { System } from "./system.ts";

/** How often a file operation is tried again, and after which errors. */
export interface Patience {
  readonly errors: ReadonlySet<string>;
  /** Milliseconds before each further attempt; none: it is tried once. */
  readonly delaysMs: readonly number[];
}

const NONE: Patience = { errors: new Set(), delaysMs: [] };

/**
 * Windows refuses to rename, replace or remove what somebody has open: a virus scanner that looks at a new file, an indexer, an editor. Most
 * let go within moments. Elsewhere the same errors are about permissions, and do not pass.
 */
const WINDOWS: Patience = {
  errors: new Set(["EPERM", "EACCES", "EBUSY", "ENOTEMPTY"]),
  delaysMs: [10, 20, 40, 80, 160, 320, 640, 1280],
};

/** The patience that a system needs: two and a half seconds on Windows, none elsewhere. */
export function patienceOn(system: System): Patience {
  return system === "windows" ? WINDOWS : NONE;
}

/** What {@link withPatience} needs of the world. */
export interface Waiting {
  readonly patience: Patience;
  /** Waits, without giving way to other work. */
  readonly sleep: (ms: number) => void;
}

/** Runs `action`; after an error that may pass, again a little later. The last error is thrown as it is. */
export function withPatience<Result>(action: () => Result, { patience, sleep }: Waiting): Result {
  for (const delay of patience.delaysMs) {
    try {
      return action();
    } catch (error) {
      if (!patience.errors.has(codeOf(error))) throw error;
    }
    sleep(delay);
  }
  return action();
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
