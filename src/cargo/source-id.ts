import { HubError } from "../errors/index.ts";
import { canonicalUrl } from "./canonical-url.ts";
import { cratesIoSparseRoot } from "./default-upstream.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Where packages come from, by protocol. `registry` is a registry whose index is a git repository. */
export type SourceKind = "registry" | "sparse" | "git" | "local-registry" | "directory" | "path";

/** What a git dependency asks for; none of these is the remote's default branch. */
export interface GitReference {
  readonly kind: "branch" | "tag" | "rev";
  /** As the manifest has it, nothing encoded. */
  readonly value: string;
}

/** A source of packages, as lockfiles and configurations name it. */
export interface SourceId {
  readonly kind: SourceKind;
  /**
   * Without any `registry+`, `sparse+` or `git+`. For `sparse` the index root, which ends in a slash; for
   * `local-registry`, `directory` and `path` a `file://` URL, kept as written.
   */
  readonly url: string;
  /** Only for `git`; absent for the default branch. */
  readonly reference?: GitReference | undefined;
  /** Only for `git`: the locked commit, hexadecimal in lower case. */
  readonly precise?: string | undefined;
}

/** The code of {@link SourceIdError}. */
export type SourceIdErrorCode = "cargo/source-id-invalid";

/** Text that names no source Cargo knows. */
export class SourceIdError extends HubError<SourceIdErrorCode> {}

/** Versions of Cargo.lock. Version 4 encodes the values of git references; older ones write them raw. */
export type LockfileVersion = 1 | 2 | 3 | 4;

/** The public registry, as every lockfile names it, whichever protocol or mirror delivers its packages. */
export const CRATES_IO: SourceId = { kind: "registry", url: "https://github.com/rust-lang/crates.io-index" };

const REFERENCE = /\?(branch|tag|rev|ref)=/;

const PREFIXES: readonly (readonly [string, SourceKind])[] = [
  ["registry+", "registry"],
  ["sparse+", "sparse"],
  ["git+", "git"],
  ["path+", "path"],
  ["local-registry+", "local-registry"],
  ["directory+", "directory"],
];

/**
 * Reads a source string of a lockfile, such as `registry+https://…` or `git+https://…?tag=v1#<commit>`.
 *
 * @param at Where the text stands, for error messages: `Cargo.lock:12`.
 * @param lockVersion The lockfile's version, which decides how a git reference is encoded.
 * @throws {SourceIdError} `cargo/source-id-invalid`: unknown kind, not a URL, or a commit that is not hexadecimal.
 * @see The Cargo Book, "Cargo.toml vs Cargo.lock"; the encoding changed with lockfile version 4.
 */
export function parseSourceId(text: string, at: string, lockVersion: LockfileVersion = 4): SourceId {
  for (const [prefix, kind] of PREFIXES) {
    if (!text.startsWith(prefix)) continue;
    const rest = text.slice(prefix.length);
    if (kind === "git") return parseGitSource(rest, at, lockVersion);
    if (kind === "registry") return { kind, url: normalUrl(rest, at) };
    if (kind === "sparse") return { kind, url: normalUrl(text, at).slice(prefix.length) };
    normalUrl(rest, at);
    return { kind, url: rest };
  }
  throw invalid(text, "it starts with no kind of source that Cargo has", at);
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

function parseGitSource(text: string, at: string, lockVersion: LockfileVersion): SourceId {
  const hash = commitMark(text, lockVersion);
  const precise = hash === -1 ? undefined : text.slice(hash + 1);
  if (precise !== undefined && !COMMIT.test(precise)) throw invalid(text, "behind # stands no full commit", at);
  const location = hash === -1 ? text : text.slice(0, hash);
  const question = REFERENCE.exec(location);
  if (question === null) return { kind: "git", url: normalUrl(location, at), reference: undefined, precise };
  const raw = location.slice(question.index + question[0].length);
  const value = lockVersion === 4 ? decodeFormValue(raw) : raw;
  const reference: GitReference = { kind: referenceKind(question[1]), value };
  return { kind: "git", url: normalUrl(location.slice(0, question.index), at), reference, precise };
}

/**
 * Where the `#` before the commit stands. Version 4 is a URL, read as one. Before, a reference's value stands raw and
 * may itself hold `#`: then only a commit at the end is one. (Cargo misreads such values; those who wrote them did not.)
 */
function commitMark(text: string, lockVersion: LockfileVersion): number {
  if (lockVersion === 4 || !REFERENCE.test(text)) return text.indexOf("#");
  const last = text.lastIndexOf("#");
  return COMMIT.test(text.slice(last + 1)) ? last : -1;
}

function referenceKind(name: string | undefined): GitReference["kind"] {
  return name === "tag" || name === "rev" ? name : "branch";
}

function decodeFormValue(raw: string): string {
  return new URLSearchParams(`value=${raw}`).get("value") ?? "";
}

function encodeFormValue(value: string): string {
  const parameters = new URLSearchParams();
  parameters.append("value", value);
  return parameters.toString().slice("value=".length);
}

function normalUrl(text: string, at: string): string {
  if (hasBlankOrControl(text)) throw invalid(text, "it holds a blank or a control character", at);
  try {
    return new URL(text).href;
  } catch {
    throw invalid(text, "it is not an absolute URL", at);
  }
}

/** The URL parser drops such characters silently; Cargo never writes them. */
function hasBlankOrControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}

function invalid(text: string, why: string, at: string): SourceIdError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new SourceIdError({
    code: "cargo/source-id-invalid",
    what: `"${shown}" names no source: ${why}`,
    where: at,
    help: "restore the file from version control, or let cargo write it anew with `cargo generate-lockfile`",
  });
}

/**
 * Writes a source as a lockfile of version `lockVersion` has it, with the commit of a git source when there is one.
 * Lockfiles name no source for `path` packages; for other uses it is `path+file://…`.
 */
export function formatSourceId(id: SourceId, lockVersion: LockfileVersion = 4): string {
  let text = `${id.kind}+${id.url}`;
  if (id.reference !== undefined) {
    const { kind, value } = id.reference;
    text += `?${kind}=${lockVersion === 4 ? encodeFormValue(value) : value}`;
  }
  return id.precise === undefined ? text : `${text}#${id.precise}`;
}

const KIND_ORDER: Readonly<Record<SourceKind, number>> = {
  path: 0,
  registry: 1,
  sparse: 2,
  "local-registry": 3,
  directory: 4,
  git: 5,
};

const REFERENCE_ORDER: Readonly<Record<GitReference["kind"], number>> = { tag: 0, branch: 1, rev: 2 };
const DEFAULT_BRANCH_ORDER = 3;

/** Cargo's order of sources: by kind, inside git by reference, then by canonical URL. The locked commit is no part of it. */
export function compareSourceIds(a: SourceId, b: SourceId): number {
  if (a === b) return 0;
  return (
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] ||
    compareReferences(a.reference, b.reference) ||
    compareUtf8(canonicalUrl(a), canonicalUrl(b))
  );
}

function compareReferences(a: GitReference | undefined, b: GitReference | undefined): number {
  const left = a === undefined ? DEFAULT_BRANCH_ORDER : REFERENCE_ORDER[a.kind];
  const right = b === undefined ? DEFAULT_BRANCH_ORDER : REFERENCE_ORDER[b.kind];
  return left - right || compareUtf8(a?.value ?? "", b?.value ?? "");
}

/** Whether Cargo takes both for one source: URLs that differ only in a trailing slash, in `.git` or in GitHub's letter case do. */
export function sameSource(a: SourceId, b: SourceId): boolean {
  return compareSourceIds(a, b) === 0;
}

/** Whether `id` is the public registry, by its git index or by its sparse root. */
export function isCratesIo(id: SourceId): boolean {
  if (id.kind === "registry") return id.url === CRATES_IO.url;
  return id.kind === "sparse" && id.url === cratesIoSparseRoot();
}
