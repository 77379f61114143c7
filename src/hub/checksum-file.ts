/** Files that `cargo vendor` leaves out of its list as well: git may change or hide them. */
const unlisted: ReadonlySet<string> = new Set([".gitignore", ".gitattributes", ".cargo-ok", ".cargo-checksum.json"]);

/** Whether a file of a package belongs into the list of its `.cargo-checksum.json`; `/` separates. */
export function isListed(path: string): boolean {
  return !unlisted.has(path.slice(path.lastIndexOf("/") + 1));
}
