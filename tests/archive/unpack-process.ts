import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ArchiveError, compareCrate, unpackCrate } from "../../src/archive/index.ts";

/*
 * Unpacks a crate file on whatever disk it is run, compares it, edits a file and compares again.
 * Arguments: the crate file, its top directory, an empty directory.
 */
const [path = "", topDirectory = "", root = ""] = process.argv.slice(2);
const crate = readFileSync(path);
const into = join(root, topDirectory);
const umask = 0o022;
mkdirSync(into);

async function differences(): Promise<string[]> {
  const compared = await compareCrate({ crate, topDirectory, directories: [into], umask });
  return compared.differences.map((found) => `${found.kind} ${found.path}: ${found.reason}`).toSorted();
}

async function report(): Promise<unknown> {
  const { files, symlinks } = await unpackCrate({ crate, topDirectory, into, umask });
  const listed = readdirSync(into, { recursive: true, encoding: "utf8" }).toSorted();
  const times = files.map((file) => lstatSync(join(into, file.path)).mtimeMs / 1000 - file.mtimeSeconds);
  const before = await differences();
  writeFileSync(join(into, "src/lib.rs"), readFileSync(join(into, "src/lib.rs"), "latin1").replace(/^./, "#"));
  writeFileSync(join(into, "src/more.rs"), "");
  return {
    files: files.map((file) => file.path).toSorted(),
    symlinks: symlinks.length,
    listed,
    latest: Math.max(...times.map(Math.abs)),
    before,
    after: await differences(),
  };
}

process.stdout.write(
  JSON.stringify(
    await report().catch((error: unknown) => {
      if (!(error instanceof ArchiveError)) throw error;
      return { code: error.code, entry: error.entry, what: error.what };
    }),
  ),
);
