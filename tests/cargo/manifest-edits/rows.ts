import type { EditRow } from "./edit-world.ts";

/** The head of a package's manifest. */
export const PACKAGE = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n';

/** The head of another package's manifest. */
export function packageHead(name: string, version = "0.2.0"): string {
  return `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n`;
}

/** A row: its name, the manifest or all files, and the arguments, taken apart at blanks but for what stands in `'…'`. */
export type Shorthand = readonly [
  name: string,
  files: string | Readonly<Record<string, string>>,
  args: string,
  more?: Pick<EditRow, "unusedPatches">,
];

/** Writes rows out. A manifest that is only text is the project's own. */
export function rowsOf(topic: string, shorthands: readonly Shorthand[]): readonly EditRow[] {
  return shorthands.map(([name, files, args, more]) => ({
    name: `${topic}: ${name}`,
    files: typeof files === "string" ? { "Cargo.toml": files } : files,
    args: Array.from(args.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? ""),
    ...more,
  }));
}
