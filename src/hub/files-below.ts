import { readdirSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "./files.ts";

/** Files, links and empty directories below a directory, relative, `/` between names; nothing when it does not exist. */
export function* filesBelow(root: string, below = ""): Generator<string, void> {
  const entries = entriesOf(join(root, below));
  if (entries.length === 0 && below !== "") yield below;
  for (const entry of entries) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else yield path;
  }
}

function entriesOf(directory: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
