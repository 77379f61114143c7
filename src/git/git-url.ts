import { quote } from "../errors/index.ts";
import { GitError } from "./git-error.ts";

/** Protocols that git may speak for us; each is a program of git's own. */
export type GitProtocol = "https" | "http" | "ssh" | "git" | "file";

const PROTOCOLS: readonly GitProtocol[] = ["https", "http", "ssh", "git", "file"];

/** A URL that can be handed to git: it is no option, no helper and holds nothing that git decodes into something else. */
export interface GitUrl {
  /** As git and cargo get it. May hold credentials: never show it, see {@link GitUrl.shown}. */
  readonly href: string;
  /** Without user, password and query. */
  readonly shown: string;
  readonly protocol: GitProtocol;
}

/**
 * Checks the URL of a repository.
 *
 * cargo takes URLs only, so `git@host:path` is refused as it refuses it.
 *
 * @throws {GitError} `git/url-refused`.
 */
export function parseGitUrl(text: string): GitUrl {
  if (hasBlankOrControl(text)) throw refused(text, "it holds a blank or a control character");
  if (text.startsWith("-")) throw refused(text, "git would take it for an option");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refused(text, scpHint(text));
  const protocol = PROTOCOLS.find((name) => url.protocol === `${name}:`);
  if (protocol === undefined) throw refused(text, `only ${PROTOCOLS.join(", ")} are allowed, no helpers`);
  if (!/^[a-z]+:\/\//i.test(text)) throw refused(text, "it has no // behind its protocol");
  if (protocol === "file" ? url.host !== "" : url.hostname === "")
    throw refused(text, protocol === "file" ? "a file has no host" : "it has no host");
  const parts = [url.username, url.password, url.hostname, url.pathname, url.search];
  for (const part of parts) {
    const decoded = decode(part);
    if (decoded === undefined || hasControl(decoded)) throw refused(text, "it holds an encoded control character");
    if (decoded.startsWith("-")) throw refused(text, "a part of it would be taken for an option");
  }
  if (protocol !== "file" && /^\/+-/.test(decode(url.pathname) ?? ""))
    throw refused(text, "a part of it would be taken for an option");
  return { href: url.href, shown: shownUrl(url), protocol };
}

/**
 * The URL of a submodule, resolved as cargo does: only `./` and `../` are relative, to the URL of the repository above.
 *
 * @throws {GitError} `git/url-refused`; also for a `file:` URL below a repository that came from elsewhere.
 */
export function submoduleUrl(above: GitUrl, written: string): GitUrl {
  const relative = written.startsWith("./") || written.startsWith("../");
  const base = new URL(above.href);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  if (relative && !URL.canParse(written, base.href)) throw refused(written, "it can not be joined to the URL above it");
  const url = parseGitUrl(relative ? new URL(written, base).href : written);
  if (url.protocol === "file" && above.protocol !== "file")
    throw refused(written, "a repository from elsewhere must not name one on this machine");
  return url;
}

/** Takes what a URL must not show out of a text that quotes it. */
export function withoutSecrets(text: string, { href, shown }: GitUrl): string {
  const { protocol, username, password, search } = new URL(href);
  const user = protocol === "ssh:" ? "" : username; // a token stands there in http only; `git` is no secret
  const secrets = [href, search.slice(1), password, decode(password) ?? "", user, decode(user) ?? ""];
  return secrets
    .filter((secret) => secret.length > 2 && !shown.includes(secret))
    .reduce((result, secret) => result.replaceAll(secret, secret === href ? shown : "***"), text);
}

function shownUrl(url: URL): string {
  const shown = new URL(url.href);
  shown.username = "";
  shown.password = "";
  shown.search = "";
  shown.hash = "";
  return shown.href;
}

function scpHint(text: string): string {
  return /^[^/]+:(?!\/\/)./.test(text)
    ? "it is no URL; cargo wants ssh:// in front and a slash instead of the colon"
    : "it is no URL";
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return /%(?:[01][0-9a-f]|7f)/i.test(part) ? undefined : part;
  }
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function hasBlankOrControl(text: string): boolean {
  return text.includes(" ") || hasControl(text);
}

function refused(text: string, reason: string): GitError {
  const isUrl = URL.canParse(text) && /^[a-z]+:\/\//i.test(text);
  const shown = isUrl ? shownUrl(new URL(text)) : text.replace(/^[^/@\s]*:[^@]*@/, "***@");
  return new GitError({
    code: "git/url-refused",
    what: `${quote(shown)} is not handed to git: ${reason}`,
    help: "write the URL of the repository with https:// or ssh:// in front, as git itself takes it",
  });
}
