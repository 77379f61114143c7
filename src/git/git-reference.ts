import type { GitReference } from "../cargo/index.ts";
import { quote } from "../errors/index.ts";
import { GitError } from "./git-error.ts";

/**
 * Checks what a dependency asks for, before git sees it: it must be a name that git allows for references, and no option.
 *
 * @throws {GitError} `git/reference-refused`.
 */
export function checkReference(reference: GitReference | undefined): void {
  if (reference === undefined || isReferenceName(reference.value)) return;
  throw new GitError({
    code: "git/reference-refused",
    what: `${reference.kind} ${quote(reference.value)} is no name that git allows for a reference`,
    help: "correct the dependency in Cargo.toml",
  });
}

/** As a message names it. */
export function referenceText(reference: GitReference | undefined): string {
  return reference === undefined ? "the default branch" : `${reference.kind} ${quote(reference.value)}`;
}

/** The rules of `git check-ref-format --allow-onelevel`, and no hyphen in front. */
function isReferenceName(name: string): boolean {
  if (name === "" || name === "@" || name.startsWith("-") || name.endsWith(".")) return false;
  if (/[ ~^:?*[\\]|\.\.|@\{/.test(name) || hasControl(name)) return false;
  return name.split("/").every((step) => step !== "" && !step.startsWith(".") && !step.endsWith(".lock"));
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
