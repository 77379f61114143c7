const PACKAGE_NAME = /^[\p{XID_Start}_][\p{XID_Continue}-]*$/u;

/**
 * Whether `text` is a name that cargo accepts for a package: it starts with a letter or `_` and goes on with letters,
 * digits, `_` and `-`. Letters are Unicode's, as in Rust identifiers. Such a name is always one safe path component.
 *
 * @see The Cargo Book, "The `name` field"; public registries allow ASCII only.
 */
export function isPackageName(text: string): boolean {
  return PACKAGE_NAME.test(text);
}

/**
 * The path of a package's file inside a registry index: `to/ki/tokio`, always lower-case, with `/` everywhere.
 *
 * @param name A package name, in any letter case.
 * @see The Cargo Book, "Index files".
 */
export function indexPath(name: string): string {
  const lower = name.toLowerCase();
  if (lower.length < 3) return `${lower.length}/${lower}`;
  if (lower.length === 3) return `3/${lower.slice(0, 1)}/${lower}`;
  return `${lower.slice(0, 2)}/${lower.slice(2, 4)}/${lower}`;
}
