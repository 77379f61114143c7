import { type ErrorParts, HubError, quote } from "../errors/index.ts";

export type ArchiveErrorCode =
  | "archive/unreadable"
  | "archive/not-gzip"
  | "archive/truncated"
  | "archive/corrupt"
  | "archive/trailing-data"
  | "archive/bad-header"
  | "archive/outside"
  | "archive/bad-name"
  | "archive/bad-link"
  | "archive/unsupported-entry"
  | "archive/conflict"
  | "archive/too-large"
  | "archive/empty"
  | "archive/write-failed";

/** A crate file that is refused, or that could not be read or unpacked. */
export class ArchiveError extends HubError<ArchiveErrorCode> {
  /** The name of the entry at fault as the archive spells it; absent when the fault is the archive's as a whole. */
  readonly entry: string | undefined;

  constructor(parts: ErrorParts<ArchiveErrorCode> & { readonly entry?: string }) {
    super(parts);
    this.entry = parts.entry;
  }
}

/** What went wrong, without the place: the maker of a {@link Complain} knows that. */
export interface Complaint {
  readonly code: ArchiveErrorCode;
  /** Follows the entry's name, if there is one: `entry "x" is a fifo`. */
  readonly what: string;
  readonly entry?: string;
  readonly cause?: unknown;
}

/** Makes the error for one crate file; the caller throws it. */
export type Complain = (complaint: Complaint) => ArchiveError;

const FETCH_AGAIN = "download the crate file again; if it stays the same, the registry holds a damaged file";
const REPORT = "do not use this package; tell the registry and the package's owner what it contains";

const help: Readonly<Record<ArchiveErrorCode, string>> = {
  "archive/unreadable": "check that the crate file exists and can be read",
  "archive/not-gzip": FETCH_AGAIN,
  "archive/truncated": FETCH_AGAIN,
  "archive/corrupt": FETCH_AGAIN,
  "archive/trailing-data": FETCH_AGAIN,
  "archive/bad-header": "pack the crate again with `cargo package`, which writes well-formed archives",
  "archive/outside": REPORT,
  "archive/bad-name": "rename the file in the package and publish a new version",
  "archive/bad-link": "replace the link by the file itself and publish a new version",
  "archive/unsupported-entry": REPORT,
  "archive/conflict": REPORT,
  "archive/too-large": "check what the package contains before you raise the limit",
  "archive/empty": FETCH_AGAIN,
  "archive/write-failed": "check free space and permissions of the directory, then try again",
};

/** Binds the place of one crate file, so that readers below need to know only what is wrong. */
export function complaintsAbout(where: string): Complain {
  return ({ code, what, entry, cause }) =>
    new ArchiveError({
      code,
      what: entry === undefined ? what : `entry ${quote(entry)} ${what}`,
      where,
      help: help[code],
      ...(entry === undefined ? {} : { entry }),
      ...(cause === undefined ? {} : { cause }),
    });
}
