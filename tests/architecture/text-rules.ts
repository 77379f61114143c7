import type { RepositoryFile } from "./repository-files.ts";

const longestFileLines = 300;

/**
 * Hosts of package registries, and words that belong to one machine. Both are put together here, so that this file does
 * not contain what it looks for.
 */
const hosts = [
  ["index.", "crates.io"],
  ["static.", "crates.io"],
  ["registry.", "npmjs"],
  ["proxy.", "golang"],
  ["python", "hosted"],
  ["deb.", "debian."],
  ["security.", "debian."],
].map((pieces) => pieces.join(""));
const places = [
  ["farm", "-bench"],
  ["farm", "-studio"],
  ["../", "shared"],
  ["/wo", "rk/"],
  ["/.lib", "rary"],
].map((pieces) => pieces.join(""));

/** Finds the names of package registries' hosts; the default upstream is made from its domain at run time. */
export function hostViolations(files: readonly RepositoryFile[]): readonly string[] {
  return files.flatMap((file) => mentions(file, hosts));
}

/** Finds paths and names that exist only where the code was written. The set-up script may look for its neighbours. */
export function placeViolations(files: readonly RepositoryFile[]): readonly string[] {
  return files.filter(({ path }) => !path.startsWith(".ci/")).flatMap((file) => mentions(file, places));
}

function mentions({ path, text }: RepositoryFile, words: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  return words.flatMap((word) => {
    const at = lower.indexOf(word);
    return at === -1 ? [] : [`${path}:${lower.slice(0, at).split("\n").length}: mentions «${word}»`];
  });
}

/** Finds code files that tell more than one story. */
export function lengthViolations(files: readonly RepositoryFile[]): readonly string[] {
  return files
    .filter(({ path }) => /^(?:src|tests|scripts|bench)\/.*\.(?:ts|mjs)$/.test(path))
    .filter(({ path }) => !path.startsWith("tests/fixtures/"))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > longestFileLines)
    .map(({ path, lines }) => `${path}: has ${lines} lines, more than ${longestFileLines}`);
}

/** What package.json must not ask for: everything is bundled, so that the package installs with no network. */
export function manifestViolations(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  return ["dependencies", "peerDependencies", "bundleDependencies", "bundledDependencies"]
    .filter((field) => manifest[field] !== undefined)
    .map((field) => `package.json: has ${field}`);
}

/** What package-lock.json must not record: where a package was downloaded. */
export function lockViolations(text: string): readonly string[] {
  return /"resolved"\s*:/.test(text) ? ["package-lock.json: records download addresses"] : [];
}
