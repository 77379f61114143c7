import { isWindowsPath, rootOf } from "../system/index.ts";

/**
 * The `file://` URL of an absolute path as Rust's `url` crate makes it, and so cargo: it is hashed into the idents of local registries.
 *
 * Fewer characters are encoded than by Node's `pathToFileURL`, and `..` is not folded. On Windows a drive becomes `file:///C:/`, a share
 * `file://server/share/`, and the prefix `\\?\` is dropped.
 *
 * @param path Of either kind of system, by how it begins. No slash at its end counts.
 */
export function fileUrl(path: string): string {
  if (!isWindowsPath(path)) return `file:///${segments(path.split("/"))}`;
  const root = rootOf(path);
  const place = root.replace(/^\\\\[?.]\\(?:UNC\\)?/, "").replace(/^[\\/]{2}/, "");
  const below = segments([...place.split(/[\\/]+/), ...path.slice(root.length).split(/[\\/]+/)]);
  if (/^[A-Za-z]:/.test(place)) return `file:///${below}${below.length === "C:".length ? "/" : ""}`;
  return `file://${below.replace(/^[^/]*/, (server) => server.toLowerCase())}`;
}

function segments(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "" && part !== ".")
    .map((part) => part.replaceAll(/[\0-\x20"#%<>?`{}\\\x7f-\u{10ffff}]+/gu, encodeURIComponent))
    .join("/");
}
