import type { SourceId } from "./source-id.ts";

const PARTS = /^([^:/?#]+:\/\/)([^/?#]*)([^?#]*)(\?[^#]*)?/;

/**
 * The URL by which Cargo decides whether two sources are one: no trailing slash, no `.git`, and for GitHub always
 * `https` and a lower-case path. A sparse source keeps its `sparse+`.
 *
 * Git and registry URLs pass the URL parser first; `file://` URLs of local sources stay as written, because Cargo
 * hashes them unfolded.
 */
export function canonicalUrl(source: Pick<SourceId, "kind" | "url">): string {
  const { kind } = source;
  const local = kind === "path" || kind === "directory" || kind === "local-registry";
  const url = kind === "sparse" ? `sparse+${source.url}` : source.url;
  return canonicalText(local ? url : new URL(url).href);
}

function canonicalText(url: string): string {
  const [, scheme = "", authority = "", writtenPath = "", query = ""] = PARTS.exec(url) ?? [];
  let path = writtenPath.length > 1 && writtenPath.endsWith("/") ? writtenPath.slice(0, -1) : writtenPath;
  const onGitHub = hostOf(authority) === "github.com";
  if (onGitHub) path = path.toLowerCase();
  if (path.endsWith(".git")) path = withoutGitSuffix(path);
  return `${onGitHub ? "https://" : scheme}${authority}${path}${query}`;
}

/** Cargo takes the suffix off by writing the last segment anew, which encodes its percent signs a second time. */
function withoutGitSuffix(path: string): string {
  const start = path.lastIndexOf("/") + 1;
  return path.slice(0, start) + path.slice(start, -".git".length).replaceAll("%", "%25");
}

/** The host of a source's URL as written: no port, no user; `""` for `file://`; brackets around IPv6 stay. */
export function urlHost(source: Pick<SourceId, "kind" | "url">): string {
  const url = source.kind === "sparse" ? `sparse+${source.url}` : source.url;
  const parsed = source.kind === "registry" || source.kind === "sparse" ? new URL(url).href : url;
  return hostOf(PARTS.exec(parsed)?.[2] ?? "");
}

function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  return end <= 0 ? host : host.slice(0, end);
}

/** The last path segment of a canonical URL; `""` when the path is empty or `/`. */
export function lastPathSegment(canonical: string): string {
  const path = PARTS.exec(canonical)?.[3] ?? "";
  return path.slice(path.lastIndexOf("/") + 1);
}
