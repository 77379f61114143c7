import { HubError } from "../errors/index.ts";

/** The codes of {@link VersionError}. */
export type VersionErrorCode = "semver/bad-version" | "semver/bad-requirement";

/** Text that is not a version, or not a version requirement, by Cargo's rules. */
export class VersionError extends HubError<VersionErrorCode> {}

const MOST_SHOWN = 80;

/** Quotes `text` for a message; hostile input may be long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
}
