// `npm run api` writes api/<room>.txt: what each room's index.ts offers, with signatures, sorted and without comments.
// A changed door shows up there and is reviewed first. `--check` compares instead of writing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { declaredNames, nameLists, splitStatements } from "./declarations.mjs";
import { installPackages, repository } from "./install.mjs";

const types = join(repository, ".build", "types");

/** The text of one room's door. */
function describeDoor(room) {
  const index = join(types, room, "index.d.ts");
  const offered = exportsOf(index).sort((a, b) => (a.as < b.as ? -1 : a.as > b.as ? 1 : 0));
  const blocks = offered.flatMap(({ name, as, path }) => {
    const texts = signatures(path, name);
    return as === name ? texts : texts.map((text) => `${text}\n  as ${as}`);
  });
  return `The door of src/${room}, written by \`npm run api\`.\n${blocks.map((block) => `\n${block}\n`).join("")}`;
}

/** What a file exports: names declared there and names handed on. */
function exportsOf(path) {
  const statements = splitStatements(readFileSync(path, "utf8"));
  const found = [];
  for (const { kind, from, items } of nameLists(statements)) {
    if (kind === "export") for (const { name, as } of items) found.push({ name, as, path: target(path, from) });
  }
  for (const name of declaredNames(statements.filter((statement) => statement.startsWith("export "))).keys()) {
    found.push({ name, as: name, path });
  }
  return found;
}

/** Follows re-exports and imports until the file that declares `name`. */
function signatures(path, name) {
  if (!path.endsWith(".d.ts")) return [`${name} from the package ${path}`];
  const statements = splitStatements(readFileSync(path, "utf8"));
  const declared = declaredNames(statements).get(name);
  if (declared !== undefined) return declared;
  for (const { from, items } of nameLists(statements)) {
    const item = from === undefined ? undefined : items.find(({ as }) => as === name);
    if (item !== undefined) return signatures(target(path, from), item.name);
  }
  throw new Error(`${path}: no declaration of ${name}`);
}

function target(path, from) {
  if (from === undefined) return path;
  return from.startsWith(".") ? join(dirname(path), from.replace(/\.ts$/, ".d.ts")) : from;
}

function write(directory, rooms) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const room of rooms) writeFileSync(join(directory, `${room}.txt`), describeDoor(room));
}

installPackages();
const compiled = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-b", "src/cli"], {
  cwd: repository,
  stdio: "inherit",
});
if (compiled.status !== 0) {
  console.error("The doors are read from the compiler's declarations; mend the errors above first.");
  process.exit(1);
}
const rooms = readdirSync(join(repository, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(types, entry.name, "index.d.ts")))
  .map((entry) => entry.name)
  .sort();
if (process.argv.includes("--check")) {
  write(join(repository, ".build", "api"), rooms);
  const difference = spawnSync("git", ["diff", "--no-index", "--no-color", "api", ".build/api"], {
    cwd: repository,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (difference.status !== 0) {
    console.error("A door changed. If that is meant: npm run api, and commit api/ with the change.");
    process.exitCode = 1;
  }
} else {
  write(join(repository, "api"), rooms);
}
