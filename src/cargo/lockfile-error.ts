import { HubError } from "../errors/index.ts";

/** The codes of {@link LockfileError}. */
export type LockfileErrorCode =
  | "cargo/lockfile-syntax"
  | "cargo/lockfile-version"
  | "cargo/lockfile-checksum"
  | "cargo/lockfile-duplicate"
  | "cargo/lockfile-collision"
  | "cargo/lockfile-incomplete"
  | "cargo/lockfile-merge";

/** A Cargo.lock that cannot be used. */
export class LockfileError extends HubError<LockfileErrorCode> {}

/** The next step for a file that cargo did not leave like this. */
export const RESTORE =
  "restore Cargo.lock from version control, or delete it and let `cargo generate-lockfile` write a new one";

const MOST_SHOWN = 120;

/** Quotes `text` for a message; a damaged file may hold long ones. */
export function shown(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
}
